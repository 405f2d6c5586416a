"""What a text costs: alphabet, length and messages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcentre.values.sms_text import BASIC, EXTENSION, GSM7, cleaned, measure, unsendable

ANY_TEXT = st.text(st.characters(codec=None), max_size=400)
GSM_TEXT = st.text(st.sampled_from(sorted(GSM7)), max_size=500)


def test_the_gsm_alphabet_has_127_characters_and_10_escaped_ones() -> None:
    assert (len(BASIC), len(EXTENSION), BASIC & EXTENSION) == (127, 10, frozenset())


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "parts"),
    [
        ("", "gsm7", 0, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("äöåÄÖÅ@£", "gsm7", 8, 1),
        ("€[]{}^~\\|\f", "gsm7", 20, 1),
        ("€" * 80, "gsm7", 160, 1),
        ("€" * 81, "gsm7", 162, 2),
        ("š", "ucs2", 1, 1),
        ("š" * 70, "ucs2", 70, 1),
        ("š" * 71, "ucs2", 71, 2),
        ("š" * 134, "ucs2", 134, 2),
        ("š" * 135, "ucs2", 135, 3),
        ("😀" * 35, "ucs2", 70, 1),
        ("😀" * 36, "ucs2", 72, 2),
    ],
)
def test_a_text_costs_what_the_standard_says(text: str, alphabet: str, units: int, parts: int) -> None:
    size = measure(text)
    assert (size.alphabet, size.units, size.parts) == (alphabet, units, parts)


def test_an_escaped_character_moves_to_the_next_message_whole() -> None:
    assert measure("a" * 152 + "€" + "a" * 152).parts == 3
    assert measure("a" * 151 + "€" + "a" * 153).parts == 2


def test_a_surrogate_pair_moves_to_the_next_message_whole() -> None:
    assert measure("š" * 66 + "😀" + "š" * 66).parts == 3
    assert measure("š" * 65 + "😀" + "š" * 67).parts == 2


@pytest.mark.parametrize("letter", ["ç", "š", "ž", "’", "–", "\u00a0"])
def test_what_switches_a_text_to_ucs2_is_named_once(letter: str) -> None:
    assert measure(f"Hei {letter}{letter} ä").outside == (letter,)


def test_characters_outside_come_in_the_order_of_the_text() -> None:
    assert measure("ž š ž").outside == ("ž", "š")


@settings(deadline=None)
@given(GSM_TEXT)
def test_gsm_text_is_never_sent_as_ucs2(text: str) -> None:
    size = measure(text)
    assert (size.alphabet, size.outside) == ("gsm7", ())
    assert size.units == len(text) + sum(character in EXTENSION for character in text)


@settings(deadline=None)
@given(ANY_TEXT)
def test_parts_hold_the_text_and_no_part_is_wasted(text: str) -> None:
    size = measure(text)
    alone, split = (160, 153) if size.alphabet == "gsm7" else (70, 67)
    if size.units <= alone:
        assert size.parts == 1
    else:
        assert -(-size.units // split) <= size.parts <= -(-size.units // (split - 1))


@settings(deadline=None)
@given(ANY_TEXT)
def test_ucs2_units_are_what_utf16_takes(text: str) -> None:
    size = measure("š" + text)
    assert size.units * 2 == len(("š" + text).encode("utf-16-le", "surrogatepass"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kiitos\nhei", ()),
        ("a\x00b\x07c", ("\x00", "\x07")),
        ("a\tb", ("\t",)),
        ("\ud83d", ("\ud83d",)),
        ("\uffff", ("\uffff",)),
        ("😀", ()),
    ],
)
def test_what_no_phone_shows_is_named(text: str, expected: tuple[str, ...]) -> None:
    assert unsendable(text) == expected


def test_a_composed_letter_is_cheaper_than_the_same_in_two_pieces() -> None:
    assert measure("a\u0308").alphabet == "ucs2"
    assert measure(cleaned("a\u0308")).alphabet == "gsm7"


@settings(deadline=None)
@given(ANY_TEXT)
def test_a_cleaned_text_can_be_sent_and_stays_as_it_is(text: str) -> None:
    clean = cleaned(text)
    assert unsendable(clean) == ()
    assert cleaned(clean) == clean
    clean.encode()
