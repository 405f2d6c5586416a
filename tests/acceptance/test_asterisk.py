"""What Asterisk really does: each thing that the program leans on, seen without the program in between."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from callcentre.telephony.ari import Client
from callcentre.telephony.ari.reading import Reader
from callcentre.telephony.events import Member
from callcentre.telephony.queue_view.estimate import duty_of
from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import joined
from tests.cast import AINO, ANNA, BO, KALLE, LIISA, MATTI, PEKKA
from tests.testbed.ari import Ari
from tests.testbed.pbx import PLAIN_SUPPORT_NUMBER, Pbx, extensions_conf, queues_conf
from tests.testbed.phones import Call, PhoneNetwork
from tests.testbed.waiting import Changes

TIMES_OUT, IN_EXEC_IF, AT_THE_HEAD, HELD = (f"+35891234004{n}" for n in range(4))
DIALPLAN = f"""
exten => {TIMES_OUT},1,Answer()
 same => n,Queue(support,,,,1)
 same => n,Wait(60)
exten => {IN_EXEC_IF},1,Answer()
 same => n,ExecIf($[1 = 1]?Queue(support))
exten => {AT_THE_HEAD},1,Answer()
 same => n,Queue(support,,,,,,,,1)
exten => {HELD},1,Answer()
 same => n,Stasis(callcentre,enter,support)
 same => n,Queue(support)

[exit]
exten => *,1,Wait(60)
"""
SIGNS = ("ABANDONED", "MEMBERINTERFACE", "MEMBERNAME", "QUEUEPOSITION", "QUEUESTATUS")


class Seen:
    """What one application with all subscriptions is told."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._changes = Changes()

    def take(self, text: str) -> None:
        self.events.append(json.loads(text))
        self._changes.changed()

    async def event(self, kind: str, found: Callable[[dict[str, Any]], bool] = lambda _event: True) -> dict[str, Any]:
        """The first event of this type for which `found` says yes."""
        return await self._changes.wait_for(
            lambda: next((event for event in self.events if event["type"] == kind and found(event)), None),
            within=5,
            awaited=kind,
            seen=lambda: ", ".join(event["type"] for event in self.events[-30:]),
        )

    async def channel(self, number: str) -> str:
        """The channel of this caller at the PBX."""
        event = await self.event("ChannelCreated", lambda event: event["channel"]["caller"]["number"] == number)
        return str(event["channel"]["id"])

    async def gone(self, channel: str) -> None:
        await self.event("ChannelDestroyed", lambda event: event["channel"]["id"] == channel)

    def signs(self, channel: str) -> list[str]:
        """The variables that app_queue set on this channel, and an answered Dial and a key, in their order."""
        reported = []
        for event in self.events:
            if event["type"] == "Dial" and event.get("caller", {}).get("id") == channel:
                reported += ["Dial ANSWER"] if event["dialstatus"] == "ANSWER" else []
            elif event.get("channel", {}).get("id") == channel:
                match event["type"]:
                    case "ChannelVarset" if event["variable"] in SIGNS:
                        reported.append(f"{event['variable']}={event['value']}")
                    case "ChannelDtmfReceived":
                        reported.append(f"key {event['digit']}")
                    case "ChannelHangupRequest" if "hang-up" not in reported:
                        reported.append("hang-up")
                    case _:
                        pass
        return reported


@pytest_asyncio.fixture(loop_scope="session")
async def seen(pbx: Pbx) -> AsyncIterator[Seen]:
    await pbx.write_extensions(extensions_conf(more=DIALPLAN))
    seen, ari = Seen(), Ari(pbx.ari_url)
    await ari.listen("onlooker", seen.take, everything=True)
    yield seen
    await ari.close()


async def _abandons(call: Call, _pbx: Pbx, _network: PhoneNetwork) -> None:
    await call.hang_up()


async def _waits(call: Call, _pbx: Pbx, _network: PhoneNetwork) -> None:
    assert call.is_up


async def _presses_the_exit_key(call: Call, _pbx: Pbx, _network: PhoneNetwork) -> None:
    await call.press("*")


