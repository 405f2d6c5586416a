"""Texts from phones: each counts once, and facts hide who wrote what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcentre.kernel.event import Tick
from callcentre.messaging.facts import NumberOptedIn, NumberOptedOut, SmsReceived
from callcentre.messaging.model import Received, Suppression
from tests.cast import AINO, MATTI
from tests.unit.messaging.desk import begin, says

STRANGE = ["EI", "K", "1", "0401112209", "CANCEL", "hei", "STOP", "START", "", "PERU", "5", "+358401112209"]


@pytest.mark.parametrize("body", STRANGE)
def test_a_text_from_a_phone_with_nothing_open_changes_nothing_but_stop(body: str) -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in(AINO)
    before, others = dict(rehearsal.disk), len(rehearsal.effects)
    says(rehearsal, body)
    changed = {kind for kind, key in rehearsal.disk.keys() ^ before.keys()} | {
        kind for kind, key in before if rehearsal.disk.get((kind, key)) != before[kind, key]
    }
    assert changed <= {Received, Suppression}
    assert len(rehearsal.effects) == others


def test_a_sender_of_letters_opts_nobody_out() -> None:
    rehearsal, _ = begin()
    assert says(rehearsal, "STOP", sender="Elisa") == ["sms.received"]


def test_facts_of_texts_from_phones_hide_the_number_and_the_words() -> None:
    rehearsal, _ = begin()
    says(rehearsal, "STOP")
    assert {type(fact) for fact in rehearsal.facts} == {SmsReceived, NumberOptedOut}
    assert MATTI not in repr(rehearsal.facts)
    assert all(fact.number == "+35840•••22" and len(fact.caller) == 16 for fact in rehearsal.facts)
    says(rehearsal, "START", gateway_id="2")
    assert isinstance(rehearsal.facts[-1], NumberOptedIn)


def test_a_text_delivered_twice_is_one_text() -> None:
    rehearsal, _ = begin()
    assert says(rehearsal, "STOP") == ["sms.received", "number.opted_out"]
    assert says(rehearsal, "STOP") == []
    for days in (3, 1):
        rehearsal.later(timedelta(days=days).total_seconds())
        assert "kannel 1" in rehearsal.world.texts.received
        rehearsal.tell(Tick(at=rehearsal.at))
    assert "kannel 1" not in rehearsal.world.texts.received
