"""People who want no texts: they opt out, and in again, by text or through the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.people import People
from callcentre.kernel.records import Records
from callcentre.messaging.facts import NumberOptedIn, NumberOptedOut
from callcentre.messaging.model import Suppression

LIFTED_BY_TEXT: Final = frozenset({"sms", "gateway"})
"""The origins of an opt-out that a text may lift. Gateways refuse texts to a person because that person wrote STOP."""

STAFF: Final = "staff"


class OptOuts(Records[Suppression]):
    """The people who have opted out of texts. They are read from the database one by one: there may be a million."""

    def __init__(self) -> None:
        super().__init__(Suppression, table="suppressions", key="caller")

    def is_opted_out(self, caller: str) -> bool:
        """Whether the person with this keyed hash wants no texts."""
        return caller in self


@dataclass(frozen=True, slots=True)
class OptOutRules:
    """The changes of opting out and in."""

    people: People
    opt_outs: OptOuts

    def opted_out(self, number: str, at: datetime, by: str) -> Decision:
        """No text goes to this number (E.164) any more."""
        caller = self.people.caller(number)
        if self.opt_outs.is_opted_out(caller):
            return NOTHING
        suppression = Suppression(caller=caller, at=at, by=by)
        return Decision(changes=(Put(suppression),), facts=(NumberOptedOut(by=by, **self.people.who(number)),))

    def opted_in(self, number: str, by: str) -> Decision:
        """Texts may go to this number (E.164) again. A text lifts only what came by text; staff lifts everything."""
        suppression = self.opt_outs.get(self.people.caller(number))
        if suppression is None or (by != STAFF and suppression.by not in LIFTED_BY_TEXT):
            return NOTHING
        return Decision(changes=(Delete(suppression),), facts=(NumberOptedIn(by=by, **self.people.who(number)),))
