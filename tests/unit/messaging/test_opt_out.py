"""Who wants no texts: the words that end all texts, and the way back."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from callcentre.messaging.words import OPT_OUT, OPT_OUT_UNLESS_CANCELS, as_request
from callcentre.values.numbers import caller_hash
from tests.cast import MATTI
from tests.unit.messaging.desk import begin, handed, says
from tests.unit.rehearsal import Rehearsal


@pytest.mark.parametrize("word", sorted(OPT_OUT | OPT_OUT_UNLESS_CANCELS))
def test_opt_out_words_are_obeyed_and_answered_by_nothing(word: str) -> None:
    rehearsal, _ = begin()
    assert says(rehearsal, word.upper()) == ["sms.received", "number.opted_out"]
    assert rehearsal.take(SendText) == []
    assert says(rehearsal, word, gateway_id="2") == ["sms.received"]


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
    rehearsal, _ = begin()
    assert says(rehearsal, body) == ["sms.received", "number.opted_out"]


@pytest.mark.parametrize(
    "body",
    [
        "PERU", "EI", "stop that", "5", "", "🛑", "kiitos", "Älä lopeta", "don't stop", "the end", "non-stop", "stops",
        "s t",
    ],
)  # fmt: skip
def test_other_words_opt_nobody_out(body: str) -> None:
    rehearsal, _ = begin()
    assert says(rehearsal, body) == ["sms.received"]


def test_a_person_who_opted_out_can_come_back() -> None:
    rehearsal, _ = begin()
    says(rehearsal, "STOP")
    assert says(rehearsal, "Start", gateway_id="2") == ["sms.received", "number.opted_in"]
    assert says(rehearsal, "Start", gateway_id="3") == ["sms.received"]


def lifted(rehearsal: Rehearsal, by: str) -> bool:
    request = Suppression(caller=caller_hash(rehearsal.world.key, MATTI), at=rehearsal.at, by=by)
    rehearsal.world.suppressions.put(request)
    return says(rehearsal, "START", gateway_id=by) == ["sms.received", "number.opted_in"]


def test_a_text_lifts_only_what_came_by_text() -> None:
    rehearsal, _ = begin()
    assert {by: lifted(rehearsal, by) for by in ("sms", "gateway", "staff")} == {
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
    rehearsal, _ = begin()
    event = TextReceived(
        at=rehearsal.at, gateway="twilio", gateway_id="1", sender=MATTI, recipient="18222", body=body, taken_as=taken_as
    )
    assert [fact.name for fact in rehearsal.tell(event)] == expected


def test_what_the_gateway_takes_for_start_allows_texts_again() -> None:
    rehearsal, _ = begin()
    ways: tuple[tuple[str, Literal["stop", "start"]], ...] = (("1", "stop"), ("2", "start"))
    for gateway_id, taken_as in ways:
        rehearsal.tell(
            TextReceived(
                at=rehearsal.at, gateway="twilio", gateway_id=gateway_id, sender=MATTI, recipient="1", body="x",
                taken_as=taken_as,
            )
        )  # fmt: skip
    assert rehearsal.names() == ["sms.received", "number.opted_out", "sms.received", "number.opted_in"]
    assert {fact.by for fact in rehearsal.facts if fact.by} == {"gateway"}


@pytest.mark.parametrize("way", ["answer", "report"])
def test_a_person_to_whom_the_gateway_sends_nothing_has_opted_out(way: str) -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    if way == "answer":
        handed(rehearsal, text, Refused("twilio answered 400, error 21610", permanent=True, opted_out=True))
    else:
        handed(rehearsal, text, Accepted())
        rehearsal.tell(
            DeliveryReported(at=rehearsal.at, message=text.message, delivery=Delivery.FAILED, opted_out=True)
        )
    (opted_out,) = [fact for fact in rehearsal.facts if isinstance(fact, NumberOptedOut)]
    assert opted_out.by == "gateway"
    asterisk.calls_in()
    assert rehearsal.take(SendText) == []
    assert says(rehearsal, "START")[-1] == "number.opted_in"


@given(st.text(st.characters(max_codepoint=127)))
def test_a_text_in_ascii_is_read_as_it_would_be_among_other_characters(body: str) -> None:
    soft_hyphen = "\u00ad"
    assert as_request(body) == as_request(body + soft_hyphen)


def test_a_number_between_words_and_marks_between_letters_are_read_in_ascii_too() -> None:
    assert [as_request(body) for body in ("S.T.O.P.", "STOP 18222 STOP", "Stop_all!")] == ["stop", "stop", "stop all"]
