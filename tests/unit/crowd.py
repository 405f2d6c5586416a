"""A call centre with many people in it: callers who wait, callbacks, notices, surveys and texts, in many queues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, islice
from typing import Any

import sqlalchemy as sa
from msgspec.structs import replace

from callcentre.features.callbacks.model import Callback
from callcentre.features.notices.model import Delivered, Notice
from callcentre.features.surveys.model import Asked, Survey
from callcentre.messaging.model import State, Text
from callcentre.telephony.events import Channel, QueueReading, Synchronised
from callcentre.telephony.queue_view.model import Call, Stage
from tests.cast import REPLY_NUMBER
from tests.testbed.configuration import merged, shipped
from tests.unit.rehearsal import NOON, Rehearsal
from tests.unit.telephone import Asterisk, counted

_FIRST = 358_40_2_000_000
"""The number of the first person of the crowd, without the plus."""

_ALWAYS_OPEN = {"services": {"support": {"hours": None}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How many of each there are. The callers wait in `support`; the callbacks are spread over all queues.

    `talking` callers more talk with agents.
    """

    queues: int = 1
    callers: int = 0
    callbacks: int = 0
    notices: int = 0
    surveys: int = 0
    texts: int = 0
    talking: int = 0

    @property
    def names(self) -> list[str]:
        """The queues, each with a service of the same name."""
        return ["support", *(f"line{number}" for number in range(1, self.queues))]


class BusyAsterisk(Asterisk):
    """Answers questions about a queue as the real reader does: the last places, or everybody where that is asked."""

    def snapshot(self) -> Synchronised:
        """All of Asterisk now, with everybody in every queue."""
        queues = self.rehearsal.world.settings.queues
        return replace(super().snapshot(), readings=tuple(self.reading(queue, complete=True) for queue in queues))

    def reading(self, queue: str, *, complete: bool = False, members: bool = True) -> QueueReading:
        """What app_queue answers about a queue."""
        waiting = self.queues.get(queue, [])
        places = range(1 if complete else max(1, len(waiting) - 1), len(waiting) + 1)
        return QueueReading(
            queue=queue,
            waiting=len(waiting),
            places={place: self.channels[waiting[place - 1]].name for place in places},
            complete=complete or not waiting,
            agents=counted(self.members.get(queue, ())) if members else None,
        )


class _NothingOnDisk:
    """A database without rows: the rows that were written are still in the caches."""

    def rows(self, _column: sa.Column[Any], _value: Any) -> Iterable[Mapping[str, Any]]:
        return ()

    def below(self, _column: sa.Column[Any], _value: Any, _most: int) -> Iterable[Mapping[str, Any]]:
        return ()


def crowded(crowd: Crowd, changes: Mapping[str, Any] | None = None) -> BusyAsterisk:
    """All components with these people, connected to an Asterisk in which the callers wait."""
    service = merged(merged(shipped(), _ALWAYS_OPEN), changes or {})["services"]["support"]
    others = {name: {**service, "queue": name, "numbers": []} for name in crowd.names[1:]}
    rehearsal = Rehearsal(merged(merged(_ALWAYS_OPEN, changes or {}), {"services": others}))
    rehearsal._dispatcher.read_from(_NothingOnDisk())
    asterisk = BusyAsterisk(rehearsal)
    numbers = _people()
    for number in islice(numbers, crowd.callers):
        call = f"1795325000.{number[-6:]}"
        asterisk.channels[call] = Channel(
            id=call, name=f"PJSIP/trunk-{len(asterisk.channels):08x}", number=number, app="Queue", app_data="support"
        )
        asterisk.queues.setdefault("support", []).append(call)
    asterisk.connect()
    _remember(rehearsal, crowd, numbers)
    return asterisk


def _remember(rehearsal: Rehearsal, crowd: Crowd, numbers: Iterator[str]) -> None:
    """Put the records of people who are not on the line, in place of the texts to those who are."""
    world, early = rehearsal.world, NOON - timedelta(hours=3)
    for welcome in tuple(world.texts.open.values()):
        world.texts.open.delete(welcome)
    rehearsal.timers.clear()
    rehearsal.effects.clear()
    for place, number in enumerate(islice(numbers, crowd.callbacks)):
        at, name = early + timedelta(milliseconds=place), crowd.names[place % crowd.queues]
        callback = Callback(
            callback=f"cb-{place}", service=name, queue=name, number=number, caller_name="", language="fi",
            joined_at=at, taken_at=at,
        )  # fmt: skip
        world.callbacks.put(callback)
    for place, number in enumerate(islice(numbers, crowd.talking)):
        talks = Call(
            call=f"talking-{place}", channel=f"PJSIP/trunk-b{place:07x}", queue="support", service="support",
            number=number, caller_name="", language="fi", stage=Stage.TALKING, joined_at=early, entered=early,
            position=1, agent="PJSIP/agent1", answered=early, bridge=f"bridge-{place}",
        )  # fmt: skip
        world.calls.put(talks)
    for place, number in enumerate(islice(numbers, crowd.notices)):
        notice = Notice(
            callback=f"noticed-{place}", service="support", queue="support", number=number,
            caller=world.caller(number), language="fi", position=1, state=Delivered(), told_at=early,
            answer_to=REPLY_NUMBER,
        )  # fmt: skip
        world.notices.put(notice)
    for place, number in enumerate(islice(numbers, crowd.surveys)):
        survey = Survey(
            survey=f"survey-{place}", service="support", queue="support", call=f"asked-{place}", agent=None,
            agent_name=None, number=number, caller=world.caller(number), caller_name="", wait=1.0, talk=60.0,
            ended_at=early, state=Asked(question="satisfaction", sender=REPLY_NUMBER, asked_at=early), place=1,
        )  # fmt: skip
        world.surveys.put(survey)
    for place, number in enumerate(islice(numbers, crowd.texts)):
        text = Text(
            message=f"text-{place}", kind="welcome", number=number, sender="Neuvonta", body="Hei", parts=1,
            state=State.ACCEPTED, wanted_at=early,
        )  # fmt: skip
        world.texts.open.put(text)


def _people() -> Iterator[str]:
    """Numbers in E.164, each of another person."""
    return (f"+{number}" for number in count(_FIRST))
