"""What the notices look at beyond their own records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from callcentre.features.callbacks.model import Callback
from callcentre.messaging.model import Text


class OpenCallbacks(Protocol):
    """The open callbacks, and their places."""

    def get(self, callback: str | None) -> Callback | None:
        """The open callback of this id."""
        ...

    def queued(self, queue: str) -> Iterator[Callback]:
        """The callbacks that are queued, in the order of the queue."""
        ...

    def place(self, callback: Callback) -> int:
        """The place of a queued callback now, from 1."""
        ...


class OpenTexts(Protocol):
    """The texts that have not come to an end, and who wants none."""

    def get(self, message: str) -> Text | None:
        """The open text of this id."""
        ...

    def is_opted_out(self, caller: str) -> bool:
        """Whether the person of this keyed hash wants no texts."""
        ...
