"""The rules of an erasure: what becomes of the rows of a person."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from callcentre.kernel.collection import Collection
from callcentre.kernel.decision import NOTHING, Decision, Delete, Rewrite
from callcentre.kernel.erasure.effects import CleanDatabase, EraseRows
from callcentre.kernel.erasure.events import Erasure, ErasureBegun, RowsErased, RowsFound
from callcentre.kernel.erasure.facts import PersonErased
from callcentre.kernel.records import Records
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import IDS, Erased, Person

Rename = Callable[[str], str]

_NOBODY: Final = "0" * 16
"""In place of a hash within a longer text."""


def nameless(decision: Decision) -> Decision:
    """The decision with facts that name nobody."""
    return replace(decision, facts=tuple(replace(fact, number=None, caller=None) for fact in decision.facts))


def renaming(erasure: Erasure, ids: frozenset[str]) -> Rename:
    """Replaces each of these ids by one that leads nowhere, the same in every table and in the log.

    Figures of the log alone are computed by these ids, so two facts of one call must still have one id.
    """
    known: dict[str, str] = {}

    def renamed(name: str) -> str:
        if name not in ids:
            return name
        if name not in known:
            known[name] = f"gone-{hmac.new(erasure.secret.encode(), name.encode(), 'sha256').hexdigest()[:16]}"
        return known[name]

    return renamed


def line_without(line: str | bytes, caller: str, rename: Rename) -> bytes:
    """A line of the log without the person: no number, no hash, other ids. Raises `msgspec.DecodeError`."""
    fact: dict[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
    if fact.get("caller") == caller:
        del fact["caller"]
        fact.pop("number", None)
    for name in IDS:
        if isinstance(fact.get(name), str):
            fact[name] = rename(fact[name])
    return msgspec.json.encode(fact)


@dataclass(slots=True)
class Erasing:
    """The rules. `declared` are the retentions of all components."""

    declared: Sequence[Retention]

    def begun(self, event: ErasureBegun, _at: datetime) -> Decision:
        """Whatever is open ends by the rules of its components. Then the rows are looked for."""
        return Decision(effects=(EraseRows(erasure=event.erasure),))

    def found(self, event: RowsFound, _at: datetime) -> Decision:
        """Erase these rows."""
        tables = {each.table.name: each for each in self.declared if each.person is not None}
        rename = renaming(event.erasure, event.ids)
        decision = NOTHING
        for name, row in event.rows:
            retention = tables[name]
            if retention.person is None:
                continue
            match retention.person.erased:
                case Erased.EMPTIED:
                    rewrite = Rewrite(
                        name, row[_key(retention)], _emptied(retention, retention.person, row, event, rename)
                    )
                    decision += Decision(rewrites=(rewrite,))
                case Erased.DELETED:
                    decision += _deleted(retention, row[_key(retention)])
                case Erased.ENDED:
                    # An effect that an earlier run of the daemon left. What it was about has ended.
                    decision += Decision(rewrites=(Rewrite(name, row[_key(retention)], None),))
                case Erased.KEPT:
                    pass
        return decision

    def erased(self, event: RowsErased, _at: datetime) -> Decision:
        """The database is cleaned after the commit that forgets the erasure itself."""
        clean = CleanDatabase(
            erasure=event.erasure,
            rows=dict(event.rows),
            lines=dict(event.lines),
            failed=event.failed,
            notes=event.notes,
        )
        return Decision(facts=(PersonErased(by=event.erasure.by),), effects=(clean,))


def _key(retention: Retention) -> str:
    return retention.key_column.name


def _deleted(retention: Retention, key: str) -> Decision:
    of = retention.of
    record = of.get(key) if isinstance(of, Collection | Records) else None
    return NOTHING if record is None else Decision(changes=(Delete(record),))


def _emptied(
    retention: Retention, person: Person, row: Mapping[str, Any], event: RowsFound, rename: Rename
) -> dict[str, Any]:
    """The columns that change."""
    after = dict(_anonymous(retention, person))
    after |= {name: rename(row[name]) for name in person.ids if row[name]}
    for name in person.inside:
        after[name] = _text_without(row[name], event.erasure.caller, event.ids, rename)
    return after


def _anonymous(retention: Retention, person: Person) -> Iterator[tuple[str, Any]]:
    for name in (*person.caller, *person.masks):
        yield name, None if retention.table.c[name].nullable else ""
    yield from person.empties.items()


def _text_without(text: str, caller: str, ids: frozenset[str], rename: Rename) -> str:
    if text.startswith('{"event":'):
        return line_without(text, caller, rename).decode()
    for name in sorted(ids, key=len, reverse=True):
        if name in text:
            text = text.replace(name, rename(name))
    return text.replace(caller, _NOBODY)
