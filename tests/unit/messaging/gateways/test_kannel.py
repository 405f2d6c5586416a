"""What is said to Kannel and what Kannel says, as pure functions."""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from callcentre.messaging.events import Accepted, Delivery, DeliveryReported, Handover, Refused, TextReceived, Unclear
from callcentre.messaging.gateways.gateway import BadHook
from callcentre.messaging.gateways.kannel import KannelGateway, outcome, report_template

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KANNEL = KannelGateway("http://127.0.0.1:1/", "user", "secret", "http://127.0.0.1:2/", "token")
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def kannel_fills_in(template: str, mask: int) -> str:
    """Kannel's escapes: `%d` the mask, `%%` a percent sign, and others that would stand for something else."""
    return re.sub(r"%(.)", lambda escape: {"d": str(mask), "%": "%"}.get(escape[1], "<wrong>"), template)


@given(token=TEXT, message=TEXT, known=TEXT)
def test_the_report_address_comes_back_from_kannel_as_it_was_meant(token: str, message: str, known: str) -> None:
    report_url = str(URL("http://127.0.0.1:8090/hooks/kannel/dlr").with_query({"x": known}))
    asked = kannel_fills_in(report_template(report_url, token, message), 8)
    assert parse_qsl(urlsplit(asked).query, keep_blank_values=True, errors="strict") == [
        ("x", known),
        ("token", token),
        ("message", message),
        ("type", "8"),
    ]


@pytest.mark.parametrize(
    ("report_url", "expected"),
    [
        ("http://h/hooks/kannel/dlr", "http://h/hooks/kannel/dlr?token=t&message=m&type=%d"),
        ("http://h/dlr?a=1", "http://h/dlr?a=1&token=t&message=m&type=%d"),
        ("http://h/dlr#there", "http://h/dlr?token=t&message=m&type=%d"),
        ("http://h/d%20lr", "http://h/d%%20lr?token=t&message=m&type=%d"),
    ],
)
def test_the_report_address_keeps_what_the_administrator_wrote(report_url: str, expected: str) -> None:
    assert report_template(report_url, "t", "m") == expected


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (202, "0: Accepted for delivery", Accepted()),
        (202, "3: Queued for later delivery", Accepted()),
        (202, "Sent.", Accepted()),
        (200, "0: Accepted for delivery", Accepted()),
        (200, "<html>It works!</html>", Unclear("smsbox answered 200: '<html>It works!</html>'")),
        (202, "", Unclear("smsbox answered 202: ''")),
        (204, "", Unclear("smsbox answered 204: ''")),
        (302, "", Refused("smsbox answered 302: ''", permanent=True)),
        (
            400,
            "Missing receiver number, rejected",
            Refused("smsbox answered 400: 'Missing receiver number, rejected'", permanent=True),
        ),
        (
            403,
            "Authorization failed for sendsms",
            Refused("smsbox answered 403: 'Authorization failed for sendsms'", permanent=True),
        ),
        (
            403,
            "Not routable. Do not try again.",
            Refused("smsbox answered 403: 'Not routable. Do not try again.'", permanent=True),
        ),
        (404, "Unknown request.", Refused("smsbox answered 404: 'Unknown request.'", permanent=True)),
        (429, "", Refused("smsbox answered 429: ''")),
        (500, "Sending failed.", Refused("smsbox answered 500: 'Sending failed.'")),
        (502, "", Unclear("smsbox answered 502: ''")),
        (
            503,
            "Temporal failure, try again later.",
            Refused("smsbox answered 503: 'Temporal failure, try again later.'"),
        ),
        (504, "", Unclear("smsbox answered 504: ''")),
        (524, "", Unclear("smsbox answered 524: ''")),
        (400, "a\x1b[2Jä\nsecond line", Refused("smsbox answered 400: 'a\\x1b[2J\\xe4'", permanent=True)),
    ],
)
def test_an_answer_of_smsbox_means(status: int, answer: str, expected: Handover) -> None:
    assert outcome(status, answer) == expected


