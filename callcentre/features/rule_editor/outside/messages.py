"""What the daemon asks the worker process, and what that answers: one JSON value on a line each.

Texts of the file named `disk` and `in_force` have their secrets, and go to the worker only. Everything that an answer
has for the browser is without them. The two exceptions are `Ready.text`, which is for the file, and `settings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from callcentre.features.rule_editor.differences import Line


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """The file as it is on disk (None: it cannot be read), the text that applies, and the file's name in messages."""

    disk: str | None
    in_force: str
    path: str


# --- questions -----------------------------------------------------------------------------------


class Look(msgspec.Struct, frozen=True, kw_only=True, tag="look"):
    """What is there to be edited?"""

    files: Files


class Check(msgspec.Struct, frozen=True, kw_only=True, tag="check"):
    """What is wrong with a text, and what would it change?"""

    files: Files
    text: str


class Compare(msgspec.Struct, frozen=True, kw_only=True, tag="compare"):
    """What differs between two texts without secrets? With `typed`, `after` may have one, which is to be hidden."""

    files: Files
    before: str
    after: str
    typed: bool = False


class WhatIf(msgspec.Struct, frozen=True, kw_only=True, tag="what_if"):
    """What would a text have done with the calls since this time, and what the text that applies?

    `database` is SQLAlchemy's URL, `since` is in milliseconds since 1970.
    """

    files: Files
    text: str
    database: str
    node: str
    since: int


Question = Look | Check | Compare | WhatIf

# --- answers -------------------------------------------------------------------------------------


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """A problem or a warning: place, message, and the lines that show the place, as `callcentre check` has them.

    `line` is 0 for the file as a whole. `column` and `end` count from 1.
    """

    line: int
    column: int
    end: int
    where: str
    message: str
    shown: str


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """The text to be edited, without secrets, and the SHA-256 of it.

    problems: those of the file. is_of_disk: whether the text is that of the file; else the file is no YAML, and it is
    the text that applies. None: neither can be shown. waiting: what the file would change of what applies.
    """

    text: str | None
    sha256: str
    is_of_disk: bool
    problems: Sequence[Mistake]
    warnings: Sequence[Mistake]
    waiting: Sequence[Line]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a text.

    changes: the difference to what applies. secrets: the names of the secrets that it changes. A text without problems
    has `ready`.
    """

    problems: Sequence[Mistake]
    warnings: Sequence[Mistake] = ()
    changes: Sequence[Line] = ()
    secrets: Sequence[str] = ()
    ready: Ready | None = None


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A text that can be saved.

    text: with its secrets. shown: without them, as the next page shows it; with its SHA-256. settings: pickled.
    """

    text: str
    shown: str
    sha256: str
    settings: bytes


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of a difference."""

    lines: Sequence[Line]


Figures = Mapping[str, int | None]
"""A figure for each rule, by the name of its column; None where the service has no such rule."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls had an outcome of a rule, by the rules that apply and by the new ones."""

    rule: str
    outcome: str
    before: int
    after: int


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """The calls of a service: what the rules that apply and the new ones would have done with them.

    reasons: the outcomes that have another number of calls.
    """

    service: str
    before: Figures
    after: Figures
    reasons: Sequence[Reason]


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules would have done with calls of the past. `problem` says why nothing is known."""

    services: Sequence[Compared] = ()
    calls: int = 0
    problem: str | None = None


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """The worker made a mistake."""

    error: str
