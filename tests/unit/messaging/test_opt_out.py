"""Who wants no texts: the words that end all texts, and the way back."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import pytest

from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    Refused,
    TextReceived,
)
from callcentre.messaging.facts import NumberOptedOut
from callcentre.messaging.model import Suppression
from callcentre.messaging.words import OPT_OUT, OPT_OUT_UNLESS_CANCELS
from callcentre.values.numbers import caller_hash
from tests.unit.messaging.desk import begin, handed, says
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import MATTI


@pytest.mark.parametrize("word", sorted(OPT_OUT | OPT_OUT_UNLESS_CANCELS))
def test_opt_out_words_are_obeyed_and_answered_by_nothing(word: str) -> None:
    house, _ = begin()
    assert says(house, word.upper()) == ["sms.received", "number.opted_out"]
    assert house.take(SendText) == []
    assert says(house, word, gateway_id="2") == ["sms.received"]


@pytest.mark.parametrize(
    "body",
    [
        "STOP.", "Stop", " stop\n", "“STOP”", "'stop'", "*STOP*", "S.T.O.P.", "S T O P", "ＳＴＯＰ", "st\u00adop",
        "STOP!!! 🛑", "STOP!!! STOP", "<stop>", "Stop tack", "Kiitos, lopeta", "Please STOP", "stop now, thank you",
        "Opt-out",
        "stop stop stop", "Peruuta tilaus!", "STOP 18222", "Lopeta heti!", "stop viestit", "Älä lähetä enää",
        "ÄLÄ LÄHETÄ VIESTEJÄ", "a\u0308la\u0308 la\u0308heta\u0308 viesteja\u0308",
    ],
)  # fmt: skip
def test_people_write_stop_in_many_ways(body: str) -> None:
    house, _ = begin()
    assert says(house, body) == ["sms.received", "number.opted_out"]


@pytest.mark.parametrize(
    "body",
    [
        "PERU", "EI", "stop that", "5", "", "🛑", "kiitos", "Älä lopeta", "don't stop", "the end", "non-stop", "stops",
        "s t",
    ],
)  # fmt: skip
def test_other_words_opt_nobody_out(body: str) -> None:
    house, _ = begin()
    assert says(house, body) == ["sms.received"]


def test_who_opted_out_can_come_back() -> None:
    house, _ = begin()
    says(house, "STOP")
    assert says(house, "Start", gateway_id="2") == ["sms.received", "number.opted_in"]
    assert says(house, "Start", gateway_id="3") == ["sms.received"]


def lifted(house: Rehearsal, by: str) -> bool:
    wish = Suppression(caller=caller_hash(house.world.key, MATTI), at=house.at, by=by)
    house.world.suppressions.put(wish)
    return says(house, "START", gateway_id=by) == ["sms.received", "number.opted_in"]


def test_a_text_lifts_only_what_came_by_text() -> None:
    house, _ = begin()
    assert {by: lifted(house, by) for by in ("sms", "gateway", "staff")} == {
        "sms": True, "gateway": True, "staff": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("taken_as", "body", "expected"),
    [
        ("stop", "seis", ["sms.received", "number.opted_out"]),
        ("start", "jatka", ["sms.received"]),
        ("start", "STOP", ["sms.received", "number.opted_out"]),
        (None, "seis", ["sms.received"]),
    ],
)
def test_what_the_gateway_takes_for_stop_counts_as_if_it_had_been_written(
    taken_as: Literal["stop", "start"] | None, body: str, expected: list[str]
) -> None:
    house, _ = begin()
    event = TextReceived(
        at=house.at, gateway="twilio", gateway_id="1", sender=MATTI, recipient="18222", body=body, taken_as=taken_as
    )
    assert [fact.name for fact in house.tell(event)] == expected


def test_what_the_gateway_takes_for_start_allows_texts_again() -> None:
    house, _ = begin()
    ways: tuple[tuple[str, Literal["stop", "start"]], ...] = (("1", "stop"), ("2", "start"))
    for gateway_id, taken_as in ways:
        house.tell(
            TextReceived(
                at=house.at, gateway="twilio", gateway_id=gateway_id, sender=MATTI, recipient="1", body="x",
                taken_as=taken_as,
            )
        )  # fmt: skip
    assert house.names() == ["sms.received", "number.opted_out", "sms.received", "number.opted_in"]
    assert {fact.by for fact in house.facts if fact.by} == {"gateway"}


@pytest.mark.parametrize("way", ["answer", "report"])
def test_whom_the_gateway_sends_nothing_has_opted_out(way: str) -> None:
    house, asterisk = begin()
    asterisk.calls_in()
    (text,) = house.take(SendText)
    if way == "answer":
        handed(house, text, Refused("twilio answered 400, error 21610", permanent=True, opted_out=True))
    else:
        handed(house, text, Accepted())
        house.tell(DeliveryReported(at=house.at, message=text.message, delivery=Delivery.FAILED, opted_out=True))
    (opted_out,) = [fact for fact in house.facts if isinstance(fact, NumberOptedOut)]
    assert opted_out.by == "gateway"
    asterisk.calls_in()
    assert house.take(SendText) == []
    assert says(house, "START")[-1] == "number.opted_in"


def test_the_same_text_told_twice_is_one_text() -> None:
    house, _ = begin()
    assert says(house, "STOP") == ["sms.received", "number.opted_out"]
    assert says(house, "STOP") == []
    house.later(timedelta(days=4).total_seconds())
    says(house, "x", gateway_id="2")
    assert list(house.world.texts.received) == ["kannel 2"]
