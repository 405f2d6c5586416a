"""Whether our calls find a way to a network at all.

A call that finds none says nothing of the customer. It raises an alarm, and dialling of every kind pauses; then one
call tries at a time, until one rings or a network answers. Several calls in a row that end within a second without
having rung are the same fault, whatever is said of each: one number may be unassigned, not all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from callcentre.kernel.alarm import Alarm
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
"""So many numbers in a row whose call ends within a second without having rung."""

_SHORTEST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(minutes=10)
_MOST_REMEMBERED: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What is known of the way out. Numbers are keyed hashes.

    `pauses` counts the calls in vain since the alarm was raised: each doubles the next pause, up to ten minutes.
    `quick` are the numbers in a row whose calls ended at once. `unrouted` met no route since the alarm was raised, and
    others try before them; `suspects` did before it was cleared by another: if they meet none again, it is the number.
    `mute`: the latest call that was answered had not said that it rings.
    """

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
    """Whether nothing is dialled now, for want of a route."""
    return route.raised and route.paused_until is not None and at < route.paused_until


def got_through(route: Route, caller: str, *, mute: bool) -> Route:
    """A network gave a sign for the number of this hash: there is a way out."""
    others = (one for one in (*route.suspects, *route.unrouted) if one != caller)
    return Route(suspects=tuple(dict.fromkeys(others))[-_MOST_REMEMBERED:], mute=mute)


def concluded(route: Route, outcome: Outcome, caller: str, at: datetime, *, quick: bool) -> tuple[Route, Outcome]:
    """After a call that nobody took: what is known of the way out then, and what the call counts as.

    `quick`: it ended within a second without having rung.
    """
    if outcome is Outcome.NO_ROUTE and caller in route.suspects and not route.raised:
        # Others have got through since: it is this number that leads nowhere.
        return route, Outcome.FAILED
    row = tuple(dict.fromkeys((*route.quick, caller)))[-IN_A_ROW:] if quick else ()
    if (route.raised and (quick or outcome is Outcome.FAILED)) or len(row) >= IN_A_ROW:
        outcome = Outcome.NO_ROUTE
    if outcome is Outcome.NO_ROUTE:
        return _in_vain(replace(route, quick=row), caller, at), outcome
    if route.raised:
        # Busy, unassigned, or not answered: a network said so.
        return got_through(route, caller, mute=route.mute), outcome
    return replace(route, quick=row), outcome


def _in_vain(route: Route, caller: str, at: datetime) -> Route:
    route = replace(
        route, raised=True, unrouted=tuple(dict.fromkeys((*route.unrouted, caller)))[-_MOST_REMEMBERED:],
        suspects=tuple(one for one in route.suspects if one != caller),
    )  # fmt: skip
    if is_paused(route, at):
        # It was under way already when the pause began.
        return route
    pause = min(_SHORTEST_PAUSE * 2**route.pauses, _LONGEST_PAUSE)
    return replace(route, paused_until=at + pause, pauses=min(route.pauses + 1, 10))
