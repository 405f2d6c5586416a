"""What the top of the file says and its parts go by: region, language and timezone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Inherited:
    """Each is None where the top of the file says nothing usable: then nothing is judged by it."""

    region: str | None = None
    language: str | None = None
    timezone: ZoneInfo | None = None


_NOTHING: Final = Inherited()
_INHERITED: Final[ContextVar[Inherited]] = ContextVar("inherited", default=_NOTHING)


def inherited() -> Inherited:
    """What the part of the file that is being read goes by."""
    return _INHERITED.get()


@contextmanager
def inheriting(top: Inherited) -> Iterator[None]:
    """Within this, parts are read by what the top says."""
    token = _INHERITED.set(top)
    try:
        yield
    finally:
        _INHERITED.reset(token)
