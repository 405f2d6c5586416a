"""Whether outgoing calls find a route to a network at all.

A call without a route says nothing about the customer. It raises an alarm, and dialling of every kind pauses. Then one
call at a time tries, until one rings or a network answers. Several calls in a row that end within a second without
ringing are the same fault, whatever their causes: one number may be unassigned, but not all of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Final

from msgspec.structs import replace

from callcentre.kernel.alarm import Alarm
from callcentre.kernel.decision import Record
from callcentre.telephony.dialling.outcome import Outcome

NO_ROUTE_ALARM: Final = Alarm(
    reason="dialling_no_route",
    when="a call of ours found no way to a network, or calls to three numbers in a row ended within a second: see "
    "[No way out](../concepts/places-and-promises.md#no-way-out)",
    until="a call rings, or a network answers it",
    remedy="`callcentre doctor` looks whether `dialling.endpoint` leads somewhere; see the trunk in Asterisk "
    "(`pjsip show contacts`) and its provider; `callcentre callbacks` says when the next call tries",
)

IN_A_ROW: Final = 3
"""This many numbers in a row whose call ends within a second without ringing count as a missing route."""

_SHORTEST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(minutes=10)
_MOST_REMEMBERED: Final = 50


class Route(Record, frozen=True, kw_only=True):
    """What is known about the route to a network. Numbers are keyed hashes.

    `pauses` counts the failed calls since the alarm was raised: each doubles the next pause, up to ten minutes. `quick`
    are the numbers in a row whose calls ended at once. `unrouted` found no route since the alarm was raised, and others
    try before them. `suspects` found none before another call cleared the alarm: if they find none again, the cause is
    the number. `mute`: the latest answered call had not been reported as ringing.
    """

    of_program: ClassVar[bool] = True

    raised: bool = False
    paused_until: datetime | None = None
    pauses: int = 0
    quick: tuple[str, ...] = ()
    unrouted: tuple[str, ...] = ()
    suspects: tuple[str, ...] = ()
    mute: bool = False

    @property
    def key(self) -> str:
        return "route"


UNTRIED: Final = Route()


def is_paused(route: Route, at: datetime) -> bool:
    """Whether nothing is dialled now because there is no route."""
    return route.raised and route.paused_until is not None and at < route.paused_until


def got_through(route: Route, caller: str, *, mute: bool) -> Route:
    """A network reacted to the number with this hash: there is a route."""
    others = (one for one in (*route.suspects, *route.unrouted) if one != caller)
    return Route(suspects=tuple(dict.fromkeys(others))[-_MOST_REMEMBERED:], mute=mute)


def without(route: Route, caller: str) -> Route:
    """The same without the number with this hash."""
    quick, unrouted, suspects = (
        tuple(one for one in several if one != caller) for several in (route.quick, route.unrouted, route.suspects)
    )
    return replace(route, quick=quick, unrouted=unrouted, suspects=suspects)


def concluded(route: Route, outcome: Outcome, caller: str, at: datetime, *, quick: bool) -> tuple[Route, Outcome]:
    """After an unanswered call: the new knowledge about the route, and what the call counts as.

    `quick`: it ended within a second without ringing.
    """
    if outcome is Outcome.NO_ROUTE and caller in route.suspects and not route.raised:
        # Other calls have got through since: the cause is this number.
        return route, Outcome.FAILED
    row = tuple(dict.fromkeys((*route.quick, caller)))[-IN_A_ROW:] if quick else ()
    if (route.raised and (quick or outcome is Outcome.FAILED)) or len(row) >= IN_A_ROW:
        outcome = Outcome.NO_ROUTE
    if outcome is Outcome.NO_ROUTE:
        return _in_vain(replace(route, quick=row), caller, at), outcome
    if route.raised:
        # Busy, unassigned, or not answered: a network reported it.
        return got_through(route, caller, mute=route.mute), outcome
    return replace(route, quick=row), outcome


def _in_vain(route: Route, caller: str, at: datetime) -> Route:
    route = replace(
        route, raised=True, unrouted=tuple(dict.fromkeys((*route.unrouted, caller)))[-_MOST_REMEMBERED:],
        suspects=tuple(one for one in route.suspects if one != caller),
    )  # fmt: skip
    if is_paused(route, at):
        # The call had already begun when the pause began.
        return route
    pause = min(_SHORTEST_PAUSE * 2**route.pauses, _LONGEST_PAUSE)
    return replace(route, paused_until=at + pause, pauses=min(route.pauses + 1, 10))
