"""Who was greeted when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """A call whose welcome was decided, sent or not: it is not decided again while it lives."""

    call: str

    @property
    def key(self) -> str:
        return self.call


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """A caller who was greeted for a service, last by this text."""

    service: str
    caller: str
    message: str
    at: datetime

    @property
    def key(self) -> str:
        return f"{self.service} {self.caller}"


class Greetings:
    """All that welcoming remembers."""

    def __init__(self) -> None:
        self.considered: set[str] = set()
        self.latest: dict[str, Greeting] = {}

    def put(self, record: Considered | Greeting) -> None:
        """Take a record in place of the one with its key."""
        match record:
            case Considered():
                self.considered.add(record.call)
            case Greeting():
                self.latest.pop(record.key, None)
                self.latest[record.key] = record

    def delete(self, record: Considered | Greeting) -> None:
        """Forget a record."""
        match record:
            case Considered():
                self.considered.discard(record.call)
            case Greeting():
                self.latest.pop(record.key, None)
