"""Notes: their texts are cleaned, each account changes its own only, and no fact has a text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from callcentre.features.agent_page.events import NoteAdded, NoteEdited, NoteRemoved
from callcentre.features.agent_page.facts import NoteChanged, NoteDeleted, NoteWritten
from callcentre.features.agent_page.model import LONGEST_NOTE, LastCaller, Note, NoteRecords, cleaned
from callcentre.features.agent_page.rules import Notes
from callcentre.kernel.actor import Actor
from callcentre.kernel.decision import NOTHING, Decision, Delete, Put
from callcentre.kernel.erasure.events import Erasure, ErasureBegun
from callcentre.kernel.event import Tick
from callcentre.kernel.records import StoredRows
from callcentre.kernel.retention.model import Retention
from callcentre.kernel.retention.person import Erased
from callcentre.kernel.retention.purging import Noted, Purging
from callcentre.kernel.settings_in_force.model import HeldSettings
from callcentre.telephony.queue_view.model import Call, CallOver, Stage
from tests.cast import ANNA, MATTI
from tests.unit.rehearsal import settings
from tests.unit.world import World

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
CALLER = "ab" * 16
WRITES = Actor(user="anna", organisation="main", address="192.0.2.1")
TEXT = "Wants the invoice\nby mail"


@pytest.fixture
def world() -> World:
    return World(settings(), b"k" * 32)


@pytest.fixture
def rules(world: World) -> Notes:
    return Notes(NoteRecords(), world, world)


def added(text: str = TEXT, actor: Actor | None = WRITES) -> NoteAdded:
    return NoteAdded(
        at=AT, actor=actor, note="n1", organisation="main", service="support", call="c1", caller=CALLER,
        number="+35840•••22", text=text,
    )  # fmt: skip


def kept(rules: Notes) -> Note:
    """A note that is on disk."""
    (put,) = rules.added(added(), AT).changes
    assert isinstance(put, Put)
    assert isinstance(put.record, Note)
    rules.records.notes.put(put.record)
    return put.record


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("  Wants\r\n\r\n\r\n\r\nthe invoice \t\n", "Wants\n\nthe invoice"),
        ("one\rtwo", "one\ntwo"),
        ("a\tb\x00\x1b[31mc", "a b[31mc"),
        ("pay \u202e0001\u202c now\ufeff\u2028", "pay 0001 now"),
        ("e\u0301", "é"),
        ("<b>\U0001f600</b>", "<b>\U0001f600</b>"),
        ("\ud800 \n \u200f", ""),
        ("", ""),
    ],
)
def test_a_note_is_printable_text(written: str, stored: str) -> None:
    assert cleaned(written) == stored
    assert cleaned(stored) == stored


def test_a_note_is_kept_and_the_fact_does_not_have_its_text(rules: Notes) -> None:
    decision = rules.added(added(), AT)
    note = Note(
        note="n1", organisation="main", service="support", caller=CALLER, at=AT, user="anna", text=TEXT, call="c1"
    )
    fact = NoteWritten(note="n1", service="support", call="c1", caller=CALLER, number="+35840•••22")
    assert decision == Decision(changes=(Put(note),), facts=(fact,))
    assert TEXT not in str(fact.fields())


@pytest.mark.parametrize(
    "event",
    [
        added(""),
        added(" \n\u200e"),
        added("x" * (LONGEST_NOTE + 1)),
        added(actor=None),
    ],
)
def test_what_is_no_note_is_not_kept(rules: Notes, event: NoteAdded) -> None:
    assert rules.added(event, AT) == NOTHING


def test_the_longest_note_is_kept(rules: Notes) -> None:
    assert rules.added(added("x" * LONGEST_NOTE), AT).changes


def test_a_note_is_changed_by_the_account_that_wrote_it(rules: Notes) -> None:
    note = kept(rules)
    decision = rules.edited(NoteEdited(at=LATER, actor=WRITES, note="n1", text="other "), LATER)
    assert decision.changes == (Put(replace(note, text="other", changed_at=LATER)),)
    assert decision.facts == (NoteChanged(note="n1", service="support", call="c1", caller=CALLER),)


def test_a_note_is_deleted_by_the_account_that_wrote_it(rules: Notes) -> None:
    note = kept(rules)
    decision = rules.removed(NoteRemoved(at=LATER, actor=WRITES, note="n1"), LATER)
    assert decision.changes == (Delete(note),)
    assert decision.facts == (NoteDeleted(note="n1", service="support", call="c1", caller=CALLER),)


@pytest.mark.parametrize(
    "actor",
    [
        None,
        Actor(user="bo", organisation="main"),
        Actor(user="anna", organisation="another"),
    ],
)
def test_nobody_else_changes_or_deletes_it(rules: Notes, actor: Actor | None) -> None:
    kept(rules)
    assert rules.edited(NoteEdited(at=LATER, actor=actor, note="n1", text="other"), LATER) == NOTHING
    assert rules.removed(NoteRemoved(at=LATER, actor=actor, note="n1"), LATER) == NOTHING


@pytest.mark.parametrize("text", [TEXT, "", "x" * (LONGEST_NOTE + 1)])
def test_a_change_to_nothing_new_is_none(rules: Notes, text: str) -> None:
    kept(rules)
    assert rules.edited(NoteEdited(at=LATER, actor=WRITES, note="n1", text=text), LATER) == NOTHING


def test_notes_are_deleted_at_night_when_they_are_older_than_retention_allows(rules: Notes) -> None:
    note = kept(rules)
    night = datetime(2027, 3, 10, 1, 0, tzinfo=UTC)
    retention = Retention(rules.records.notes, holds="x", kind="notes", why="x", purged=Erased.DELETED)

    def purged(at: datetime, keeps: str | None = "365d") -> tuple[Any, ...]:
        held = HeldSettings(settings({"retention": {"notes": keeps}}))
        purging = Purging((retention,), held, StoredRows())
        for name in ("clock trusted since", "clock seen"):
            purging.noted.put(Noted(name=name, at=at - timedelta(days=2) if "since" in name else at))
        return purging.tick(Tick(at=at), at).changes

    assert purged(night) == (Delete(note),)
    assert purged(night, None) == ()
    assert purged(night + timedelta(hours=9)) == (), "it is day"
    assert purged(AT + timedelta(days=364, hours=16)) == (), "it is younger"


# --- the last caller -----------------------------------------------------------------------------


def over(**changes: Any) -> CallOver:
    fields: dict[str, Any] = {
        "call": "c1", "channel": "SIP/x", "queue": "support", "service": "support", "number": "0401112222",
        "caller_name": "Matti", "language": "fi", "stage": Stage.TALKING, "joined_at": AT, "entered": AT, "position": 1,
        "agent": ANNA, "answered": AT,
    }  # fmt: skip
    return CallOver(at=LATER, call=Call(**(fields | changes)), wait=12.5, talk=60.0)


def test_the_caller_of_a_conversation_that_ended_is_remembered(rules: Notes, world: World) -> None:
    decision = rules.over(over(), LATER)
    assert decision.changes == (
        Put(
            LastCaller(
                agent=ANNA, call="c1", service="support", queue="support", number=MATTI, caller=world.caller(MATTI),
                name="Matti", wait=12.5, ended=LATER,
            )
        ),
    )  # fmt: skip


@pytest.mark.parametrize("changes", [{"agent": None}, {"answered": None}, {"consultation": True}])
def test_a_call_without_a_conversation_leaves_the_last_caller(rules: Notes, changes: dict[str, Any]) -> None:
    assert rules.over(over(**changes), LATER) == NOTHING


def test_of_a_withheld_number_nothing_is_remembered_about_the_person(rules: Notes) -> None:
    (put,) = rules.over(over(number="anonymous", caller_name="Matti"), LATER).changes
    assert isinstance(put, Put)
    assert isinstance(put.record, LastCaller)
    assert (put.record.number, put.record.caller, put.record.name) == ("", None, "")


def test_a_person_who_is_erased_is_shown_no_more(rules: Notes, world: World) -> None:
    for put in rules.over(over(), LATER).changes:
        assert isinstance(put.record, LastCaller)
        rules.records.last.put(put.record)

    def erased(caller: str) -> Decision:
        erasure = Erasure(number=MATTI, caller=caller, region="FI", secret="s", by="staff")
        return rules.erased(ErasureBegun(at=LATER, erasure=erasure), LATER)

    assert erased(CALLER) == NOTHING
    assert [type(change) for change in erased(world.caller(MATTI)).changes] == [Delete]
