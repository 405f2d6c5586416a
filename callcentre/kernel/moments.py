"""Moves the times in a value when the wall clock was set.

A stored time means one of two things. Most mean an elapsed time: a call that began 40 seconds ago, a retry in ten
minutes. They are moved with the clock. A few mean the wall clock: midnight, the end of the quiet hours, the time of a
report. They are not moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")

STEP: Final = timedelta(seconds=2)
"""A larger difference from the expected time means that the clock was set. NTP slews a clock by 0.5 ms a second."""

_NONE: frozenset[str] = frozenset()


def moved(value: T, delta: timedelta) -> T:
    """The same dataclass, struct, tuple or time, with every time in it later by `delta` (earlier when negative).

    A dataclass or struct names the fields that mean the wall clock in `wall_times`, a class variable or a property.
    They are not moved. Returns `value` itself where there is nothing to move.
    """
    found: Any = value
    if isinstance(value, datetime):
        found = value + delta
    elif isinstance(value, tuple):
        parts = tuple(moved(part, delta) for part in value)
        if any(after is not before for after, before in zip(parts, value, strict=True)):
            found = parts
    elif isinstance(value, msgspec.Struct):
        changes = _moved_fields(value, value.__struct_fields__, delta)
        found = msgspec.structs.replace(value, **changes) if changes else value
    elif is_dataclass(value) and not isinstance(value, type):
        changes = _moved_fields(value, (field.name for field in fields(value)), delta)
        found = replace(value, **changes) if changes else value
    return found  # type: ignore[no-any-return]


def _moved_fields(value: Any, names: Iterable[str], delta: timedelta) -> dict[str, Any]:
    stays = getattr(value, "wall_times", _NONE)
    times = {name: getattr(value, name) for name in names if name not in stays}
    return {name: after for name, before in times.items() if (after := moved(before, delta)) is not before}
