"""Keeps notes about people, and remembers the last caller of each agent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from callcentre.features.agent_page.events import NoteAdded, NoteEdited, NoteRemoved
from callcentre.features.agent_page.facts import NoteChanged, NoteDeleted, NoteWritten
from callcentre.features.agent_page.model import LONGEST_NOTE, LastCaller, Note, NoteRecords, cleaned
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.event import Event
from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.telephony.queue_view.model import CallOver
from callcentre.values.numbers import normalise


@dataclass(slots=True)
class Notes:
    """The rules."""

    records: NoteRecords
    settings: SettingsInForce
    people: People

    # --- notes -----------------------------------------------------------------------------------

    def added(self, event: NoteAdded, at: datetime) -> Decision:
        """Keep a note."""
        text = cleaned(event.text)
        if event.actor is None or not text or len(text) > LONGEST_NOTE:
            return NOTHING
        note = Note(
            note=event.note, organisation=event.organisation, service=event.service, caller=event.caller, at=at,
            user=event.actor.user, text=text, call=event.call,
        )  # fmt: skip
        return Decision(
            changes=(Put(note),),
            facts=(
                NoteWritten(
                    note=note.note, service=note.service, call=note.call, caller=note.caller, number=event.number
                ),
            ),
        )

    def edited(self, event: NoteEdited, at: datetime) -> Decision:
        """Change the text of a note of the same account."""
        note, text = self._own(event, event.note), cleaned(event.text)
        if note is None or not text or len(text) > LONGEST_NOTE or text == note.text:
            return NOTHING
        fact = NoteChanged(note=note.note, service=note.service, call=note.call, caller=note.caller)
        return Decision(changes=(Put(replace(note, text=text, changed_at=at)),), facts=(fact,))

    def removed(self, event: NoteRemoved, _at: datetime) -> Decision:
        """Delete a note of the same account."""
        note = self._own(event, event.note)
        if note is None:
            return NOTHING
        fact = NoteDeleted(note=note.note, service=note.service, call=note.call, caller=note.caller)
        return Decision(changes=(Delete(note),), facts=(fact,))

    def _own(self, event: Event, name: str) -> Note | None:
        """A note, if it is one of the user who asks. Names of accounts are unique within an organisation."""
        note, actor = self.records.notes.get(name), event.actor
        if note is None or actor is None or note.user != actor.user:
            return None
        return note if actor.organisation in (None, note.organisation) else None

    # --- the last caller -------------------------------------------------------------------------

    def over(self, event: CallOver, _at: datetime) -> Decision:
        """A conversation has ended: the agent may still write a note."""
        call = event.call
        if call.agent is None or call.answered is None or call.consultation:
            return NOTHING
        who = self.people.who(call.number)
        number = normalise(call.number, self.settings.settings.region) or call.number
        last = LastCaller(
            agent=call.agent, call=call.call, service=call.service, queue=call.queue, number=number if who else "",
            caller=who.get("caller"), name=call.caller_name if who else "", wait=event.wait, ended=event.at,
        )  # fmt: skip
        return Decision(changes=(Put(last),))

    def erased(self, event: ErasureBegun, _at: datetime) -> Decision:
        """A person is to be erased: nobody is shown any more. There are no more of these than agents."""
        theirs = [last for last in self.records.last.values() if last.caller == event.erasure.caller]
        return Decision(changes=tuple(map(Delete, theirs))) if theirs else NOTHING
