"""Reads what is stored of a caller, within the reach of the agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from callcentre.features.agent_page.model import NoteRecords
from callcentre.features.agent_page.outside import statements
from callcentre.features.agent_page.states import Known
from callcentre.kernel.ownership import Reach
from callcentre.kernel.page_reads.reads import Reads

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is stored of a person."""

    calls: Sequence[Row] = ()
    scores: Sequence[Row] = ()
    notes: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads it. Every method raises `StoreError`."""

    reads: Reads
    records: NoteRecords

    async def person_of(self, reach: Reach, call: str, agent: str) -> Known | None:
        """The person of a call that the agent once answered; None where the agent did not, or nobody may know."""
        rows = await self.reads.rows(reach, statements.of_call(call, agent))
        if not rows or rows[0]["service"] is None:
            return None
        row = rows[0]
        return Known(call=call, service=row["service"], caller=row["caller"], masked=row["number"] or "")

    async def about(self, reach: Reach, who: Known, scores_of: str | None) -> Stored:
        """What is stored of a person. `scores_of`: only scores of this agent's calls; None: of all."""
        if who.caller is None:
            return Stored()
        calls, scores, notes = await self.reads.all(
            reach,
            [
                statements.earlier_calls(who.caller, who.call),
                statements.scores(who.caller, scores_of),
                statements.notes_about(self.records.notes.table, who.caller),
            ],
        )
        return Stored(calls=calls, scores=scores, notes=notes)

    async def note(self, reach: Reach, name: str) -> Row | None:
        """One note; None where there is none for this visitor."""
        rows = await self.reads.rows(reach, statements.note(self.records.notes.table, name))
        return rows[0] if rows else None
