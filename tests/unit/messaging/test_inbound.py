"""Texts from phones: each counts once, and facts hide who wrote what."""

from __future__ import annotations

import pytest

from callcentre.messaging.facts import NumberOptedIn, NumberOptedOut, SmsReceived
from callcentre.messaging.model import Received, Suppression
from tests.unit.messaging.desk import begin, says
from tests.unit.telephone import MATTI

STRANGE = ["EI", "K", "1", "0401112209", "CANCEL", "hei", "STOP", "START", "", "PERU", "5", "+358401112209"]


@pytest.mark.parametrize("body", STRANGE)
def test_a_text_from_a_phone_with_nothing_open_changes_nothing_but_stop(body: str) -> None:
    house, asterisk = begin()
    asterisk.calls_in("+358402223333")
    before, others = dict(house.disk), len(house.effects)
    says(house, body)
    changed = {kind for kind, key in house.disk.keys() ^ before.keys()} | {
        kind for kind, key in before if house.disk.get((kind, key)) != before[kind, key]
    }
    assert changed <= {Received, Suppression}
    assert len(house.effects) == others


def test_a_sender_of_letters_opts_nobody_out() -> None:
    house, _ = begin()
    assert says(house, "STOP", sender="Elisa") == ["sms.received"]


def test_facts_of_texts_from_phones_hide_the_number_and_the_words() -> None:
    house, _ = begin()
    says(house, "STOP")
    assert {type(fact) for fact in house.facts} == {SmsReceived, NumberOptedOut}
    assert MATTI not in repr(house.facts)
    assert all(fact.number == "+35840•••22" and len(fact.caller) == 16 for fact in house.facts)
    says(house, "START", gateway_id="2")
    assert isinstance(house.facts[-1], NumberOptedIn)
