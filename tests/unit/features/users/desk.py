"""The rules of users over records in memory, and the events that tests give them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from callcentre.features.users.declaring import declared
from callcentre.features.users.events import LogInTried, Match
from callcentre.features.users.model import Accounts, ApiKey, Session, User, digest, folded, tries_of
from callcentre.kernel.component import Component, build
from callcentre.kernel.dispatch import Dispatcher
from callcentre.kernel.event import Event

NOON = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)
HOME = "192.0.2.7"
ELSEWHERE = "198.51.100.1"


def account(name: str = "Anna", **more: Any) -> User:
    """An account; its id is its name in small letters with its organisation."""
    organisation = more.pop("organisation", "main")
    known: dict[str, Any] = {"role": "supervisor", "made_at": NOON, "changed_at": NOON, "password": "hash"}
    return User(
        id=f"{name.lower()}-{organisation}", name=name, folded=folded(name), organisation=organisation, **known | more
    )


def session(name: str = "s1", at: datetime = NOON, **more: Any) -> Session:
    """A session that lasts twelve hours."""
    known: dict[str, Any] = {
        "user": "", "organisation": "", "generation": 0, "by": "password", "made_at": at, "seen_at": at,
        "confirmed_at": at, "expires": at + timedelta(hours=12), "address": HOME, "browser": "Firefox",
    }  # fmt: skip
    return Session(hash=digest(name), **known | more)


def key(name: str = "wallboard", **more: Any) -> ApiKey:
    """An API key of a device."""
    known: dict[str, Any] = {"organisation": "main", "role": "device", "made_at": NOON}
    return ApiKey(hash=digest(name), id=name[:8], name=name, folded=folded(name), **known | more)


@dataclass
class Desk:
    """All rules of users, played by hand."""

    accounts: Accounts = field(default_factory=Accounts)
    facts: list[Any] = field(default_factory=list)
    at: datetime = NOON

    def __post_init__(self) -> None:
        component = Component(name="users", build=lambda _building: declared(self.accounts))
        self._dispatcher = Dispatcher(build([component]))

    def has(self, *records: Any) -> None:
        for record in records:
            self._dispatcher.put(record)

    def tell(self, event: Event) -> list[Any]:
        """Decide on an event; the facts it led to."""
        self.at = max(self.at, event.at)
        facts = [fact for decision in self._dispatcher.decide(event) for fact in decision.facts]
        self.facts += facts
        return facts

    def later(self, **length: float) -> datetime:
        self.at += timedelta(**length)
        return self.at

    def tries(self, *users: User, name: str = "anna", address: str = HOME, **match: Any) -> list[Any]:
        """Somebody gives a name and the right password of these accounts; with none of them, a wrong one."""
        event = LogInTried(
            at=self.at, tries=tries_of(name, address), address=address, session=session(f"s{len(self.facts)}", self.at),
            matches=tuple(Match(user=user.id, generation=match.pop("generation", user.generation), **match)
                          for user in users),
            known=tuple(user.name for user in self.accounts.named(name)),
        )  # fmt: skip
        return self.tell(event)

    def now(self, user: User) -> User:
        found = self.accounts.users.get(user.id)
        assert found is not None
        return found

    def logged_in(self, user: User, name: str, **more: Any) -> Session:
        """A session of an account."""
        made = replace(
            session(name, self.at), user=user.id, organisation=user.organisation, generation=self.now(user).generation,
            **more,
        )  # fmt: skip
        self.has(made)
        return made

    def logged_in_first(self, user: User, name: str) -> Session:
        """An account with its first session."""
        self.has(user)
        return self.logged_in(user, name)
