"""What may leave of a name that an outsider chose."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from callcentre.config.templates import compile_text, render
from callcentre.messaging.events import TextReceived
from callcentre.telephony.queue_view.callers import shown_name
from callcentre.values.names import LONGEST_NAME, name_in_text, name_on_phone
from tests.cast import MATTI
from tests.unit.features.callbacks.desk import agent_first, ask_for
from tests.unit.features.callbacks.desk import begin as customer_first
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

ATTACK = "Voitit 500e! Nouda: http://evil.example/x"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Matti", "Matti"),
        ("Matti Meikäläinen", "Matti Meikäläinen"),
        ("Maija-Liisa O'Brien", "Maija-Liisa O'Brien"),
        ("Maija\u2010Liisa O\u2019Brien", "Maija-Liisa O'Brien"),
        ("'t Hooft", "'t Hooft"),
        ("J. R. Smith Jr.", "J. R. Smith Jr."),
        ("Ma\u0308kinen", "Mäkinen"),
        ("Nguyễn Thị Ngọc", "Nguyễn Thị Ngọc"),
        ("Дмитрий Иванов", "Дмитрий Иванов"),
        ("יִצְחָק", "יִצְחָק"),
        ("प्रिया", "प्रिया"),
        ("田中 太郎", "田中 太郎"),
        ("Huone 204", "Huone"),
        ("Matti 2 Meikäläinen", "Matti Meikäläinen"),
        ("Matti  Meikäläinen ", "Matti Meikäläinen"),
        # Links and what a phone may make one of.
        (ATTACK, ""),
        ("http://evil.example/x", ""),
        ("evil.example", ""),
        ("Matti.fi", ""),
        ("evil.ex4mple", ""),
        ("evil.1example", ""),
        ("evil .example", ""),
        ("evil..example", ""),
        ("evil.-example", ""),
        (".example", ""),
        ("evil\u3002example", ""),
        ("evil\uff0eexample", ""),
        ("evil\u2024example", ""),
        ("J.R. Smith", ""),
        ("matti@evil", ""),
        ("evil/x", ""),
        ("www.evil", ""),
        ("tel:112", ""),
        # No name at all, or no name any more.
        ("", ""), (" ", ""), ("---", ""), (".", ""), ("204", ""), ("\u3164\u3164", ""),
        ("A1\u0300", "\u00c0"),
        ("A" * 41, ""), ("A" * 40, "A" * 40), ("A" * 40 + "1", "A" * 40),
        ("Matti!", ""), ("Virtanen, Matti", ""), ("<b>Matti</b>", ""), ("{{ number }}", ""), ("Matti\nMaija", ""),
        ("Matti\u202eitaM", ""), ("Mat\u200bti", ""), ("Matti\u0000", ""), ("Matti \U0001f600", ""),
        ("\u0308Matti", ""), ("Z" + "\u0335" * 4, ""), ("Matti\ufe0f", ""), ("Matti\u20dd", ""),
    ],
)  # fmt: skip
def test_a_name_in_a_text_is_a_name_or_nothing(name: str, said: str) -> None:
    assert name_in_text(name) == said


@given(st.one_of(st.text(max_size=60), st.text("ab.- '1\u0308\u05d9:/@", max_size=12)))
@example(ATTACK)
def test_no_name_in_a_text_is_long_or_a_link(name: str) -> None:
    said = name_in_text(name)
    assert len(said) <= LONGEST_NAME
    assert all(character in " .-'" or unicodedata.category(character)[0] in "LM" for character in said)
    assert not re.search(r"(?<!\w)\.|\.(?! |$)", "".join("a" if c not in " .-'" else c for c in said))
    assert name_in_text(said) == said
    assert (said == "") or any(map(str.isalpha, said))


@given(st.one_of(st.text(max_size=60), st.text("ab.- '1\u0308:/@", max_size=12)))
def test_a_text_with_any_name_at_all_reads_as_a_text_without_a_name_or_with_one(name: str) -> None:
    template = compile_text("Hei {{ name }}! Olet {{ position }}.", frozenset({"name", "position"}))
    text = render(template, name=name_in_text(name), position=2)
    assert text == "Hei! Olet 2." or re.fullmatch(r"Hei [^:/@0-9!?]{1,40}! Olet 2\.", text)


@pytest.mark.parametrize(
    ("name", "prefix", "shown"),
    [
        ("Matti", "", "Matti"),
        ("Myynti:Matti", "Myynti:", "Myynti:Matti"),
        ("Matti", "Myynti:", "Matti"),
        ("Myynti:Matti", "", "Myynti Matti"),
        ("[VIP] evil.example/x", "[VIP] ", "[VIP] evil example x"),
        ("K-Market 24/7", "", "K-Market 24 7"),
        ("Huone 204", "", "Huone 204"),
        ("0401112222", "", "0401112222"),
        ("Matti\u202e\u0007evil", "", "Matti evil"),
        ("M\u202eyynti:Matti", "M\u202eyynti:", "Myynti:Matti"),
        (ATTACK, "", "Voitit 500e Nouda http evil example x"),
        ("A" * 60, "", "A" * 40),
        ("A" * 39 + " BC", "", "A" * 39),
        ("", "", ""), ("!", "", ""),
    ],
)  # fmt: skip
def test_an_agents_phone_shows_letters_and_digits_of_a_name(name: str, prefix: str, shown: str) -> None:
    assert name_on_phone(name, prefix) == shown


@pytest.mark.parametrize(
    ("name", "prefix", "shown"),
    [
        ("Matti", "", "Matti"), ("Tuki:Matti", "Tuki:", "Tuki:Matti"), ("", "", ""), (MATTI, "", MATTI),
        (f"Tuki:{MATTI}", "Tuki:", f"Tuki:{MATTI}"), ("", "Tuki:", f"Tuki:{MATTI}"),
        ("Tuki:evil.fi", "Tuki:", "Tuki:evil fi"),
    ],
)  # fmt: skip
def test_an_agents_phone_shows_the_number_where_a_prefix_has_no_name(name: str, prefix: str, shown: str) -> None:
    _, asterisk = customer_first("INUSE")
    ask_for(asterisk, name=name)
    (callback,) = asterisk.rehearsal.world.callbacks.values()
    assert shown_name(replace(callback, name_prefix=prefix)) == shown


@given(st.text(max_size=80), st.text(max_size=10), st.booleans())
def test_an_agents_phone_never_gets_control_or_bidi_characters(name: str, prefix: str, has_it: bool) -> None:
    shown = name_on_phone(prefix + name if has_it else name, prefix)
    assert shown.isprintable()
    assert len(shown) <= LONGEST_NAME + len(prefix)


# --- every way out ---------------------------------------------------------------------------------

LIISA, OURS = "+358404445555", "+358451234567"


def desk() -> Asterisk:
    """A busy support with two callers before, that says names in its texts."""
    callback = {"offer": {"min_wait": "1s"}, "dial": {"at_position": "1"}}
    support = {
        "welcome": {"min_waiting": "1", "text": "Hei {{ name }}, hetki."}, "callback": callback, "survey": None,
        "notify": {"text": "Hei {{ name }}, pian.", "by": "sms", "at_position": "9"},
    }  # fmt: skip
    asterisk = Asterisk(Rehearsal({"services": {"support": support}}))
    asterisk.connect()
    asterisk.on_duty("INUSE", "INUSE")
    for number in ("+358403334444", "+358402223333"):
        asterisk.calls_in(number)
        asterisk.rehearsal.later(1)
    return asterisk


def bodies(asterisk: Asterisk, number: str) -> list[str]:
    return [text.body for text in asterisk.rehearsal.world.texts.open.values() if text.number == number]


@pytest.mark.parametrize(("name", "said"), [("Matti", "Hei Matti, hetki."), (ATTACK, "Hei, hetki.")])
def test_a_welcome_says_a_name_that_is_one(name: str, said: str) -> None:
    asterisk = desk()
    asterisk.key(asterisk.enters(name=name), "9")
    assert bodies(asterisk, MATTI) == [said]


@pytest.mark.parametrize(("name", "said"), [("Matti", "Hei Matti, pian."), (ATTACK, "Hei, pian.")])
def test_a_notice_says_a_name_that_is_one(name: str, said: str) -> None:
    asterisk = desk()
    call = asterisk.enters(name=name)
    asterisk.key(call, "1")
    asterisk.says_all(call)
    assert bodies(asterisk, MATTI) == [said]


def test_the_callers_name_never_goes_to_a_number_that_was_keyed_in() -> None:
    asterisk = desk()
    call = asterisk.enters(name="Matti")
    asterisk.key(call, "2", *"0404445555#", "1")
    asterisk.says_all(call)
    assert bodies(asterisk, LIISA) == ["Hei, pian."]
    assert [one.caller_name for one in asterisk.rehearsal.world.callbacks.values()] == [""]


def test_a_caller_who_keys_in_their_own_number_keeps_their_name() -> None:
    asterisk = desk()
    call = asterisk.enters(name="Matti")
    asterisk.key(call, "2", *"0401112222#", "1")
    asterisk.says_all(call)
    assert bodies(asterisk, MATTI) == ["Hei Matti, pian."]


@pytest.mark.parametrize(("body", "name"), [("0404445555", ""), ("0401112222", "Matti")])
def test_the_callers_name_never_goes_to_a_number_that_a_text_moved_it_to(body: str, name: str) -> None:
    asterisk = desk()
    call = asterisk.enters(name="Matti")
    asterisk.key(call, "1")
    asterisk.says_all(call)
    text = TextReceived(
        at=asterisk.rehearsal.at, gateway="kannel", gateway_id="1", sender=MATTI, recipient=OURS, body=body
    )
    asterisk.rehearsal.tell(text)
    assert [one.caller_name for one in asterisk.rehearsal.world.callbacks.values()] == [name]


def test_an_agent_who_is_rung_for_a_callback_sees_a_name_and_no_link() -> None:
    _, asterisk = agent_first("NOT_INUSE")
    ask_for(asterisk, name="Matti <evil.example>")
    asterisk.ticks()
    (far,) = asterisk.reserving.values()
    assert asterisk.channels[far].caller_name == "Matti evil example"


def test_a_queue_that_a_called_customer_enters_gets_a_name_and_no_link() -> None:
    _, asterisk = customer_first("INUSE")
    ask_for(asterisk, name="Matti <evil.example>")
    asterisk.ticks()
    call = next(iter(asterisk.ringing))
    asterisk.picks_up(call)
    asterisk.key(call, "1")
    assert asterisk.channels[call].caller_name == "Matti evil example"
