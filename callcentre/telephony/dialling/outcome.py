"""The outcome of an outgoing call that nobody answered: collected while it is dialled, decided when it is over.

The cause of our own channel is not enough. It is 0 when the dialplan behind a Local channel ends with `Busy()` or
`Congestion()`, as after "all circuits are busy". The reason is then in the `Dial` events and causes of the channels
that the dialplan dialled. Seen on Asterisk 22.10.1; tests/acceptance/test_dialling_failures.py checks it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec.structs import replace

from callcentre.kernel.decision import Record

Q850_BUSY: Final = frozenset({17})
Q850_IMPOSSIBLE: Final = frozenset({1, 2, 3, 21, 22, 28})
"""ITU-T Q.850: unallocated number, no route, call rejected, number changed, invalid number format."""
Q850_NO_ANSWER: Final = frozenset({0, 16, 18, 19, 26, 31, 127})
"""A phone that rings unanswered, too, ends with normal clearing before an answer."""
_Q850_NO_ROUTE: Final = frozenset({2, 3})
"""Asterisk itself reports 3 for an endpoint that does not exist, or has no contact."""
_Q850_NO_REPLY: Final = 18
"""No user responding: Asterisk reports it for an INVITE without any answer for 32 s."""

SIGNS: Final = frozenset({"RINGING", "PROGRESS", "PROCEEDING", "ANSWER"})
"""Values of ARI's `dialstatus` that only a network or a phone causes."""

_UNAVAILABLE: Final = "CHANUNAVAIL"
_SILENT_SECONDS: Final = 20.0
"""A network that is silent for this long is not there. One that is there reports earlier that a phone rings."""

QUICK_SECONDS: Final = 1.0

_FAR: Final = "-far"


def far_half(call: str) -> str:
    """The id of the other half of a Local channel through which we dial a customer: it runs the dialplan."""
    return f"{call}{_FAR}"


def near_half(channel: str) -> str | None:
    """The outgoing call that such a half belongs to; None for any other channel."""
    return channel.removesuffix(_FAR) if channel.endswith(_FAR) else None


class Outcome(StrEnum):
    """The meaning of an unanswered call for the next attempt."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    IMPOSSIBLE = "impossible"
    FAILED = "failed"
    NO_ROUTE = "no_route"
    """The call found no route to a network. It says nothing about the customer, and does not count as an attempt."""
    LIMIT = "limit"
    """Another daemon has made the last call that was allowed: this one was not dialled, and counts as no attempt."""


class Leg(msgspec.Struct, frozen=True):
    """A dialled channel: each `dialstatus` of it, its Q.850 cause, and whether the other side ended it."""

    channel: str
    statuses: frozenset[str] = frozenset()
    cause: int = 0
    hung_up: bool = False

    @property
    def is_busy(self) -> bool:
        return "BUSY" in self.statuses or self.cause in Q850_BUSY

    @property
    def rang(self) -> bool:
        """Whether a network or a phone reacted."""
        return bool(SIGNS & self.statuses)


class Heard(Record, frozen=True, kw_only=True):
    """The events so far of an outgoing call that nobody has answered. In memory only.

    `caller` is the keyed hash of the number. `began` is when the channel was created, on Asterisk's clock. `legs` are
    the channels that the dialplan behind a Local channel dialled, the latest last. `whole` is False when events may
    have been missed: then nothing is concluded from missing events. `reserves`: it rings an agent, through a queue, for
    the customer of `callback`. `service` is None for a call from before the daemon's start.
    """

    call: str
    callback: str
    caller: str
    local: bool
    own: Leg
    service: str | None = None
    legs: tuple[Leg, ...] = ()
    began: datetime | None = None
    whole: bool = True
    reserves: bool = False

    @property
    def key(self) -> str:
        return self.call

    @property
    def dialled(self) -> tuple[Leg, ...]:
        """The channels that lead to a network: our own, or those that the dialplan dialled."""
        return self.legs if self.local else (self.own,)

    @property
    def rang(self) -> bool:
        """Whether a network or a phone reacted. Our own dialplan can make a Local channel ring by itself."""
        return any(leg.rang for leg in self.dialled)

    @property
    def is_mute(self) -> bool:
        """Whether the dialled phone was answered without any report that it rings."""
        return self.whole and any(SIGNS & leg.statuses == {"ANSWER"} for leg in self.dialled)

    @property
    def left_us(self) -> bool:
        """Whether a call left Asterisk, as far as is known."""
        return not self.whole or any(_UNAVAILABLE not in leg.statuses for leg in self.dialled if leg.statuses)

    def status(self, leg: str | None, status: str) -> Heard:
        """The record with one more `dialstatus`: of our channel (None), or of one that the dialplan dials for it."""
        if leg is None:
            return replace(self, own=_with_status(self.own, status))
        known = {one.channel: one for one in self.legs}
        known[leg] = _with_status(known.get(leg, Leg(leg)), status)
        return replace(self, legs=tuple(known.values()))

    def ended(self, channel: str, cause: int, *, hung_up: bool = False) -> Heard:
        """The record with the cause of one of its channels; `hung_up`: the other side ended it."""

        def known(leg: Leg) -> Leg:
            if leg.channel != channel:
                return leg
            return replace(leg, cause=cause or leg.cause, hung_up=leg.hung_up or hung_up)

        return replace(self, own=known(self.own), legs=tuple(map(known, self.legs)))

    def lasted(self, when: datetime | None) -> float | None:
        """Seconds from its beginning to `when`, on Asterisk's clock; None when either is unknown."""
        return None if self.began is None or when is None else (when - self.began).total_seconds()


