"""What is said to 46elks and what 46elks says, as pure functions. The examples are those of its documentation."""

import re
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.messaging.events import Accepted, Delivery, DeliveryReported, Handover, Refused, TextReceived, Unclear
from callcentre.messaging.gateways.elks import ElksGateway, outcome
from callcentre.messaging.gateways.gateway import BadHook

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ELKS = ElksGateway("http://127.0.0.1:1/a1", "user", "secret", "https://h/hooks/46elks/dlr", "token")
NO_ID = "46elks answered 200 without a text's id and status"


def sent(**changed: object) -> str:
    """The answer to a text that was taken."""
    fields: dict[str, object] = {
        "status": "created",
        "direction": "outgoing",
        "from": "YourCompany",
        "created": "2024-05-04T13:37:42.314100",
        "parts": 1,
        "to": "+46700000000",
        "cost": 5000,
        "message": "This is the message sent to the phone.",
        "id": "s70df59406a1b4643b96f3f91e0bfb7b0",
    }
    return msgspec.json.encode({name: value for name, value in (fields | changed).items() if value != ""}).decode()


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (200, sent(), Accepted("s70df59406a1b4643b96f3f91e0bfb7b0")),
        (200, sent(status="sent"), Accepted("s70df59406a1b4643b96f3f91e0bfb7b0")),
        (200, sent(status="failed"), Refused("46elks answered 200: failed", permanent=True)),
        (200, sent(id=""), Unclear(NO_ID)),
        (200, sent(status=""), Unclear(NO_ID)),
        (200, sent()[:-1], Unclear(NO_ID)),
        (200, "[]", Unclear(NO_ID)),
        (200, "<html>It works!</html>", Unclear(NO_ID)),
        (204, "", Unclear("46elks answered 204 without a text's id and status")),
        (302, "", Refused("46elks answered 302: ''", permanent=True)),
        (400, "Missing key to", Refused("46elks answered 400: 'Missing key to'", permanent=True)),
        (401, "API access requires", Refused("46elks answered 401: 'API access requires'", permanent=True)),
        (403, "Not enough credits", Refused("46elks answered 403: 'Not enough credits'", permanent=True)),
        (403, "No route to +46 70-000 00 00!", Refused("46elks answered 403: 'No route to +•••!'", permanent=True)),
        (403, "a\x1b[2Jä\nsecond", Refused("46elks answered 403: 'a\\x1b[2J\\xe4'", permanent=True)),
        (408, "", Refused("46elks answered 408")),
        (429, "", Refused("46elks answered 429")),
        (500, "", Unclear("46elks answered 500")),
        (502, "", Unclear("46elks answered 502")),
        (503, "", Refused("46elks answered 503")),
        (504, "", Unclear("46elks answered 504")),
    ],
)
def test_an_answer_of_46elks_means(status: int, answer: str, expected: Handover) -> None:
    assert outcome(status, answer) == expected


@given(status=st.integers(100, 599), answer=st.text() | st.from_regex(r"\+?[0-9]{7,15}", fullmatch=True))
def test_only_an_id_makes_a_text_accepted_and_no_answer_brings_a_number_or_a_line_of_its_own(
    status: int, answer: str
) -> None:
    match outcome(status, answer):
        case Accepted():
            raise AssertionError(answer)
        case Refused(reason=reason) | Unclear(reason=reason):
            assert reason.isprintable()
            assert not re.search(r"\d{7}", reason)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("created", Delivery.BUFFERED),
        ("sent", Delivery.ACCEPTED),
        ("delivered", Delivery.DELIVERED),
        ("failed", Delivery.FAILED),
    ],
)
def test_a_report_says_what_became_of_the_text(status: str, expected: Delivery) -> None:
    report = {"message_id": "m-1", "token": "x", "id": "s70df", "status": status, "message": "what was sent"}
    assert ELKS.read_report(report, AT) == DeliveryReported(at=AT, message="m-1", delivery=expected)


def test_a_report_of_nothing_we_keep_is_no_event() -> None:
    assert ELKS.read_report({"message_id": "m-1", "id": "s70df", "status": "resting"}, AT) is None


@pytest.mark.parametrize(
    ("report", "wrong"),
    [
        ({"status": "sent"}, "message_id is missing"),
        ({"message_id": "m"}, "status is missing"),
        ({"message_id": "", "status": "sent"}, "message_id is empty"),
        ({"message_id": "m" * 201, "status": "sent"}, "message_id is longer than 200 characters"),
        ({"message_id": "m", "status": "\0"}, "status has a character that no text can have"),
    ],
)
def test_a_report_that_46elks_would_not_send_is_refused(report: dict[str, str], wrong: str) -> None:
    with pytest.raises(BadHook, match=re.escape(wrong)):
        ELKS.read_report(report, AT)


def received(**fields: str) -> dict[str, str]:
    return {
        "direction": "incoming",
        "id": "sf8425555e5d8db61dda7a7b3f1b91bdb",
        "from": "+46706861004",
        "to": "+46706860000",
        "created": "2018-07-13T13:57:23.741000",
        "message": "Hello how are you?",
    } | fields


@pytest.mark.parametrize("body", ["Hello how are you?", "", "hyvää €😀\n%&+#"])
def test_a_text_from_a_phone_is_taken_as_it_is(body: str) -> None:
    assert ELKS.read_text(received(message=body), AT) == TextReceived(
        at=AT,
        gateway="46elks",
        gateway_id="sf8425555e5d8db61dda7a7b3f1b91bdb",
        sender="+46706861004",
        recipient="+46706860000",
        body=body,
    )


@pytest.mark.parametrize("name", ["id", "from", "to", "message"])
def test_a_text_without_one_of_its_fields_is_refused(name: str) -> None:
    fields = received()
    del fields[name]
    with pytest.raises(BadHook, match=f"{name} is missing"):
        ELKS.read_text(fields, AT)


@given(st.dictionaries(st.sampled_from(["id", "from", "to", "message", "status", "message_id"]), st.text()))
def test_whatever_comes_is_an_event_or_a_refusal_without_its_content(fields: dict[str, str]) -> None:
    for read in (ELKS.read_text, ELKS.read_report):
        refusal = ""
        try:
            read(fields, AT)
        except BadHook as wrong:
            refusal = str(wrong)
        assert re.fullmatch(r"((id|from|to|message|status|message_id) [a-z0-9 ]+)?", refusal)
