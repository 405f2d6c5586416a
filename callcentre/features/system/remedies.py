"""What to do about the alarms that are raised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from callcentre.features.live.interface import RaisedAlarm
from callcentre.kernel.alarm import Alarm


@dataclass(frozen=True, slots=True)
class KnownAlarm:
    """A raised alarm with its declaration. `one` is what it is about, of `declared.each`; "" for an alarm of one kind.

    `declared` is None for an alarm of an earlier version that no component raises any more.
    """

    raised: RaisedAlarm
    declared: Alarm | None
    one: str = ""


def with_remedies(raised: Iterable[RaisedAlarm], declared: Sequence[Alarm]) -> Iterator[KnownAlarm]:
    """The declaration of each alarm."""
    for one in raised:
        yield next(filter(None, (_known(one, each) for each in declared)), KnownAlarm(one, None))


def _known(raised: RaisedAlarm, alarm: Alarm) -> KnownAlarm | None:
    if not alarm.each:
        return KnownAlarm(raised, alarm) if raised.reason == alarm.reason else None
    about = raised.reason.removeprefix(alarm.reason)
    return KnownAlarm(raised, alarm, about) if about != raised.reason else None
