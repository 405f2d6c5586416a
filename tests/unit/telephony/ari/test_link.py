"""The link: what it reports of late events, and what it does before everything is read again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import NoReturn

import pytest

from callcentre.kernel.event import Event
from callcentre.kernel.program import Program
from callcentre.telephony.ari.connection import ConnectionState, Phase
from callcentre.telephony.ari.link import AsteriskLink
from callcentre.telephony.ari.model import Unreachable
from callcentre.telephony.events import AsteriskLost, EventsLate
from callcentre.telephony.queue_view.model import Link
from tests.unit.rehearsal import NOON, settings
from tests.unit.world import World

SECOND = timedelta(seconds=1)


class Wire:
    """A link that hears events `late` after Asterisk made them, on a daemon that decides them `waited` later."""

    def __init__(self) -> None:
        self.now = NOON
        self.waited = timedelta(0)
        self.heard: list[Event] = []
        world = World(settings=settings(), key=b"")
        self.steps: list[str] = []
        program = Program(
            submit=self.heard.append, clock=lambda: self.now, waited=lambda: self.waited, settled=self.settled
        )
        self.calls = world.calls
        self.link = AsteriskLink(world, world.queue_view, program, is_wanted=lambda _call: True)
        self.link._theirs.answered(NOON, NOON, NOON)

    async def settled(self) -> None:
        self.steps.append("settled")

    async def everything(self, *_asked: object, **_how: object) -> NoReturn:
        self.steps.append("read")
        raise Unreachable("channels.list", "a test")

    def event(self, late: timedelta) -> None:
        when = (self.now - late).isoformat(timespec="milliseconds")
        frame = {"type": "ChannelDestroyed", "timestamp": when, "channel": {"id": "1"}, "cause": 16}
        self.link.hear(json.dumps(frame).encode())

    def events(self, late: timedelta, *, seconds: float, every: float = 0.1) -> list[datetime]:
        """Events for some seconds; when they were reported as late."""
        self.heard.clear()
        for _ in range(round(seconds / every)):
            self.now += timedelta(seconds=every)
            self.event(late)
        return [one.at for one in self.heard if isinstance(one, EventsLate)]


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_events_in_time_are_not_reported(wire: Wire) -> None:
    assert wire.events(0.9 * SECOND, seconds=10) == []


def test_late_events_are_reported_every_second_from_the_second_one_on(wire: Wire) -> None:
    began = wire.now
    assert wire.events(1.1 * SECOND, seconds=5.05) == [began + n * SECOND for n in (2, 3, 4, 5)]


def test_how_late_they_are_is_in_the_event(wire: Wire) -> None:
    wire.waited = SECOND
    wire.events(2 * SECOND, seconds=2)
    assert [one.seconds for one in wire.heard if isinstance(one, EventsLate)] == [3.0]


def test_events_that_wait_for_a_decision_are_late(wire: Wire) -> None:
    wire.waited = 1.1 * SECOND
    assert len(wire.events(timedelta(0), seconds=3)) == 2


def test_a_daemon_that_was_frozen_once_is_not_overloaded(wire: Wire) -> None:
    wire.now += 10 * SECOND
    for _ in range(100):
        wire.event(9 * SECOND)
    assert wire.events(timedelta(0), seconds=3) == []


def test_single_late_events_with_pauses_are_no_overload(wire: Wire) -> None:
    assert wire.events(2 * SECOND, seconds=60, every=10) == []


def test_a_clock_of_asterisk_that_was_set_back_makes_events_late_until_it_is_asked(wire: Wire) -> None:
    assert wire.events(timedelta(0), seconds=3, every=1.2) == []
    assert wire.events(1.5 * SECOND, seconds=6, every=1.2) != []
    wire.link._theirs.answered(wire.now - 1.5 * SECOND, wire.now, wire.now)
    assert wire.events(1.5 * SECOND, seconds=12, every=1.2) == []


@pytest.mark.parametrize("then", [Phase.SYNCHRONISING, Phase.LOST])
def test_nothing_is_begun_while_all_is_read_again_or_the_connection_is_lost(wire: Wire, then: Phase) -> None:
    for phase in (Phase.CONNECTING, Phase.SYNCHRONISING, Phase.LIVE):
        wire.link._connected(ConnectionState(phase))
    assert wire.heard == []
    wire.link._connected(ConnectionState(then, "a test"))
    assert wire.heard == [AsteriskLost(at=NOON, reason="a test")]


@pytest.mark.parametrize(("up", "steps"), [(True, ["settled", "read"]), (False, ["read"])])
async def test_what_is_decided_goes_out_before_all_is_read_again_over_a_live_connection(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, up: bool, steps: list[str]
) -> None:
    wire.calls.put(Link(up=up))
    monkeypatch.setattr(wire.link._reader, "everything", wire.everything)
    with pytest.raises(Unreachable):
        await wire.link._synchronise()
    assert wire.steps == steps
