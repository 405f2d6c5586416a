"""What a component keeps in the ledger, and the ledger that all components together make.

A component lists its parts as `LEDGER_PARTS` in `statistics.py` of its package.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import msgspec

from callcentre.statistics.export import Export
from callcentre.statistics.lines import FactLine, NoFact, merged
from callcentre.statistics.overview import Rows, Story
from callcentre.statistics.questions import Counted, Selection
from callcentre.statistics.records import RecordTable, Update


@dataclass(frozen=True, slots=True)
class Definition:
    """One or more figures that are explained together. `source` is where the formula comes from.

    A name may hold `<kind>` (a kind of text), `<state>` (the state of a text) or `<who>` (who cancelled a callback).
    """

    names: tuple[str, ...]
    meaning: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPart:
    """What one component keeps in the ledger, and what is reported of it.

    place: the order of the figures, and of updates by the same fact; parts with a lower one come first.
    tables: how the records are kept.
    line: the fields of facts that the updates read.
    updates: for the name of a fact, the records that it makes or changes.
    figures: the figures of a question.
    definitions: what the figures mean.
    stories: the tables that `callcentre stats` shows of the figures.
    more_stories: those of them that depend on what was counted; they come after the stories of all parts.
    exports: the kinds of rows of `callcentre export`.
    judges_agents: its figures of an agent are what others think of the agent: on pages for supervisors only.
    """

    place: int
    tables: tuple[RecordTable, ...]
    line: type[FactLine] = FactLine
    updates: Mapping[str, Update]
    figures: Callable[[Selection], Counted]
    definitions: tuple[Definition, ...]
    stories: tuple[Story, ...] = ()
    more_stories: Callable[[Rows], Iterable[Story]] = field(default=lambda _rows: ())
    exports: tuple[Export, ...] = ()
    judges_agents: bool = False


class LedgerShape:
    """What the ledger holds: the parts of all components, in their order."""

    def __init__(self, parts: Iterable[LedgerPart]) -> None:
        self.parts = tuple(sorted(parts, key=lambda part: part.place))
        self.tables = tuple(table for part in self.parts for table in part.tables)
        self.line = merged(part.line for part in self.parts)
        self._decode = msgspec.json.Decoder(self.line).decode
        updates: dict[str, tuple[Update, ...]] = defaultdict(tuple)
        for part in self.parts:
            for name, update in part.updates.items():
                updates[name] += (update,)
        self.updates: Mapping[str, tuple[Update, ...]] = MappingProxyType(dict(updates))
        exports = sorted((each for part in self.parts for each in part.exports), key=lambda each: each.place)
        self.exports: Mapping[str, Export] = MappingProxyType({each.name: each for each in exports})

    def read(self, line: str | bytes) -> FactLine:
        """The fact of a line. Raises `NoFact`."""
        try:
            return self._decode(line)
        except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
            raise NoFact(str(error)) from error

    def stories(self, rows: Rows) -> Iterator[Story]:
        """The tables of these figures, in the order in which they are shown."""
        for part in self.parts:
            yield from part.stories
        for part in self.parts:
            yield from part.more_stories(rows)
