"""A customer with a callback on one daemon calls another one of the same database, keeps it, and is not called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from callcentre.features.callbacks.elsewhere import HOLDS, RENEWED, HeldElsewhere
from callcentre.features.callbacks.events import CallbackRequested, CallbackWithdrawn
from callcentre.features.callbacks.facts import CallbackAccepted, CallbackCancelled
from callcentre.features.callbacks.model import Callback, Phase, Returned, callback_of, promised_on
from callcentre.kernel import schema
from callcentre.kernel.event import Tick
from callcentre.kernel.nodes.model import MessageArrived
from tests.cast import AINO, LIISA, MATTI
from tests.unit.features.callbacks.offer_desk import begin, callbacks, only, place_of
from tests.unit.rehearsal import NOON, Rehearsal
from tests.unit.telephone import Asterisk


@dataclass
class Daemon:
    """One of two daemons of a database. Its rules read the other one's callbacks as rows."""

    name: str
    rehearsal: Rehearsal
    asterisk: Asterisk
    other: Daemon = field(init=False)
    reads: int = 0
    as_read: Mapping[str, Any] = field(default_factory=dict)
    """Columns that the other daemon wrote otherwise."""

    def span(self, *_: Any) -> Iterable[Mapping[str, Any]]:
        return ()

    def of_others(self, column: sa.Column[Any], value: Any) -> Iterable[Mapping[str, Any]]:
        self.reads += 1
        rows = [
            schema.row_of(one) | {"node": self.other.name, **self.as_read} for one in callbacks(self.other.rehearsal)
        ]
        return [row for row in rows if row[column.name] == value]

    def hears(self) -> None:
        """Decide on what the other has sent."""
        sent, ours = self.other.rehearsal.world.nodes.messages, self.rehearsal.world.nodes.messages
        for message in sorted(sent.find("recipient", self.name), key=lambda one: one.id):
            sent.delete(message)
            ours.put(message)
            self.rehearsal.tell(MessageArrived(at=self.rehearsal.at, message=message.id))
        self.asterisk.perform()

    def later(self, seconds: float) -> None:
        """Time passes for both."""
        for one in (self, self.other):
            one.rehearsal.later(seconds)

    @property
    def held(self) -> list[HeldElsewhere]:
        return [record for (kind, _), record in self.rehearsal.disk.items() if kind is HeldElsewhere]


def both() -> tuple[Daemon, Daemon]:
    """Two daemons with two waiting callers each; the first one has Matti's callback."""
    north, south = (Daemon(name, *begin()) for name in ("north", "south"))
    north.other, south.other = south, north
    for one in (north, south):
        one.rehearsal.world.nodes.name, one.rehearsal.world.nodes.shared = one.name, True
        one.rehearsal.world.for_callbacks.of_others.read_from(one)
    call = north.asterisk.enters()
    north.asterisk.key(call, "1")
    north.asterisk.says_all(call)
    assert [one.phase for one in callbacks(north.rehearsal)] == [Phase.WAITING]
    return north, south


def cancelled(one: Daemon) -> list[str]:
    return [fact.by for fact in only(one.rehearsal, CallbackCancelled)]


def test_the_customer_hears_the_place_waits_at_it_and_is_not_called_meanwhile() -> None:
    north, south = both()
    south.later(5)
    between = south.asterisk.calls_in(AINO)
    again = south.asterisk.enters()
    assert south.asterisk.heard[again] == ["callback-exists", "numbers/3", "returned"]
    north.hears()
    (callback,) = callbacks(north.rehearsal)
    assert (callback.phase, callback.state) == (Phase.RETURNED, Returned(call=again, on_node="south"))
    south.asterisk.silence(again, 6)
    assert (place_of(south.asterisk, again), place_of(south.asterisk, between)) == (3, 4)
    assert only(south.rehearsal, CallbackAccepted) == []


def test_the_callback_is_closed_by_its_owner_when_an_agent_there_answers() -> None:
    north, south = both()
    again = south.asterisk.enters()
    south.asterisk.key(again, "1")
    north.hears()
    south.asterisk.answered(again)
    north.hears()
    assert callbacks(north.rehearsal) == []
    assert (cancelled(north), cancelled(south), south.held) == (["caller_returned"], [], [])


