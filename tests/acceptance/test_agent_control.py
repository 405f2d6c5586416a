"""Supervisors pause agents and log them on and off: what counts is whose phone rings, and what app_queue says."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, joined
from tests.cast import ANNA, BO, LIISA, MATTI
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

UNGREETED = {"services": {"support": {"welcome": None}}}


async def act(daemon: Daemon, agent: str, action: str, **body: Any) -> tuple[int, dict[str, Any]]:
    """Send a request as another system does; the status and the answer."""
    url = f"{daemon.url}/api/agents/{quote(agent, safe='')}/{action}"
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            URL(url, encoded=True), json={"queue": "support", **body},
            headers={"Authorization": f"Bearer {TOKEN}"},
        ) as answer,
    ):  # fmt: skip
        return answer.status, await answer.json()


async def has(daemon: Daemon, agent: str, action: str, **body: Any) -> None:
    """It is done."""
    status, answer = await act(daemon, agent, action, **body)
    assert (status, answer) == (200, {"agent": agent, "queue": "support", "done": action})


async def members(pbx: Pbx) -> str:
    """What app_queue itself says about the members."""
    return await pbx.cli("queue show support")


async def test_a_paused_agent_is_not_rung_and_a_resumed_one_is(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    await pbx.log_on("support", "agent1", name="Anna")
    await has(daemon, ANNA, "pause", reason="lunch, until one")
    assert "(paused:lunch until one" in await members(pbx)
    fact = await daemon.fact("agent.paused")
    assert (fact["agent"], fact["queue"], fact["service"], fact["reason"], fact["by"], fact["user"]) == (
        ANNA, "support", "support", "lunch, until one", "staff", "token",
    )  # fmt: skip
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await joined(daemon, MATTI)
    await pbx.log_on("support", "agent2")
    await network.agent("agent2").rings()
    assert not network.agent("agent1").rung
    await has(daemon, ANNA, "resume")
    assert "paused" not in await members(pbx)
    await has(daemon, BO, "log_off")
    await network.agent("agent1").rings(within=15)
    assert [fact["event"] for fact in daemon.facts if fact["event"].startswith("agent.")] == [
        "agent.paused", "agent.resumed", "agent.logged_off",
    ]  # fmt: skip


async def test_an_agent_is_logged_on_and_off(start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx) -> None:
    daemon = await start_daemon(UNGREETED)
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await has(daemon, ANNA, "log_on", name="Anna Agentti")
    call = await network.agent("agent1").rings(within=10)
    assert "Anna Agentti" in await members(pbx)
    await call.answer()
    answered = await daemon.fact("queue.answered")
    assert (answered["agent"], answered["agent_name"]) == (ANNA, "Anna Agentti")
    await has(daemon, ANNA, "log_off")
    assert "No Members" in await members(pbx)
    # The conversation goes on.
    assert call.is_up


@pytest.mark.parametrize(
    ("agent", "action", "body", "status", "reason"),
    [
        (ANNA, "pause", {}, 404, "not_member"),
        (ANNA, "resume", {}, 404, "not_member"),
        (ANNA, "log_off", {}, 404, "not_member"),
        ("PJSIP/nobody", "log_on", {}, 404, "unknown_agent"),
        ("PJSIP/agent1,x", "log_on", {}, 404, "unknown_agent"),
        (ANNA, "log_on", {"queue": "of nobody"}, 404, "unknown_queue"),
    ],
)
async def test_what_cannot_be_done_is_said(
    start_daemon: StartDaemon, agent: str, action: str, body: dict[str, str], status: int, reason: str
) -> None:
    daemon = await start_daemon(UNGREETED)
    answered, problem = await act(daemon, agent, action, **body)
    assert (answered, problem.get("reason")) == (status, reason), problem
    if reason != "unknown_queue":
        assert (await daemon.fact("agent.action_failed"))["reason"] == reason


async def test_an_agent_logs_on_once_and_one_of_queues_conf_is_not_logged_off(
    start_daemon: StartDaemon, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    await has(daemon, ANNA, "log_on")
    status, problem = await act(daemon, ANNA, "log_on")
    assert (status, problem["reason"]) == (409, "already")
    await has(daemon, ANNA, "log_off")
    text = (pbx.etc / "queues.conf").read_text()
    await pbx.write_queues(text.replace("[support]", f"[support]\nmember => {BO}"))
    await has(daemon, BO, "pause")
    status, problem = await act(daemon, BO, "log_off")
    assert (status, problem["reason"]) == (409, "static")


async def test_nothing_is_left_over_and_an_old_dialplan_is_named(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    daemon = await start_daemon(UNGREETED)
    await pbx.log_on("support", "agent1")
    await has(daemon, ANNA, "pause")
    await pbx.is_silent(within=8)
    before = (pbx.etc / "extensions.conf").read_text()
    await pbx.write_extensions(before.replace("[callcentre-agents]", "[callcentre-of-yesterday]"))
    status, problem = await act(daemon, ANNA, "resume")
    assert (status, problem["reason"]) == (503, "dialplan")
    await pbx.is_silent()
    await calls_in(network, daemon, LIISA, SUPPORT_NUMBER)
