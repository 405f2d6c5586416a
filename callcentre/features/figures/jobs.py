"""What the daemon and its figure process say to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from callcentre.statistics.questions import By, Figure

FileFormat = Literal["csv", "xlsx"]


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question for figures.

    start, stop: milliseconds since 1970 UTC; None is open-ended.
    service, each_service: as in `Question`.
    of_agents: with figures of what others think of an agent. only_of_agents: with no others.
    figures: only these figures, by name; empty: all.
    """

    by: By | None
    start: int | None
    stop: int | None
    service: str | None = None
    each_service: bool = False
    of_agents: bool = True
    only_of_agents: bool = False
    figures: tuple[str, ...] = ()


class File(msgspec.Struct, frozen=True):
    """A file to write the first answer to. `spreadsheet` is the language whose spreadsheets csv is for."""

    path: str
    form: FileFormat
    spreadsheet: str | None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Questions that are answered at one moment of the database.

    organisation, services: the reach of the visitor.
    as_json: the first answer is given as the text that `callcentre stats --format json` shows.
    """

    url: str
    node: str
    zone: str
    organisation: str | None
    services: tuple[str, ...]
    readings: tuple[Reading, ...]
    as_json: bool = False
    file: File | None = None


class Figures(msgspec.Struct, frozen=True):
    """The answer to a question: a row for each group, with a value for each column."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Figure]]

    def dicts(self) -> list[dict[str, Figure]]:
        """The rows, each by the names of its columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class JobDone(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answers in the order of the questions; or `problem` says why there are none, and what to do."""

    answers: Sequence[Figures] = ()
    json: str = ""
    problem: str | None = None