def _with_status(leg: Leg, status: str) -> Leg:
    return replace(leg, statuses=leg.statuses | {status})


def is_quick(heard: Heard, seconds: float | None) -> bool:
    """Whether a call ended within a second without ringing; `seconds` None: it did not even begin."""
    return heard.whole and not heard.rang and (seconds is None or seconds < QUICK_SECONDS)


def outcome_of(heard: Heard, seconds: float | None, *, mute: bool = False) -> Outcome:
    """The outcome of an unanswered call that lasted this many seconds; None: it did not even begin.

    `mute`: the network is known not to report that a phone rings.
    Of several channels that the dialplan dialled one after the other a busy one counts, else the last.
    """
    if seconds is None:
        return Outcome.NO_ROUTE
    if heard.own.is_busy or any(leg.is_busy for leg in heard.legs):
        return Outcome.BUSY
    last = heard.dialled[-1] if heard.dialled else heard.own
    cause = last.cause or heard.own.cause
    if not heard.whole:
        return reason_of(cause)
    if cause in _Q850_NO_ROUTE and not (heard.dialled and last.hung_up):
        return Outcome.NO_ROUTE
    if cause in Q850_IMPOSSIBLE:
        return Outcome.IMPOSSIBLE
    if not heard.dialled or not heard.own.statuses or _UNAVAILABLE in last.statuses:
        return Outcome.NO_ROUTE
    if not heard.rang and not mute and _is_silence(last, cause, seconds):
        return Outcome.NO_ROUTE
    return reason_of(cause)


def _is_silence(last: Leg, cause: int, seconds: float) -> bool:
    """Whether there was no reaction at all, not even a refusal."""
    return seconds >= _SILENT_SECONDS and (not last.hung_up or cause == _Q850_NO_REPLY)


def reason_of(cause: int) -> Outcome:
    """The outcome according to the Q.850 cause alone of an unanswered call."""
    if cause in Q850_BUSY:
        return Outcome.BUSY
    if cause in Q850_IMPOSSIBLE:
        return Outcome.IMPOSSIBLE
    return Outcome.NO_ANSWER if cause in Q850_NO_ANSWER else Outcome.FAILED
