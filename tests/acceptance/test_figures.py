"""Two agents and six calls on real parts: the figures are those that somebody counts who has watched."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean
from typing import Any

import pytest

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, ended, masked, ran
from tests.cast import AINO, ANNA, BO, KALLE, LIISA, MATTI, PEKKA, REPLY_NUMBER
from tests.testbed.daemon import Daemon
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import PLAIN_SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork

ANSWERS = {str(value): str(value) for value in range(1, 6)}
QUESTION = {"id": "satisfaction", "text": "1-5?", "metric": "csat", "answers": ANSWERS}
SURVEY = {"after": "1s", "min_talk": "0s", "expires": "8s", "questions": [QUESTION], "thanks": None}
CHANGES = {"services": {"support": {"welcome": None, "survey": SURVEY}}}

ALL = {
    "offered": 6, "answered": 4, "abandoned": 2, "timed_out": 0, "left_otherwise": 0, "waiting": 0,
    "abandon_rate": round(2 / 6, 4), "surveys_sent": 4, "surveys_answered": 2, "response_rate": 0.5,
    "csat_answers": 2, "csat": 0.5, "nps_answers": 0, "callbacks_accepted": 0,
}  # fmt: skip
OF_ANNA = {"agent_name": "Anna", "offered": 2, "answered": 2, "surveys_sent": 2, "surveys_answered": 1, "csat": 1.0}
OF_BO = {"agent_name": "Bo", "offered": 2, "answered": 2, "surveys_sent": 2, "surveys_answered": 1, "csat": 0.0}
NOBODY = {"agent_name": None, "offered": 2, "answered": 0, "abandoned": 2, "surveys_sent": 0, "csat": None}


async def talks(daemon: Daemon, network: PhoneNetwork, pbx: Pbx, kannel: Kannel, number: str, agent: str) -> None:
    """A call that this agent answers, and the question that follows it."""
    call = await calls_in(network, daemon, number, PLAIN_SUPPORT_NUMBER)
    name = {"agent1": "Anna", "agent2": "Bo"}[agent]
    await pbx.log_on("support", agent, name=name)
    ringing = await network.agent(agent).rings()
    await ringing.answer()
    await daemon.fact("queue.answered", number=masked(number))
    await call.hang_up()
    await ended(daemon, number)
    await pbx.log_off("support", agent)
    await kannel.phone(number).receives()
    await daemon.fact("survey.asked", number=masked(number))


async def hangs_up(daemon: Daemon, network: PhoneNetwork, number: str, *, count: int = 1) -> None:
    call = await calls_in(network, daemon, number, PLAIN_SUPPORT_NUMBER)
    await call.hang_up()
    await ended(daemon, number, count=count)


async def stats(daemon: Daemon, by: str, *more: str | Path) -> list[dict[str, Any]]:
    done = await ran("stats", "-c", daemon.file, "--by", by, "--format", "json", *more)
    assert (done.code, done.errors) == (0, "")
    rows: list[dict[str, Any]] = json.loads(done.output)
    return rows


async def test_figures_are_those_that_were_counted_by_hand(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, pbx: Pbx, tmp_path: Path
) -> None:
    queue_log = pbx.log.parent / "queue_log"
    before = queue_log.stat().st_size
    daemon = await start_daemon(CHANGES)

    await talks(daemon, network, pbx, kannel, MATTI, "agent1")
    for _ in range(2):
        await kannel.send_text(MATTI, REPLY_NUMBER, "5")
    await daemon.fact("survey.completed", number=masked(MATTI))
    await talks(daemon, network, pbx, kannel, LIISA, "agent2")
    await kannel.send_text(LIISA, REPLY_NUMBER, "huono")
    await daemon.fact("survey.invalid", number=masked(LIISA))
    await talks(daemon, network, pbx, kannel, PEKKA, "agent1")
    await talks(daemon, network, pbx, kannel, AINO, "agent2")
    await kannel.send_text(AINO, REPLY_NUMBER, " 2. ")
    await daemon.fact("survey.completed", number=masked(AINO))
    await hangs_up(daemon, network, KALLE)
    await hangs_up(daemon, network, MATTI, count=2)
    await daemon.fact("survey.expired", number=masked(PEKKA))
    await kannel.send_text(PEKKA, REPLY_NUMBER, "1")
    await daemon.fact("sms.received", number=masked(PEKKA))

    [service] = await stats(daemon, "service")
    waits = [fact["wait"] for fact in daemon.find("queue.left", reason="answered")]
    lasted = [fact["talk"] for fact in daemon.find("call.ended") if "agent" in fact]
    assert service | ALL == service
    # A mean that lies between two milliseconds may be rounded to either.
    by_hand = pytest.approx((mean(waits), mean(lasted)), abs=0.001)
    assert (service["asa"], service["handle_time"]) == by_hand
    agents = {row["agent"]: row for row in await stats(daemon, "agent")}
    for agent, counted in ((ANNA, OF_ANNA), (BO, OF_BO), (None, NOBODY)):
        assert agents[agent] | counted == agents[agent]

    log = tmp_path / "facts.jsonl"
    log.write_text("".join(json.dumps(fact) + "\n" for fact in daemon.facts), encoding="utf-8")
    assert await stats(daemon, "service", "--log", log) == [service]
    assert {row["agent"]: row for row in await stats(daemon, "agent", "--log", log)} == agents

    past = tmp_path / "queue_log"
    past.write_bytes(queue_log.read_bytes()[before:])
    done = await ran("what-if", past, "-c", daemon.file, "--service", "support", "--by", "weekday", "--format", "json")
    assert done.code == 0, done.errors
    rows = json.loads(done.output)
    assert [sum(row[name] for row in rows) for name in ("calls", "asked")] == [6, 4]
