"""Notices: people told that their callback is near, by a text or by our Auto Agent, and what they answered.

A notice is kept for a while after its callback has ended, so that a late answer is told from an answer to nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from callcentre.messaging.model import State as TextState
from callcentre.messaging.words import folded
from callcentre.values.numbers import caller_hash, normalise

if TYPE_CHECKING:
    from callcentre.config.settings import Service
    from callcentre.features.notices.settings import NotifySettings
    from callcentre.world import World

_NUMBER: Final = re.compile(r"\(?\+?[0-9 ().\-/]*[0-9][0-9 ().\-/]*")
_FEWEST_DIGITS: Final = 5
"""Fewer are the answer to some question, not a telephone number."""


class State(StrEnum):
    """How far somebody has been told."""

    TEXTED = "texted"
    """A text is on its way to them."""
    DELIVERED = "delivered"
    """Their phone has the text."""
    CALL_DUE = "call_due"
    """Our Auto Agent calls them as soon as it may."""
    RINGING = "ringing"
    """The Auto Agent's call to them is committed."""
    TALKING = "talking"
    """They hear the Auto Agent."""
    TOLD = "told"
    """They heard it."""
    FAILED = "failed"
    """Nothing reached them, and nothing more is tried."""
    SKIPPED = "skipped"
    """They were dialled before they could be told."""


CALLED: Final = frozenset({State.RINGING, State.TALKING})
"""The Auto Agent has their phone."""

BY_TEXT: Final = frozenset({State.TEXTED, State.DELIVERED})
"""Their phone has the text, or is about to."""


class Meaning(StrEnum):
    """What an answer by text says."""

    CANCEL = "cancel"
    KEEP = "keep"
    NUMBER = "number"
    UNCLEAR = "unclear"


class Ended(StrEnum):
    """What became of the callback, so that an answer changes nothing any more."""

    DIALLED = "dialled"
    CANCELLED = "cancelled"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What was told of a callback. `number` is E.164 as it was told, `caller` its keyed hash.

    `answer_to` is the number of ours that a text went out from and that they may answer; None when there is nothing to
    answer. `call` and `attempts` are the Auto Agent's. `answer` is what they said last that was clear. `promised_on` is
    the call on which the callback was taken, when they are told at once. `helped` and `late`: that text has been sent,
    `late` for this `ended`; `replies` counts all that we sent in return.
    """

    callback: str
    service: str
    queue: str
    number: str
    caller: str
    language: str
    position: int
    state: State
    told_at: datetime
    answer_to: str | None = None
    call: str | None = None
    attempts: int = 0
    not_before: datetime | None = None
    promised_on: str | None = None
    answer: Meaning | None = None
    opted_out: bool = False
    ended: Ended | None = None
    helped: bool = False
    late: bool = False
    replies: int = 0

    @property
    def key(self) -> str:
        return self.callback

    @property
    def message(self) -> str:
        """The name of its text."""
        return f"notice-{self.callback}"


class Notices:
    """All notices that may still matter. Rules read them; only the engine changes them."""

    def __init__(self) -> None:
        self.by_callback: dict[str, Notice] = {}
        self._by_caller: dict[str, set[str]] = {}
        self._by_call: dict[str, str] = {}
        self._due: dict[str, None] = {}
        self._called: dict[str, None] = {}

    # --- questions -------------------------------------------------------------------------------

    def of_caller(self, caller: str) -> list[Notice]:
        """The notices to a person, by keyed hash."""
        return [self.by_callback[name] for name in sorted(self._by_caller.get(caller, ()))]

    def of_call(self, call: str) -> Notice | None:
        """The notice that one of our Auto Agent's calls is about."""
        name = self._by_call.get(call)
        return None if name is None else self.by_callback[name]

    def due(self) -> list[Notice]:
        """Those whom the Auto Agent is to call, in the order in which that was decided."""
        return [self.by_callback[name] for name in self._due]

    def called(self) -> list[Notice]:
        """Those whose phones the Auto Agent has."""
        return [self.by_callback[name] for name in self._called]

    def in_flight(self) -> int:
        """How many calls of the Auto Agent ring or are spoken with."""
        return len(self._called)

    def ringing(self) -> int:
        """How many calls of the Auto Agent ring."""
        return sum(notice.state is State.RINGING for notice in self.called())

    def has_phone(self, number: str) -> bool:
        """Whether the Auto Agent rings at this number (E.164), or is heard there: nobody else of us may call it."""
        return any(notice.number == number for notice in self.called())

    # --- changes, by the engine ------------------------------------------------------------------

    def put(self, record: Notice) -> None:
        """Take a notice in place of the one for its callback."""
        before = self.by_callback.get(record.callback)
        if before is not None and before.call != record.call:
            self._by_call.pop(before.call or "", None)
        self.by_callback[record.callback] = record
        self._by_caller.setdefault(record.caller, set()).add(record.callback)
        if record.call is not None:
            self._by_call[record.call] = record.callback
        _in_or_out(self._due, record.callback, record.state is State.CALL_DUE)
        _in_or_out(self._called, record.callback, record.state in CALLED)

    def delete(self, record: Notice) -> None:
        """Forget a notice."""
        before = self.by_callback.pop(record.callback, None)
        if before is None:
            return
        of_caller = self._by_caller[before.caller]
        of_caller.discard(before.callback)
        if not of_caller:
            del self._by_caller[before.caller]
        self._by_call.pop(before.call or "", None)
        self._due.pop(before.callback, None)
        self._called.pop(before.callback, None)


