"""Into a queue at a place: one after the other, in the order of joining, and nobody waits for who is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcentre.kernel.decision import Decision, Delete, Put
from callcentre.kernel.event import Tick
from callcentre.telephony.effects import ContinueCall
from callcentre.telephony.events import ChannelDestroyed, Synchronised
from callcentre.telephony.facts import QueueJoined, QueueLeft
from callcentre.telephony.queue_entry.model import EnterQueue, Entrance, OnTheWay, PassNext
from callcentre.telephony.queue_entry.rules import SEEN_WITHIN, QueueEntry
from callcentre.telephony.queue_view.order import rank
from tests.unit.rehearsal import NOON, settings
from tests.unit.world import World


class Way:
    """The door with its records, played by hand."""

    def __init__(self) -> None:
        self.entrance = Entrance()
        self.world = World(settings=settings(), key=b"k" * 32)
        self.door = QueueEntry(self.world.queue_view, self.entrance, self.world.coming)
        self.let_in: list[str] = []
        self.at = NOON

    def take(self, decision: Decision) -> None:
        for change in decision.changes:
            record = change.record
            records: Any = (self.world.coming if isinstance(record, OnTheWay) else self.entrance).by_call
            match change:
                case Put():
                    records.put(record)
                case Delete():
                    records.delete(record)
        self.let_in += [effect.call for effect in decision.effects if isinstance(effect, ContinueCall)]
        for command in decision.commands:
            if isinstance(command, PassNext):
                self.take(self.door.pass_next(command, self.at))

    def asks(self, call: str, minute: int, queue: str = "support", *, priority: int = 0) -> None:
        joined_at = NOON - timedelta(minutes=60 - minute)
        ask = EnterQueue(at=self.at, call=call, queue=queue, joined_at=joined_at, priority=priority)
        self.take(self.door.asked(ask, self.at))


def test_the_first_goes_in_at_once_and_then_who_joined_first_of_those_who_wait() -> None:
    way = Way()
    for call, minute in (("c", 30), ("e", 50), ("a", 10), ("b", 20)):
        way.asks(call, minute)
    assert way.let_in == ["c"]
    for call in ("c", "a", "b", "e"):
        way.take(way.door.arrived(QueueJoined(call=call, position=1, waiting=1), way.at))
    assert way.let_in == ["c", "a", "b", "e"]
    assert not len(way.entrance.by_call)
    assert not len(way.world.coming.by_call)


def test_a_higher_priority_goes_in_first_and_counts_on_the_way() -> None:
    way = Way()
    for call, minute, priority in (("a", 10, 0), ("b", 20, 0), ("vip", 30, 5)):
        way.asks(call, minute, priority=priority)
    assert way.world.coming.before("support", rank(NOON, 5)) == 1
    for call in ("a", "vip"):
        way.take(way.door.arrived(QueueJoined(call=call, position=1, waiting=1), way.at))
    assert way.let_in == ["a", "vip", "b"]


@pytest.mark.parametrize("way_out", ["hung up", "refused", "unseen"])
def test_a_caller_who_does_not_come_in_keeps_nobody_waiting(way_out: str) -> None:
    way = Way()
    way.asks("a", 10)
    way.asks("b", 20)
    match way_out:
        case "hung up":
            way.take(way.door.destroyed(ChannelDestroyed(at=way.at, call="a", cause=16, when=way.at), way.at))
        case "refused":
            way.take(way.door.arrived(QueueLeft(call="a", wait=0.0, reason="full"), way.at))
        case _:
            way.at += SEEN_WITHIN
            way.take(way.door.ticked(Tick(at=way.at), way.at))
            assert way.let_in == ["a"]
            way.at += timedelta(seconds=1)
            way.take(way.door.ticked(Tick(at=way.at), way.at))
    assert way.let_in == ["a", "b"]


def test_a_caller_who_hangs_up_while_waiting_at_the_door_lets_nobody_in_before_their_turn() -> None:
    way = Way()
    for call, minute in (("a", 10), ("b", 20), ("c", 30)):
        way.asks(call, minute)
    way.take(way.door.destroyed(ChannelDestroyed(at=way.at, call="b", cause=16, when=way.at), way.at))
    assert way.let_in == ["a"]
    way.take(way.door.arrived(QueueJoined(call="a", position=1, waiting=1), way.at))
    assert way.let_in == ["a", "c"]


def test_queues_do_not_wait_for_each_other_and_a_call_is_let_in_once() -> None:
    way = Way()
    way.asks("a", 10)
    way.asks("x", 20, queue="sales")
    way.asks("a", 10)
    assert way.let_in == ["a", "x"]


def test_after_having_been_away_everybody_is_sent_in_anew() -> None:
    way = Way()
    way.asks("a", 10)
    way.asks("b", 20)
    away = Synchronised(at=way.at, channels=(), readings=(), variables={}, talking={}, asked=way.at)
    way.take(way.door.synchronised(away, way.at))
    way.asks("b", 20)
    assert way.let_in == ["a", "b"]
