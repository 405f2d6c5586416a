"""Events of an erasure, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from callcentre.kernel.event import Event


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """One erasure of a person.

    number: in E.164. caller: its keyed hash. region: the country of numbers without country code. secret: random; what
    an id is replaced by is made with it, and it is forgotten in the end. by: staff or api.
    """

    number: str
    caller: str
    region: str
    secret: str
    by: str


class ErasureBegun(Event, frozen=True, kw_only=True):
    """A person is to be erased. Whatever is open for the person ends now, by facts that name nobody.

    A component that has anything open about people has a rule for it. The rest of its rows is found by its `Person`.
    """

    erasure: Erasure


class RowsFound(Event, frozen=True, kw_only=True):
    """Some rows of a person: each with its table and all its columns. `ids` are those of the person alone."""

    erasure: Erasure
    rows: tuple[tuple[str, Mapping[str, Any]], ...]
    ids: frozenset[str]


class RowsErased(Event, frozen=True, kw_only=True):
    """All rows of a person are erased, and the log is written anew.

    rows: how many by table. lines: how many by file of the log. failed: what was not done, and what to do about it.
    notes: what is not ours to erase.
    """

    erasure: Erasure
    rows: Mapping[str, int]
    lines: Mapping[str, int]
    failed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
