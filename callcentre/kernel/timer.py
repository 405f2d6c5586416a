"""Timers as components see them: a class for each purpose, delivered to its owner only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Union

import msgspec

_encode = msgspec.json.Encoder().encode


class Timer(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="timer"):
    """Base of all timers. The tag names the subclass, the fields say what it is about.

    Two timers with the same tag and fields are one: setting it again moves it. A subclass with a field
    `due: datetime | None = None` is delivered with the time it was set for. Leave the field empty otherwise.
    """

    @property
    def key(self) -> str:
        """The timer as JSON, the key of its row."""
        return _encode(self).decode()


class UnknownTimer(ValueError):  # noqa: N818
    """No component has this timer; the text is its key."""


class TimerReader:
    """Reads the keys of rows back into timers of the classes that components handle."""

    def __init__(self, classes: Iterable[type[Timer]]) -> None:
        kinds = tuple(classes)
        self._decode = msgspec.json.Decoder(Union[kinds]).decode if kinds else None  # noqa: UP007
        self._with_due = frozenset(kind for kind in kinds if "due" in kind.__struct_fields__)

    def knows(self, key: str) -> bool:
        """Whether this is the key of a timer of these classes."""
        try:
            return self._decode is not None and self._decode(key) is not None
        except msgspec.MsgspecError:
            return False

    def read(self, key: str, due: datetime) -> Timer:
        """The timer of a row that has fallen due. Raises UnknownTimer."""
        if self._decode is None:
            raise UnknownTimer(key)
        try:
            timer: Any = self._decode(key)
        except msgspec.MsgspecError:
            raise UnknownTimer(key) from None
        if type(timer) in self._with_due:
            timer = msgspec.structs.replace(timer, due=due)
        found: Timer = timer
        return found
