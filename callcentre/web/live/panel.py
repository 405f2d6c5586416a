"""Panels: the parts of pages that are kept current."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from callcentre.web.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The declaration of a panel.

    `state(service, at)` is what it shows of a service (its key), as a struct that is also the JSON of `/api/live`. It
    is read from memory, in less than a millisecond, and the same as before when nothing has changed: times in it are
    moments (`since`), and the browser counts. `template` gets it as `state`, with `service` and the language.

    `of_program`: the panel is about the program and no service; its `state` gets "".
    """

    name: str
    right: Right
    template: str
    state: Callable[[str, datetime], msgspec.Struct]
    of_program: bool = False