@given(status=st.integers(100, 599), answer=st.text())
def test_only_words_of_kannel_make_a_text_accepted_and_no_answer_brings_a_line_of_its_own(
    status: int, answer: str
) -> None:
    match outcome(status, answer):
        case Accepted():
            assert answer[:2] in {"0:", "3:"} or answer.startswith("Sent.")
        case Refused(reason=reason) | Unclear(reason=reason):
            assert reason.isascii()
            assert reason.isprintable()


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("1", Delivery.DELIVERED),
        ("2", Delivery.FAILED),
        ("4", Delivery.BUFFERED),
        ("8", Delivery.ACCEPTED),
        ("16", Delivery.REJECTED),
        ("34", Delivery.EXPIRED),
        ("32", Delivery.EXPIRED),
        ("12", Delivery.ACCEPTED),
        ("9", Delivery.DELIVERED),
    ],
)
def test_a_report_says_what_became_of_the_text(mask: str, expected: Delivery) -> None:
    report = KANNEL.read_report({"message": "m-1", "type": mask, "token": "x"}, AT)
    assert report == DeliveryReported(at=AT, message="m-1", delivery=expected)


@pytest.mark.parametrize("mask", ["0", "64"])
def test_a_report_of_nothing_we_keep_is_no_event(mask: str) -> None:
    assert KANNEL.read_report({"message": "m-1", "type": mask}, AT) is None


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ({"type": "1"}, "message is missing"),
        ({"message": "m"}, "type is missing"),
        ({"message": "", "type": "1"}, "message is empty"),
        ({"message": "m", "type": "%d"}, "type is not a number"),
        ({"message": "m", "type": "-1"}, "type is not a number"),
        ({"message": "m", "type": "١"}, "type is not a number"),
        ({"message": "m", "type": "1" * 100}, "type is not a number"),
        ({"message": "m" * 201, "type": "1"}, "message is longer than 200 characters"),
        ({"message": "m\0", "type": "1"}, "message has a character that no text can have"),
    ],
)
def test_a_report_that_kannel_would_not_send_is_refused(query: dict[str, str], wrong: str) -> None:
    with pytest.raises(BadHook, match=re.escape(wrong)):
        KANNEL.read_report(query, AT)


def received(**fields: str) -> dict[str, str]:
    return {"id": "u-1", "from": "+358401112222", "to": "18222", "text": "SOITA", "ts": "1795324825"} | fields


@pytest.mark.parametrize(
    ("changed", "sender", "body"),
    [
        ({}, "+358401112222", "SOITA"),
        ({"text": ""}, "+358401112222", ""),
        ({"text": "hyvää €😀\n%&+#"}, "+358401112222", "hyvää €😀\n%&+#"),
        ({"from": "Posti"}, "Posti", "SOITA"),
        ({"from": " 358401112222"}, " 358401112222", "SOITA"),
    ],
)
def test_a_text_from_a_phone_is_taken_as_it_is(changed: dict[str, str], sender: str, body: str) -> None:
    assert KANNEL.read_text(received(**changed), AT) == TextReceived(
        at=AT, gateway="kannel", gateway_id="u-1", sender=sender, recipient="18222", body=body
    )


@pytest.mark.parametrize("name", ["id", "from", "to", "text"])
def test_a_text_without_one_of_its_fields_is_refused(name: str) -> None:
    query = received()
    del query[name]
    with pytest.raises(BadHook, match=f"{name} is missing"):
        KANNEL.read_text(query, AT)


@pytest.mark.parametrize("name", ["id", "from", "to", "text"])
@pytest.mark.parametrize("value", ["a\0b", "\ud83d", "a\udfffb"])
def test_characters_that_no_text_has_are_refused(name: str, value: str) -> None:
    with pytest.raises(BadHook, match=f"{name} has a character"):
        KANNEL.read_text(received(**{name: value}), AT)


@given(st.dictionaries(st.sampled_from(["id", "from", "to", "text", "type", "message"]), st.text()))
def test_whatever_comes_is_an_event_or_a_refusal_without_its_content(query: dict[str, str]) -> None:
    for read in (KANNEL.read_text, KANNEL.read_report):
        refusal = ""
        try:
            read(query, AT)
        except BadHook as wrong:
            refusal = str(wrong)
        assert re.fullmatch(r"((id|from|to|text|type|message) [a-z0-9 ]+)?", refusal)