async def _is_answered(_call: Call, pbx: Pbx, network: PhoneNetwork) -> None:
    network.agent("agent1").behaviour = "answer"
    await pbx.log_on("support", "agent1", name="Anna")


async def _has_no_agents_left(_call: Call, pbx: Pbx, network: PhoneNetwork) -> None:
    network.agent("agent1").behaviour = "busy"
    await pbx.write_queues(queues_conf(support={"leavewhenempty": "yes"}))


@pytest.mark.parametrize(
    ("dialled", "what_happens", "signs"),
    [
        (PLAIN_SUPPORT_NUMBER, _abandons, ["hang-up", "ABANDONED=TRUE", "QUEUEPOSITION=1"]),
        (TIMES_OUT, _waits, ["ABANDONED=TRUE", "QUEUEPOSITION=1", "QUEUESTATUS=TIMEOUT"]),
        (PLAIN_SUPPORT_NUMBER, _presses_the_exit_key, ["key *", "QUEUEPOSITION=1"]),
        (PLAIN_SUPPORT_NUMBER, _has_no_agents_left, ["ABANDONED=TRUE", "QUEUEPOSITION=1", "QUEUESTATUS=LEAVEEMPTY"]),
        (
            PLAIN_SUPPORT_NUMBER,
            _is_answered,
            ["Dial ANSWER", "MEMBERINTERFACE=PJSIP/agent1", "MEMBERNAME=Anna", "QUEUEPOSITION=1"],
        ),
    ],
)
async def test_queueposition_is_set_whenever_a_caller_leaves_and_other_variables_give_the_reason(
    pbx: Pbx, network: PhoneNetwork, seen: Seen, dialled: str, what_happens: Any, signs: list[str]
) -> None:
    await pbx.write_queues(queues_conf(support={"context": "exit"}))
    call = await network.call(MATTI, dialled)
    channel = await seen.channel(MATTI)
    await pbx.has_waiting("support", 1)
    before = len(seen.signs(channel))
    await what_happens(call, pbx, network)
    await pbx.has_waiting("support", 0)
    await seen.event(
        "ChannelVarset", lambda event: event["variable"] == signs[-1].split("=")[0] and event["value"] != ""
    )
    await call.hang_up()
    await seen.gone(channel)
    reported = [sign for sign in seen.signs(channel)[before:] if sign != "hang-up" or what_happens is _abandons]
    assert sorted(reported) == sorted(signs)
    assert [sign for sign in reported if not sign.startswith("ABANDONED")] == [
        sign for sign in signs if not sign.startswith("ABANDONED")
    ]


async def test_a_queue_in_execif_shows_as_execif_and_only_app_queue_tells(
    pbx: Pbx, network: PhoneNetwork, seen: Seen
) -> None:
    await network.call(MATTI, IN_EXEC_IF)
    channel = await seen.channel(MATTI)
    await pbx.has_waiting("support", 1)
    steps = [
        (event["dialplan_app"], event["dialplan_app_data"])
        for event in seen.events
        if event["type"] == "ChannelDialplan" and event["channel"]["id"] == channel
    ]
    assert steps[-1] == ("ExecIf", "1?Queue(support)")
    first = await pbx.ari.get(f"/channels/{channel}/variable", variable="QUEUE_GET_CHANNEL(support,1)")
    assert first["value"] == (await pbx.ari.get(f"/channels/{channel}"))["name"]


async def test_a_call_may_enter_a_queue_at_a_place(pbx: Pbx, network: PhoneNetwork, seen: Seen) -> None:
    for place, (number, dialled) in enumerate(
        [(MATTI, PLAIN_SUPPORT_NUMBER), (LIISA, PLAIN_SUPPORT_NUMBER), (PEKKA, AT_THE_HEAD)], 1
    ):
        await network.call(number, dialled)
        await pbx.has_waiting("support", place)
    channel = await seen.channel(PEKKA)
    first = await pbx.ari.get(f"/channels/{channel}/variable", variable="QUEUE_GET_CHANNEL(support,1)")
    assert first["value"] == (await pbx.ari.get(f"/channels/{channel}"))["name"]


def _at(places: range, _queue: str) -> range:
    return places


