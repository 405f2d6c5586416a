"""The alarm `sms_gateway`: the gateway for texts has accepted none for some time, although texts were tried.

Texts that were surely not taken are tried again until they are stale, which is half a day for most kinds. Without an
alarm, confirmations and notices would wait all that time, and nobody would notice. A wrong password is worse: each text
is refused for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callcentre.features.alarms.model import GatewayFails
from callcentre.features.alarms.timers import GatewaySettles
from callcentre.kernel.alarm import Alarm
from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.messaging.events import Accepted, Handover, Refused, TextHandedOver

LASTS: Final = timedelta(minutes=5)
"""The alarm is raised when tries have failed for this time: a gateway that is restarted is back before."""

TRIES: Final = 3
"""The alarm is raised after this many failed tries: one number that the gateway refuses says nothing about it."""

SETTLES: Final = timedelta(minutes=15)
"""The alarm ends when no try has failed for this time. While a text waits, it is tried every five minutes at least."""

ALARM: Final = Alarm(
    reason="sms_gateway",
    when="for 5 minutes the gateway has accepted no text, and 3 or more times it refused one or could not be reached",
    until="the gateway accepts a text, or for 15 minutes no try has failed, as when no text is left to try",
    remedy="the diagnostics (`sms.not_accepted`) say what the gateway answered; `callcentre doctor` asks the gateway; "
    "look at it, at the way to it, and at its password. Texts wait, for half a day at most: see "
    "[Tries](../concepts/texts.md#tries)",
)


def says_that_it_fails(outcome: Handover) -> bool:
    """Whether the outcome of a try speaks against the gateway.

    That a person wants no texts does not, nor does a text for which the gateway was not asked. An unclear outcome has
    an alarm of its own, `sms_unclear`.
    """
    return isinstance(outcome, Refused) and not outcome.opted_out and not outcome.not_asked


def counted(before: GatewayFails | None, at: datetime) -> GatewayFails:
    """The failing of the gateway after one more try that failed at `at`."""
    since, tries = (at, 1) if before is None else (before.since, before.tries + 1)
    raised = before is not None and before.raised
    return GatewayFails(since=since, tries=tries, raised=raised or (tries >= TRIES and at - since >= LASTS))


@dataclass(slots=True)
class GatewayAlarm:
    """The rules of the alarm. `failing` holds one record since the first try that failed; a restart forgets it."""

    failing: Collection[GatewayFails]

    def handed_over(self, event: TextHandedOver, at: datetime) -> Decision:
        """A try has an outcome: the gateway accepts texts, or it failed once more."""
        before = self.failing.only
        if isinstance(event.outcome, Accepted):
            return NOTHING if before is None else self._over(before)
        if not says_that_it_fails(event.outcome):
            return NOTHING
        after = counted(before, at)
        decision = Decision(changes=(Put(after),))
        if not after.raised:
            return decision
        # The timer outlives a restart, which forgets all else: so the alarm ends in any case.
        decision += Decision(timers=(SetTimer(GatewaySettles(), at + SETTLES),))
        return decision if before is not None and before.raised else decision + Decision(facts=(ALARM.raised(),))

    def _over(self, before: GatewayFails) -> Decision:
        if not before.raised:
            return Decision(changes=(Delete(before),))
        return Decision(changes=(Delete(before),), facts=(ALARM.cleared(),), timers=(CancelTimer(GatewaySettles()),))

    def settled(self, _timer: GatewaySettles, _at: datetime) -> Decision:
        """No try has failed for some time."""
        before = self.failing.only
        changes = () if before is None else (Delete(before),)
        return Decision(changes=changes, facts=(ALARM.cleared(),))
