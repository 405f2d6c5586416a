"""The body of a refusal of `/api`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong and how to fix it; `reason` says in one word why a request was refused.

    `mistakes` are all mistakes in a body, each with its position.
    """

    error: str
    mend: str
    reason: str | None = None
    mistakes: Sequence[str] = ()
