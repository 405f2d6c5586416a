"""Panels: the parts of pages that are kept current."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec

from callcentre.web.rights import Right


class AsAgent(NamedTuple):
    """A visitor as an agent: the device, such as `PJSIP/agent1`, and the services that the visitor sees."""

    agent: str
    services: frozenset[str]


Subject = str | AsAgent
"""What a panel is about: a service by its key, "" for the program, or an agent."""


def name_of(subject: Subject) -> str:
    """The name of a subject on the page."""
    return subject if isinstance(subject, str) else subject.agent


def concerns(subject: Subject, services: Collection[str]) -> bool:
    """Whether facts about these services ("" for none) may change what is shown of a subject."""
    if isinstance(subject, str):
        return subject == "" or subject in services
    return "" in services or not subject.services.isdisjoint(services)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The declaration of a panel.

    `state(service, at)` is what it shows of a service (its key), as a struct that is also the JSON of `/api/live`. It
    is read from memory, in less than a millisecond, and the same as before when nothing has changed: times in it are
    moments (`since`), and the browser counts. `template` gets it as `state`, with `service` and the language.

    `of_program`: the panel is about the program and no service; its `state` gets "". `of_agent` in place of `state`:
    the panel is about the visitor as an agent, and only for visitors with a phone.
    """

    name: str
    right: Right
    template: str
    state: Callable[[str, datetime], msgspec.Struct] | None = None
    of_agent: Callable[[AsAgent, datetime], msgspec.Struct] | None = None
    of_program: bool = False

    def shows(self, subject: Subject, at: datetime) -> msgspec.Struct:
        """What it shows of a subject."""
        if isinstance(subject, str):
            assert self.state is not None, self.name  # noqa: S101 - see `Hub.panels_of`
            return self.state(subject, at)
        assert self.of_agent is not None, self.name  # noqa: S101
        return self.of_agent(subject, at)
