"""What people outside say: numbers, names, and the words of their texts."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from callcentre.configuration import parse
from callcentre.features.notices.meaning import Meaning, as_number, meaning_of
from callcentre.features.surveys.meaning import digest, understood
from callcentre.features.surveys.model import LONGEST_ANSWER
from callcentre.features.surveys.settings import QuestionSettings
from callcentre.messaging.words import as_request, folded, never_an_answer
from callcentre.telephony.queue_view.callers import person
from callcentre.values.characters import as_json, cleaned, guarded, one_line
from callcentre.values.endpoints import device_of, endpoint_for, numbers_in, place_of
from callcentre.values.languages import LANGUAGES, chosen, spoken
from callcentre.values.names import LONGEST_NAME, name_in_text, name_on_phone
from callcentre.values.numbers import (
    Allowed,
    caller_hash,
    ending,
    is_inner,
    is_withheld,
    mask,
    national,
    normalise,
    number_from_gateway,
    own_number,
    presentation_withholds,
)
from callcentre.values.sms_text import cleaned as sendable
from callcentre.values.sms_text import measure, unsendable
from scripts.fuzzing.target import Target, encoded, pieces_of, text_of

SETTINGS: Final = parse(
    (Path(__file__).parents[2] / "config.yaml").read_text("utf-8"),
    dict.fromkeys(("CALLCENTRE_ARI_PASSWORD", "CALLCENTRE_HTTP_TOKEN", "CALLCENTRE_HOOK_TOKEN", "CALLCENTRE_KANNEL_PASSWORD", "CALLCENTRE_SMTP_PASSWORD"), "x" * 20),
).settings  # fmt: skip
POLICY: Final = SETTINGS.number_policy
E164: Final = re.compile(r"\+[1-9][0-9]{1,14}", re.ASCII)
_ENDPOINT: Final = re.compile(r"(PJSIP/)\+?[0-9]{3,20}(@trunk)", re.ASCII)
_AT: Final = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)


def _number(data: bytes) -> None:
    text = text_of(data)
    region = "SE" if len(data) % 5 == 0 else POLICY.region
    for judged in (POLICY.may_dial(text), POLICY.may_text(text)):
        if isinstance(judged, Allowed):
            assert E164.fullmatch(judged.e164)
            # Only numbers of the allowed regions are reached: the shipped file allows Finland.
            assert judged.e164.startswith("+358")
            assert POLICY.may_dial(judged.e164) == POLICY.may_dial(text)
            for template in ("PJSIP/{number}@trunk", "PJSIP/{digits}@trunk", "PJSIP/{national}@trunk"):
                assert _ENDPOINT.fullmatch(endpoint_for(template, judged.e164, region))
            assert POLICY.next_call(judged.e164, _AT, ZoneInfo("Europe/Helsinki")) >= _AT
    for known in (normalise(text, region), number_from_gateway(text, region)):
        if known is not None:
            assert re.fullmatch(r"\+[0-9]{1,20}", known, re.ASCII), known
            assert national(known, region).isdecimal()
    own_number(text, region)
    assert len(mask(text)) < 20
    assert len(ending(text)) <= 4
    assert re.fullmatch("[0-9a-f]{16}", caller_hash(b"key", text))
    assert not (is_withheld(text) and is_inner(text))
    presentation_withholds(text)


def _endpoint(data: bytes) -> None:
    text = text_of(data)
    for number in numbers_in(text, "FI"):
        assert number.startswith("+")
    place_of(text)
    assert text.startswith(device_of(text))


def _name(data: bytes) -> None:
    name, *rest = map(text_of, pieces_of(data))
    prefix = rest[0] if rest else ""
    said = name_in_text(name)
    assert len(said) <= LONGEST_NAME
    assert not re.search(r"[0-9:/@<>\\{}]|\.\S", said)
    assert said.isprintable()
    shown = name_on_phone(name, prefix)
    assert shown.isprintable()
    assert len(shown) <= LONGEST_NAME + len(prefix)
    assert '"' not in name_on_phone(name)
    person(name, prefix, prefix)
    assert spoken(name) in {None, *LANGUAGES}
    assert chosen(name, began=prefix, named="") in {None, *LANGUAGES}


_SCORE: Final = QuestionSettings.model_validate(
    {"id": "a", "text": "How?", "answers": {"1": "1", "joo": "5", "ei": "0"}}
)
_COMMENT: Final = QuestionSettings.model_validate({"id": "b", "text": "Why?"})


def _answer(data: bytes) -> None:
    """A text from a phone, as every component reads it."""
    text = text_of(data)
    assert as_request(as_request(text)) in {as_request(text), as_request(as_request(text))}
    assert folded(folded(text)) == folded(text)
    never_an_answer(text)
    meaning = meaning_of(text, ["peru", "EI"], ["kyllä", "1"])
    if meaning is Meaning.NUMBER:
        judged = POLICY.may_dial(as_number(text))
        assert not isinstance(judged, Allowed) or E164.fullmatch(judged.e164)
    for question in (_SCORE, _COMMENT):
        answer = understood(question, text)
        assert answer is None or (len(answer.answer) <= LONGEST_ANSWER and answer.value in {None, 0, 1, 5})
        assert answer is None or "\n" not in answer.answer
    assert re.fullmatch("[0-9a-f]{16}", digest(text))


def _size(data: bytes) -> None:
    text = text_of(data)
    size = measure(text)
    assert size.parts >= 1
    assert (size.alphabet == "gsm7") == (not size.outside)
    assert size.units <= size.parts * (160 if size.alphabet == "gsm7" else 70)
    clean = sendable(text)
    assert not unsendable(clean)
    clean.encode()
    measure(clean)


_ACTS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def _shown(data: bytes) -> None:
    """Texts of outsiders on a terminal, in JSON and in a cell of csv."""
    text = text_of(data)
    assert not _ACTS.search(cleaned(text))
    assert "\n" not in one_line(text)
    written = as_json({text: [text]})
    assert not _ACTS.search(written)
    assert "\n" not in written
    assert len(json.loads(written)) == 1
    cell = guarded(text)
    for separator in ",;|":
        for row in csv.reader(io.StringIO(cell, newline=""), delimiter=separator):
            assert not any(each.lstrip().startswith(("=", "+", "-", "@")) for each in row), cell


TARGETS: Final = (
    Target(
        name="numbers", reads="calling numbers, keyed digits, numbers of /api, hooks and texts: anybody", check=_number,
        seeds=encoded(
            "+358401112222", "0401112222", "00358 40 111 2222", "(09) 123-4567", "112", "+358600123456", "anonymous",
            "sip:+358401112222@evil.example;user=phone", "358401112222", "+46701234567", "0401112222,,1", "\u0660\u0664\u0660",
            "+1 900 555 1234 ext. 5", "0401112222@from-internal/n", "18222", "${SHELL(id)}", "+882 16 2700123",
        ),
    ),
    Target(
        name="endpoints", reads="interfaces of agents and names of channels: Asterisk", check=_endpoint,
        seeds=encoded("PJSIP/agent1-0000002a", "Local/200@from-queue/n", "Local/+358401112222@out-00000001;2", "PJSIP/{number}@x"),
    ),
    Target(
        name="names", reads="display names of callers, and prefixes of the PBX: anybody", check=_name,
        seeds=(*encoded("Matti Virtanen", "Sales:Matti", "Voitit 500e! http://evil.example/x", "St. John-O'Neil", "Aino9\u0301",
                        "\u202eitraM", "KELA:n asiakas", "\"<sip:x>\"", "fi_FI"),
               b"Sales:Matti\xffSales:", b"0401112222\xff0401112222"),
    ),
    Target(
        name="texts from phones", reads="the words of a received text: anybody", check=_answer,
        seeds=encoded("STOP", "S.T.O.P.", "5!", "5\ufe0f\u20e3", "peru", "kyll\u00e4 kiitos", "040 111 2222", "\u2066+358 40\u2011111 2222\u2069",
                      "Stop tack", "joo", "a\u0308la\u0308 la\u0308heta\u0308", "\uff33\uff34\uff2f\uff30"),
    ),
    Target(
        name="size of a text", reads="the words of a text that is to be sent: names of callers are in it", check=_size,
        seeds=encoded("Hei Matti!", "x" * 161, "\u20ac" * 81, "\U0001f600" * 36, "a\u0308\t\r\n\f", "\u0130\ufdd0"),
    ),
    Target(
        name="what is shown", reads="names and answers on terminals, in JSON and csv: anybody", check=_shown,
        seeds=encoded("=1+1", "hyv\u00e4;=1+1", "\x1b[31mred", "a\r\nb", "\u202eabc", "\"\n=cmd|' /C calc'!A0", "\ufeff=1", "a\tb\u2028c"),
    ),
)  # fmt: skip