def _in_or_out(members: dict[str, None], name: str, belongs: bool) -> None:
    if belongs:
        members.setdefault(name)
    else:
        members.pop(name, None)


# --- what features agree on ------------------------------------------------------------------------


def told_at_once(service: Service, place: int, at: datetime) -> bool:
    """Whether a callback that begins at this place is told by its notice, so that it needs no confirmation."""
    return service.notify is not None and place <= service.notify.at_position and service.opening_hours.is_open(at)


CLOSED: Final = "closed"
"""Why a text is not sent that did not get away before closing: its callback is announced anew after the opening."""


def why_not_announced(world: World, callback: str | None, at: datetime) -> str | None:
    """Why a callback must not be announced by a text now; None while it must."""
    notice = world.notices.by_callback.get(callback or "")
    if notice is None:
        return Ended.OVER.value
    if notice.ended is not None:
        return notice.ended.value
    if notice.state is not State.TEXTED:
        return "voice"
    service = world.settings.services.get(notice.service)
    return CLOSED if service is not None and not service.opening_hours.is_open(at) else None


def meaning(body: str, cancel_words: Iterable[str], keep_words: Iterable[str]) -> Meaning:
    """What an answer says: words are compared whole and folded, and anything written as a telephone number is one."""
    answer = folded(body)
    if answer in {folded(word) for word in cancel_words}:
        return Meaning.CANCEL
    if answer in {folded(word) for word in keep_words}:
        return Meaning.KEEP
    written = as_number(body)
    if _NUMBER.fullmatch(written) and sum(each.isdecimal() for each in written) >= _FEWEST_DIGITS:
        return Meaning.NUMBER
    return Meaning.UNCLEAR


def as_number(body: str) -> str:
    """An answer with the plain blanks and hyphens that a number is written with.

    What is copied from a phone's contacts has others, and marks of direction around it. Digits stay as they are: those
    of other scripts make no number.
    """
    plain = {"Zs": " ", "Pd": "-", "Cf": ""}
    return "".join(plain.get(unicodedata.category(each), each) for each in body).strip()


def addressed(world: World, number: str, recipient: str) -> Notice | None:
    """The notice that a text from `number` (E.164) to our `recipient` answers; None when it answers none.

    Answers carry no id. Of those sent from the number they write to it is the newest that still has no answer; else the
    newest that has one, and may be answered otherwise; else the newest whose callback is over. Where the text of one
    did not arrive, as far as anybody knows, they mean another.
    """
    asked = [
        notice
        for notice in world.notices.of_caller(caller_hash(world.key, number))
        if notice.answer_to is not None
        and _is_same(notice.answer_to, recipient, world.settings.region)
        and not _is_held_back(world, notice)
    ]
    return max(
        asked,
        key=lambda one: (one.ended is None, one.state in BY_TEXT, one.answer is None, one.told_at),
        default=None,
    )


def _is_held_back(world: World, notice: Notice) -> bool:
    """Whether its text was never handed over yet: nobody can answer that."""
    text = world.texts.open.get(notice.message)
    return text is not None and text.state is TextState.QUEUED and text.attempts == 0


def claims(world: World, number: str, recipient: str, body: str) -> bool:
    """Whether a text is an answer to a notice whose callback is open, in the words of that notice.

    Whoever else asks questions from the same number leaves such a text alone.
    """
    notice = addressed(world, number, recipient)
    rules = None if notice is None else rules_of(world.settings.services, notice.service)
    if notice is None or notice.ended is not None or rules is None:
        return False
    return meaning(body, rules.cancel_words, rules.keep_words) is not Meaning.UNCLEAR


def may_cancel(world: World, number: str, recipient: str, body: str) -> bool:
    """Whether a text is a cancel word of the notice that it answers, be it in time or too late."""
    notice = addressed(world, number, recipient)
    rules = None if notice is None else rules_of(world.settings.services, notice.service)
    return rules is not None and meaning(body, rules.cancel_words, rules.keep_words) is Meaning.CANCEL


def rules_of(services: Mapping[str, Service], service: str) -> NotifySettings | None:
    """The rules for notices of a service; None where there are none any more."""
    known = services.get(service)
    return None if known is None else known.notify


def _is_same(answer_to: str, recipient: str, region: str) -> bool:
    """Whether what we sent from is what they wrote to; gateways write the same number in several ways."""
    if not recipient:
        return True
    ours = normalise(answer_to, region) or answer_to
    return ours in (normalise(recipient, region), recipient) or ours.lstrip("+") == recipient.lstrip("+")
