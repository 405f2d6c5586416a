"""What other features may read of callbacks, and the commands that they may send.

A feature that announces callbacks to customers declares an `Announcer`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from callcentre.features.callbacks.collection import Callbacks, place_of
from callcentre.features.callbacks.events import (
    CallbackDeferred,
    CallbackMovedUp,
    CallbackRequested,
    CallbackWithdrawn,
    OtherServiceWanted,
)
from callcentre.features.callbacks.facts import (
    CallbackAccepted,
    CallbackCancelled,
    CallbackCompleted,
    CallbackDialled,
    CallbackExpired,
    CallbackFailed,
    CallbackNotDialled,
)
from callcentre.features.callbacks.listing import Announced, ListedCallback, NextStep, Why
from callcentre.features.callbacks.model import Callback, CancelCallback, Counted, MoveCallback, Phase, Request, WhyNot
from callcentre.features.callbacks.rights import CHANGE_CALLBACKS, SEE_CALLBACKS
from callcentre.features.callbacks.settings import CallbackSettings, LimitSettings
from callcentre.telephony.queue_view.interface import QueueView

if TYPE_CHECKING:
    from callcentre.config.settings import Service

__all__ = [
    "CHANGE_CALLBACKS",
    "SEE_CALLBACKS",
    "Announced",
    "Announcer",
    "Callback",
    "CallbackAccepted",
    "CallbackCancelled",
    "CallbackCompleted",
    "CallbackDeferred",
    "CallbackDialled",
    "CallbackExpired",
    "CallbackFailed",
    "CallbackList",
    "CallbackMovedUp",
    "CallbackNotDialled",
    "CallbackRequested",
    "CallbackSettings",
    "CallbackWithdrawn",
    "CancelCallback",
    "Counted",
    "LimitSettings",
    "ListedCallback",
    "MoveCallback",
    "NextStep",
    "OpenCallbacks",
    "OtherServiceWanted",
    "Phase",
    "SomeCallbacks",
    "StaffCallbacks",
    "Why",
    "WhyNot",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcer:
    """A feature that announces to the customer that we will call.

    `at_once` says whether it announces a callback that begins at this place at once, so that no confirmation is needed.
    `announced` says what the customer of a callback (its id) was told and has answered; None for nothing. `has_phone`
    says whether it rings at a number (E.164) or is heard there.
    """

    at_once: Callable[[Service, int, datetime], bool]
    announced: Callable[[str], Announced | None]
    has_phone: Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SomeCallbacks:
    """Which open callbacks a page shows: `most` after the first `skip`, of these services, in this phase or in any."""

    services: Collection[str]
    phase: Phase | None = None
    skip: int = 0
    most: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackList:
    """The open callbacks as they are shown to people: numbers are masked.

    `of` lists those of a service at a moment, in the order of the queue, each with when it was promised. `count` is
    their number. `page` returns some of them, queue by queue in its order, and how many there are of these in all.
    `found` takes an id. `of_services` are all of some services, as they are kept.
    """

    of: Callable[[str, datetime], Sequence[tuple[ListedCallback, datetime]]]
    count: Callable[[str], int]
    page: Callable[[SomeCallbacks, datetime], tuple[Sequence[ListedCallback], int]]
    found: Callable[[str, datetime], ListedCallback | None]
    of_services: Callable[[Collection[str]], Iterable[Callback]]


class StaffCallbacks(Protocol):
    """What pages ask before staff does something with a callback (its id)."""

    def service_of(self, callback: str) -> str | None:
        """The service of an open callback; None for one that is not open."""

    def why_not(self, callback: str) -> WhyNot | None:
        """Why a callback cannot be moved or given to another service now; None where it can."""

    def why_not_defer(self, callback: str, until: datetime, at: datetime) -> WhyNot | None:
        """Why a callback cannot be deferred until then."""

    def why_not_reassign(self, callback: str, service: str) -> WhyNot | None:
        """Why a callback cannot be given to this service."""

    def answer(self, request: str) -> Request | None:
        """What came of a request for a callback."""

    def end_at_closing(self, service: str) -> bool:
        """Whether the waiting callbacks of a service end when it closes."""
        ...


@dataclass(frozen=True, slots=True)
class OpenCallbacks:
    """The callbacks that are open now."""

    callbacks: Callbacks
    queues: QueueView

    def get(self, callback: str | None) -> Callback | None:
        """The open callback with this id."""
        return self.callbacks.get(callback)

    def of_call(self, call: str | None) -> Callback | None:
        """The callback that a channel is about: the customer's, or one that reserves an agent."""
        return self.callbacks.of_call(call)

    def first_queued(self, queue: str, most: int) -> Sequence[Callback]:
        """So many of the queued callbacks, or fewer: the first in the order of the queue."""
        return self.callbacks.first_queued(queue, most)

    def place(self, callback: Callback) -> int:
        """The place of a callback in its queue now: the number of people before it, plus one."""
        return place_of(callback, self.callbacks, self.queues)

    def of_number(self, number: str) -> Sequence[Callback]:
        """The open callbacks to this number (E.164), of every service."""
        return self.callbacks.of_number(number)

    def is_open_to(self, number: str) -> bool:
        """Whether a callback to this number (E.164) is open, for any service."""
        return self.callbacks.is_open_to(number)
