"""What the notices look at beyond their own records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from callcentre.features.callbacks.model import Callback


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
