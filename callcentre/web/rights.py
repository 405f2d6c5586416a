"""Who may do what: one table, from which checks, pages and documentation are made.

A `Right` is declared by the component whose routes ask for it, and says which roles have it. `Rights` is all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a user is. The order is that of pages and documentation."""

    ADMINISTRATOR = "administrator"
    """Looks after the system: users, keys, rules."""
    SUPERVISOR = "supervisor"
    """Leads the agents of some services: sees and does what happens there today."""
    SENDER = "sender"
    """Sends campaigns."""
    AGENT = "agent"
    """Answers calls."""
    VIEWER = "viewer"
    """Sees figures and live pages, and changes nothing."""
    DEVICE = "device"
    """A screen on a wall."""


ADMINISTRATOR: Final = frozenset({Role.ADMINISTRATOR})
SUPERVISORS: Final = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR})
AGENTS: Final = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AGENT})
"""Everybody who may answer calls."""
VIEWERS: Final = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.VIEWER})
SCREENS: Final = VIEWERS | {Role.DEVICE}
PEOPLE: Final = frozenset(Role) - {Role.DEVICE}
"""Everybody with an account of a person."""


@dataclass(frozen=True, slots=True)
class Right:
    """One thing that a user may do: `area.verb`, one sentence in English, and the roles that may.

    The sentence is translated on pages.
    """

    name: str
    about: str
    roles: frozenset[Role]


class Rights:
    """The table of all rights. It is complete once every component is built."""

    def __init__(self, declared: Sequence[Right]) -> None:
        self._declared = declared

    def __iter__(self) -> Iterator[Right]:
        return iter(self._declared)

    def __contains__(self, right: Right) -> bool:
        return right in self._declared

    def of(self, role: Role, among: Collection[str] | None = None) -> frozenset[str]:
        """The names of the rights of a role; with `among`, only those that are named there too."""
        names = (right.name for right in self._declared if role in right.roles)
        return frozenset(name for name in names if among is None or name in among)
