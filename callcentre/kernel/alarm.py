"""Alarms: what an administrator must look at, from the fact `alarm.raised` until `alarm.cleared`."""

from __future__ import annotations

from dataclasses import dataclass

from callcentre.kernel.fact import AlarmCleared, AlarmRaised


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm, declared by the component that raises it.

    `reason` is that of its facts. With `each`, such as "the queue's name", there is an alarm for each of them: the
    reason ends with it. `when` it is raised, `until` when it stays so, and the `remedy` are Markdown sentences for the
    administrator, on docs/reference/alarms.md.
    """

    reason: str
    each: str = ""
    when: str
    until: str
    remedy: str

    def raised(self, one: str = "", *, queue: str | None = None) -> AlarmRaised:
        """The fact that the alarm is raised: for `one` of `each`."""
        return AlarmRaised(reason=self.reason + one, queue=queue)

    def cleared(self, one: str = "", *, queue: str | None = None) -> AlarmCleared:
        """The fact that it is cleared."""
        return AlarmCleared(reason=self.reason + one, queue=queue)