def test_the_customer_may_cancel_it_there() -> None:
    north, south = both()
    again = south.asterisk.enters()
    south.asterisk.key(again, "2")
    assert south.asterisk.heard[again][-1] == "returned-cancelled"
    south.asterisk.says_all(again)
    assert again not in south.asterisk.channels
    north.hears()
    assert (callbacks(north.rehearsal), cancelled(north)) == ([], ["customer"])


@pytest.mark.parametrize("way", ["prompt", "waiting", "timeout", "while away"])
def test_the_callback_stays_open_when_the_customer_leaves_there(way: str) -> None:
    north, south = both()
    again = south.asterisk.enters()
    if way != "prompt":
        south.asterisk.key(again, "1")
    north.hears()
    if way == "timeout":
        south.asterisk.gives_up(again, "TIMEOUT")
    if way == "while away":
        del south.asterisk.channels[again]
        south.asterisk.queues["support"].remove(again)
        south.asterisk.connect()
    else:
        south.asterisk.hangs_up(again)
    north.hears()
    assert [(one.phase, one.state) for one in callbacks(north.rehearsal)] != []
    assert callbacks(north.rehearsal)[0].is_queued
    assert south.held == []


def test_a_caller_by_a_way_that_we_do_not_see_keeps_it_too() -> None:
    north, south = both()
    call = south.asterisk.calls_in()
    north.hears()
    assert callbacks(north.rehearsal)[0].phase is Phase.RETURNED
    south.asterisk.answered(call)
    north.hears()
    assert cancelled(north) == ["caller_returned"]


def test_the_exit_key_there_offers_no_second_callback() -> None:
    north, south = both()
    again = south.asterisk.enters()
    south.asterisk.key(again, "1")
    south.asterisk.asks(again)
    assert south.asterisk.heard[again][-3:] == ["callback-exists", "numbers/3", "back-in-queue"]
    assert callbacks(south.rehearsal) == []
    north.hears()
    assert callbacks(north.rehearsal)[0].phase is Phase.RETURNED


def test_the_exit_key_there_does_not_speak_of_a_callback_that_has_ended_meanwhile() -> None:
    north, south = both()
    again = south.asterisk.enters()
    south.asterisk.key(again, "1")
    north.hears()
    (callback,) = callbacks(north.rehearsal)
    north.rehearsal.tell(CallbackWithdrawn(at=north.rehearsal.at, callback=callback.callback, by="staff"))
    assert callbacks(north.rehearsal) == []
    heard = len(south.asterisk.heard[again])
    south.asterisk.asks(again)
    assert "callback-exists" not in south.asterisk.heard[again][heard:]


@pytest.mark.parametrize("first", [0, 1])
def test_a_customer_with_two_calls_there_is_not_called_while_one_of_them_waits(first: int) -> None:
    north, south = both()
    calls = []
    for _ in range(2):
        calls.append(south.asterisk.enters())
        south.asterisk.key(calls[-1], "1")
        north.hears()
    south.asterisk.hangs_up(calls.pop(first))
    north.hears()
    assert callbacks(north.rehearsal)[0].state == Returned(call=calls[0], on_node="south")
    south.asterisk.hangs_up(calls[0])
    north.hears()
    assert callbacks(north.rehearsal)[0].is_queued


def test_a_customer_whose_two_calls_there_are_gone_after_a_break_is_called() -> None:
    north, south = both()
    for _ in range(2):
        again = south.asterisk.enters()
        south.asterisk.key(again, "1")
        north.hears()
        del south.asterisk.channels[again]
        south.asterisk.queues["support"].remove(again)
    south.asterisk.connect()
    north.hears()
    assert callbacks(north.rehearsal)[0].is_queued
    assert south.held == []


def test_a_callback_that_this_version_does_not_understand_holds_up_no_caller() -> None:
    north, south = both()
    south.as_read = {"state": {"state": "of_a_newer_version"}}
    call = south.asterisk.enters()
    south.asterisk.silence(call, 12)
    assert call in south.asterisk.queues["support"]
    assert len(callbacks(north.rehearsal)) == 1


def test_a_request_finds_the_callback_of_the_other_daemon() -> None:
    north, south = both()
    event = CallbackRequested(
        at=south.rehearsal.at, request="r", service="support", number=MATTI, caller_name="", by="staff"
    )
    south.rehearsal.tell(event)
    answer = south.rehearsal.world.callbacks.requests["r"]
    assert (answer.callback, answer.existing) == (callbacks(north.rehearsal)[0].callback, True)
    assert callbacks(south.rehearsal) == []


