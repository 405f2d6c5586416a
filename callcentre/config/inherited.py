"""Region, language and timezone at the top of the file, which its parts inherit."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Inherited:
    """Each is None where the top of the file has no usable value. Then nothing is checked with it."""

    region: str | None = None
    language: str | None = None
    timezone: ZoneInfo | None = None


_NOTHING: Final = Inherited()
_INHERITED: Final[ContextVar[Inherited]] = ContextVar("inherited", default=_NOTHING)


def inherited() -> Inherited:
    """The inherited values for the part of the file that is being read."""
    return _INHERITED.get()


@contextmanager
def inheriting(top: Inherited) -> Iterator[None]:
    """Within this context, parts are read with the values of the top."""
    token = _INHERITED.set(top)
    try:
        yield
    finally:
        _INHERITED.reset(token)
