"""What a refusal of `/api` says."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong and what to do about it; `reason` is why a request was refused, as one word.

    `mistakes` are all that were found in a body, each with its place.
    """

    error: str
    mend: str
    reason: str | None = None
    mistakes: Sequence[str] = ()