async def test_what_the_reader_asks_is_answered_without_a_complaint_in_asterisks_log(
    pbx: Pbx, network: PhoneNetwork, seen: Seen
) -> None:
    # Before anybody waits: whoever is paused while callers wait may be ringing already.
    for agent in ("agent1", "agent2", "ghost"):
        await pbx.log_on("support", agent)
    await pbx.pause("support", "agent2")
    names: dict[str, str] = {}
    numbers = [MATTI, LIISA, PEKKA, AINO, KALLE, *(f"+3584011123{n:02}" for n in range(7))]
    for count, number in enumerate(numbers, 1):
        await network.call(number, PLAIN_SUPPORT_NUMBER)
        await pbx.has_waiting("support", count)
        names[number] = (await pbx.ari.get(f"/channels/{await seen.channel(number)}"))["name"]
    await network.agent("agent1").rings()
    log_size = pbx.log.stat().st_size
    async with Client(pbx.ari_url, "callcentre", "callcentre") as client:
        for expected in (range(1, 2), range(len(numbers), len(numbers) + 1), range(50, 51)):
            reader = Reader(
                client, "callcentre", alive=lambda: (), expected=partial(_at, expected),
                clock=lambda: datetime.now(UTC),
            )  # fmt: skip
            everybody = (await reader.queue("support", complete=True, members=True)).reading
            assert everybody.waiting == len(numbers)
            assert [everybody.places[place] for place in sorted(everybody.places)] == [names[n] for n in numbers]
            at_the_end = (await reader.queue("support", complete=False, members=False)).reading
            assert at_the_end.waiting == len(numbers)
            assert all(names[numbers[place - 1]] == name for place, name in at_the_end.places.items())
            if expected.start != 1:
                assert at_the_end.places[len(numbers)] == names[numbers[-1]]
        # agent1 rings, agent2 is paused, and the ghost is no endpoint.
        assert everybody.agents is not None
        assert (everybody.agents.ready, everybody.agents.logged, everybody.agents.count) == (0, 2, 3)
        assert set(everybody.agents.members or ()) == {
            Member(interface=ANNA, paused=False, state="RINGING"),
            Member(interface=BO, paused=True),
            Member(interface="PJSIP/ghost", paused=False, state="INVALID"),
        }
        assert duty_of("support", everybody.agents).on_duty == 1
        # A queue that Asterisk does not have leaves no line in its log either.
        several = (await reader.queues(("support", "nosuch"), ("neither",))).readings
        assert [one.waiting for one in several] == [len(numbers), 0, 0]
        assert (await reader.queue("sales", complete=True, members=True)).reading.waiting == 0
        await reader.close()
    log = pbx.log.read_text(errors="replace")[log_size:]
    assert not [line for line in log.splitlines() if "ERROR[" in line or "WARNING[" in line]


async def test_functions_are_evaluated_on_a_channel_only_and_globals_without_one(
    pbx: Pbx, network: PhoneNetwork, seen: Seen
) -> None:
    await network.call(MATTI, PLAIN_SUPPORT_NUMBER)
    await pbx.has_waiting("support", 1)
    count = "QUEUE_WAITING_COUNT(support)"
    assert (await pbx.ari.get("/asterisk/variable", variable=count))["value"] == ""
    channel = await seen.channel(MATTI)
    assert (await pbx.ari.get(f"/channels/{channel}/variable", variable=count))["value"] == "1"


async def test_a_caller_held_by_a_daemon_that_is_gone_is_let_into_the_queue_by_the_next(
    pbx: Pbx, network: PhoneNetwork, start_daemon: StartDaemon
) -> None:
    daemon = await start_daemon()
    await daemon.kill()
    await pbx.write_extensions(extensions_conf(more=DIALPLAN))
    gone, seen = Ari(pbx.ari_url), Seen()
    await gone.listen("callcentre", seen.take)
    await network.call(MATTI, HELD)
    held = await seen.event("StasisStart")
    await gone.close()
    # It sits in Stasis though nobody listens.
    channel = await pbx.ari.get(f"/channels/{held['channel']['id']}")
    assert channel["dialplan"]["app_name"] == "Stasis"
    await daemon.start()
    await pbx.has_waiting("support", 1)
    assert (await joined(daemon, MATTI))["service"] == "support"