def test_another_number_that_has_one_there_gets_no_second_one_and_the_caller_does_not_learn_of_it() -> None:
    _, south = both()
    call = south.asterisk.enters(LIISA.replace("1", "9"))
    south.asterisk.key(call, "2", *MATTI.replace("+358", "0"), "#", "1")
    assert south.asterisk.heard[call][-1] == "callback-taken"
    assert callbacks(south.rehearsal) == []


def test_while_nothing_is_heard_of_the_other_daemon_the_callback_is_dialled_in_the_end() -> None:
    north, south = both()
    south.asterisk.enters()
    north.hears()
    north.rehearsal.later(HOLDS.total_seconds() - 1)
    assert callbacks(north.rehearsal)[0].phase is Phase.RETURNED
    north.rehearsal.later(2)
    assert callbacks(north.rehearsal)[0].phase is not Phase.RETURNED


def test_the_other_daemon_says_again_and_again_that_the_customer_waits() -> None:
    north, south = both()
    again = south.asterisk.enters()
    south.asterisk.key(again, "1")
    north.hears()
    for _ in range(5):
        south.later(RENEWED.total_seconds())
        south.rehearsal.tell(Tick(at=south.rehearsal.at))
        north.hears()
    assert timedelta(seconds=5 * RENEWED.total_seconds()) > HOLDS
    assert callbacks(north.rehearsal)[0].phase is Phase.RETURNED


def test_a_phone_that_rings_for_the_callback_stops_ringing() -> None:
    north, south = both()
    for call in list(north.asterisk.queues["support"]):
        north.asterisk.hangs_up(call)
    north.asterisk.on_duty("NOT_INUSE")
    north.asterisk.ticks(3)
    (callback,) = callbacks(north.rehearsal)
    assert callback.phase is Phase.DIALLING
    south.asterisk.enters()
    north.hears()
    assert callback.call not in north.asterisk.channels
    assert callbacks(north.rehearsal)[0].attempts == 0


def test_a_daemon_whose_customer_is_on_the_line_for_the_callback_lets_the_other_call_be() -> None:
    north, south = both()
    (callback,) = callbacks(north.rehearsal)
    for call in list(north.asterisk.queues["support"]):
        north.asterisk.hangs_up(call)
    north.asterisk.on_duty("NOT_INUSE")
    north.asterisk.ticks(3)
    (callback,) = callbacks(north.rehearsal)
    assert callback.call is not None
    north.asterisk.picks_up(callback.call)
    north.asterisk.key(callback.call, "1")
    again = south.asterisk.enters()
    assert south.asterisk.heard.get(again, []) == []
    north.hears()
    assert isinstance(callbacks(north.rehearsal)[0], Callback)
    assert callbacks(north.rehearsal)[0].phase in (Phase.ACCEPTED, Phase.CONNECTED)


def test_the_other_daemons_callbacks_are_read_for_a_caller_who_arrives_and_one_who_joins() -> None:
    _, south = both()
    before = south.reads
    call = south.asterisk.enters(AINO)
    south.asterisk.silence(call, 12)
    south.asterisk.answered(call)
    assert south.reads - before == 2


@pytest.mark.parametrize(
    ("node", "resumed_at", "name"),
    [
        ("main", None, "cb-1795922888.0"),
        ("south", None, "cb-1795922888.0~south"),
        ("main", NOON, "cb-1795922888.0~1780477200"),
        ("south", NOON, "cb-1795922888.0~south~1780477200"),
    ],
)
def test_callbacks_of_two_daemons_have_different_ids_although_their_calls_have_the_same(
    node: str, resumed_at: datetime | None, name: str
) -> None:
    assert callback_of("1795922888.0", node, resumed_at) == name
    assert promised_on(name) == "1795922888.0"


def test_a_callback_is_named_after_its_daemon() -> None:
    north, south = both()
    call = south.asterisk.enters(AINO)
    south.asterisk.key(call, "1")
    (theirs,) = callbacks(south.rehearsal)
    assert theirs.callback == f"cb-{call}~south"
    south.asterisk.says_all(call)
    assert callbacks(north.rehearsal)[0].callback.endswith("~north")
