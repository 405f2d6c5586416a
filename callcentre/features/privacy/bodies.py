"""The request and response bodies of `/api/person`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from callcentre.values.lines import LINE


class PersonToErase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person who is to be erased. `by` says who asks for it: another system, or staff."""

    number: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=40, extra_json_schema={"pattern": LINE},
            description="E.164, or as dialled at home.",
        ),
    ]  # fmt: skip
    by: Literal["api", "staff"] = "api"


class ErasedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure did.

    complete: whether all is gone that should be. rows: erased rows by table. kept: rows that stay, with a keyed hash
    only. left: rows that should be gone. lines: changed lines by file of the log. failed: what was not done, and what
    to do about it. notes: what is not ours to erase.
    """

    complete: bool
    rows: Mapping[str, int]
    kept: Mapping[str, int]
    left: Mapping[str, int]
    lines: Mapping[str, int]
    failed: Sequence[str]
    notes: Sequence[str]
