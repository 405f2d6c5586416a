"""What is said to Twilio and what Twilio says, as pure functions. The examples are those of its documentation."""

import re
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from callcentre.messaging.events import Accepted, Delivery, DeliveryReported, Handover, Refused, TextReceived, Unclear
from callcentre.messaging.gateways.gateway import BadHook, HookName, HookRequest
from callcentre.messaging.gateways.twilio import RETRIES, TwilioGateway, outcome, signature, signed_addresses

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SID = "AC0123456789abcdef0123456789abcdef"
REPORT_URL = "https://h.example/hooks/twilio/dlr"
TWILIO = TwilioGateway("http://127.0.0.1:1", SID, "12345", REPORT_URL, "token")
CHARACTERS = st.characters(exclude_categories=["Cs"])
NO_SID = "twilio answered 201 without a text's sid and status"

# --- signatures ----------------------------------------------------------------------------------

EXAMPLE = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = {"CallSid": "CA1234567890ABCDE", "Digits": "1234", "To": "+18005551212"}


# The first is the example of "Secure webhooks" (Twilio's own sample code for it); the others are the values that
# Twilio's library for Python tests its RequestValidator with: another caller, http with a port, https with port 443,
# http with port 80, and a body that is no form. All have the auth token 12345.
@pytest.mark.parametrize(
    ("address", "form", "expected"),
    [
        (EXAMPLE, CALL | dict.fromkeys(("From", "Caller"), "+14158675310"), "GvWf1cFY/Q7PnoempGyD5oXAezc="),
        (EXAMPLE, CALL | dict.fromkeys(("Caller", "From"), "+14158675309"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (
            "http://mycompany.com:1234/myapp.php?foo=1&bar=2",
            CALL | dict.fromkeys(("Caller", "From"), "+14158675309"),
            "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
        ),
        (
            "https://mycompany.com:443/myapp.php?foo=1&bar=2",
            CALL | dict.fromkeys(("Caller", "From"), "+14158675309"),
            "kvajT1Ptam85bY51eRf/AJRuM3w=",
        ),
        (
            "http://mycompany.com:80/myapp.php?foo=1&bar=2",
            CALL | dict.fromkeys(("Caller", "From"), "+14158675309"),
            "0ZXoZLH/DfblKGATFgpif+LLRf4=",
        ),
        (
            f"{EXAMPLE}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
            {},
            "a9nBmqA0ju/hNViExpshrM61xv4=",
        ),
    ],
)
def test_a_signature_is_the_one_that_twilio_documents(address: str, form: dict[str, str], expected: str) -> None:
    assert signature("12345", address, form) == expected


@pytest.mark.parametrize(
    ("report_url", "hook", "query", "expected"),
    [
        (
            "https://h.example/hooks/twilio/dlr",
            "dlr",
            "token=t&message=m%2F1",
            ["https://h.example/hooks/twilio/dlr?token=t&message=m%2F1", "https://h.example:443/hooks/twilio/dlr?token=t&message=m%2F1"],
        ),
        (
            "https://h.example/hooks/twilio/dlr",
            "mo",
            "token=t",
            ["https://h.example/hooks/twilio/mo?token=t", "https://h.example:443/hooks/twilio/mo?token=t"],
        ),
        ("https://h.example:8443/sms/dlr", "mo", "", ["https://h.example/sms/mo", "https://h.example:8443/sms/mo"]),
        ("http://[::1]:8090/dlr", "dlr", "a=%c3%a4", ["http://[::1]/dlr?a=%c3%a4", "http://[::1]:8090/dlr?a=%c3%a4"]),
    ],
)  # fmt: skip
def test_an_address_may_be_signed_with_its_port_or_without_and_with_what_it_was_configured_with(
    report_url: str, hook: HookName, query: str, expected: list[str]
) -> None:
    assert set(signed_addresses(report_url, hook, query)) == {
        written for address in expected for written in (address, f"{address}#{RETRIES}")
    }


REPORT = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+358401112222", "ErrorCode": ""}
QUERY = "token=t&message=m-1"


def hook(signed: str | None, query: str = QUERY, form: dict[str, str] | None = None) -> HookRequest:
    headers = CIMultiDict({} if signed is None else {"x-twilio-signature": signed})
    return HookRequest("dlr", query, REPORT if form is None else form, headers)


RIGHT = signature("12345", f"{REPORT_URL}?{QUERY}", REPORT)


@pytest.mark.parametrize(
    ("request_", "genuine"),
    [
        (hook(RIGHT), True),
        (hook(signature("12345", f"{REPORT_URL.replace('.example', '.example:443')}?{QUERY}", REPORT)), True),
        (hook(signature("12345", f"{REPORT_URL}?{QUERY}#{RETRIES}", REPORT)), True),
        (hook(None), False),
        (hook(""), False),
        (hook(RIGHT[:-1]), False),
        (hook(RIGHT.lower()), False),
        (hook(f"{RIGHT} "), False),
        (hook("\udcff\udcfe"), False),
        (hook("ä" * 28), False),
        (hook(signature("54321", f"{REPORT_URL}?{QUERY}", REPORT)), False),
        (hook(signature("12345", f"{REPORT_URL}?{QUERY}", {})), False),
        (hook(signature("12345", f"https://elsewhere.example/hooks/twilio/dlr?{QUERY}", REPORT)), False),
        (hook(signature("12345", f"{REPORT_URL.replace('/dlr', '/mo')}?{QUERY}", REPORT)), False),
        (hook(signature("12345", f"{REPORT_URL.replace('https', 'http')}?{QUERY}", REPORT)), False),
        (hook(RIGHT, query="token=t&message=m-2"), False),
        (hook(RIGHT, query="message=m-1&token=t"), False),
        (hook(RIGHT, form=REPORT | {"MessageStatus": "failed"}), False),
        (hook(RIGHT, form=REPORT | {"New": "field"}), False),
    ],
)
def test_only_what_twilio_signed_is_genuine(request_: HookRequest, genuine: bool) -> None:
    assert TWILIO.is_genuine(request_) is genuine


@given(
    form=st.dictionaries(st.text(CHARACTERS), st.text(CHARACTERS)),
    query=st.dictionaries(st.text(CHARACTERS), st.text(CHARACTERS)),
    changed=st.text(CHARACTERS, min_size=1),
)
def test_whatever_fields_there_are_their_signature_holds_for_them_alone(
    form: dict[str, str], query: dict[str, str], changed: str
) -> None:
    asked = urlencode(query)
    signed = signature("12345", f"{REPORT_URL}?{asked}" if asked else REPORT_URL, form)
    assert TWILIO.is_genuine(hook(signed, asked, form))
    assert not TWILIO.is_genuine(hook(signed, asked, form | {"Body": form.get("Body", "") + changed}))


# --- answers -------------------------------------------------------------------------------------


def created(**changed: object) -> str:
    """The answer to a text that was taken."""
    fields: dict[str, object] = {
        "account_sid": SID,
        "body": "Hi there",
        "error_code": None,
        "error_message": None,
        "from": "+15557122661",
        "num_segments": "1",
        "sid": "SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "status": "queued",
        "to": "+15558675310",
    }
    return msgspec.json.encode({name: value for name, value in (fields | changed).items() if value != ""}).decode()


def refused(code: object, status: int = 400) -> str:
    """The answer to a text that was not; its words hold the number."""
    return msgspec.json.encode(
        {
            "code": code,
            "message": "The 'To' number +358401112222 is not a valid phone number.",
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }
    ).decode()


@pytest.mark.parametrize(
    ("status", "answer", "expected"),
    [
        (201, created(), Accepted("SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
        (201, created(status="accepted"), Accepted("SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
        (201, created(status="failed", error_code=30007), Refused("twilio answered 201: failed, error 30007", True)),
        (201, created(status="canceled"), Refused("twilio answered 201: canceled", permanent=True)),
        (201, created(sid=""), Unclear(NO_SID)),
        (201, created(status=""), Unclear(NO_SID)),
        (201, created()[:-1], Unclear(NO_SID)),
        (200, "<html>It works!</html>", Unclear("twilio answered 200 without a text's sid and status")),
        (302, "", Refused("twilio answered 302", permanent=True)),
        (400, refused(21211), Refused("twilio answered 400, error 21211", permanent=True)),
        (400, refused(21610), Refused("twilio answered 400, error 21610", permanent=True, opted_out=True)),
        (400, refused(21614), Refused("twilio answered 400, error 21614", permanent=True)),
        (400, refused(21611), Refused("twilio answered 400, error 21611")),
        (400, refused("many"), Refused("twilio answered 400", permanent=True)),
        (400, "", Refused("twilio answered 400", permanent=True)),
        (401, refused(20003), Refused("twilio answered 401, error 20003", permanent=True)),
        (404, refused(20404), Refused("twilio answered 404, error 20404", permanent=True)),
        (429, refused(20429), Refused("twilio answered 429, error 20429")),
        (500, refused(20500), Unclear("twilio answered 500, error 20500")),
        (502, "", Unclear("twilio answered 502")),
        (503, refused(20503), Refused("twilio answered 503, error 20503")),
        (504, "", Unclear("twilio answered 504")),
    ],
)
def test_an_answer_of_twilio_means(status: int, answer: str, expected: Handover) -> None:
    assert outcome(status, answer) == expected


@given(status=st.integers(100, 599), answer=st.text() | st.builds(refused, st.integers() | st.text()))
def test_only_a_sid_makes_a_text_accepted_and_of_an_answer_only_the_number_of_an_error_is_reported(
    status: int, answer: str
) -> None:
    match outcome(status, answer):
        case Accepted():
            raise AssertionError(answer)
        case Refused(reason=reason) | Unclear(reason=reason):
            assert re.fullmatch(r"twilio answered \d{3}(, error -?\d+| without a text's sid and status)?", reason)


# --- hooks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("accepted", Delivery.BUFFERED),
        ("scheduled", Delivery.BUFFERED),
        ("queued", Delivery.BUFFERED),
        ("sending", Delivery.BUFFERED),
        ("sent", Delivery.ACCEPTED),
        ("delivered", Delivery.DELIVERED),
        ("read", Delivery.DELIVERED),
        ("undelivered", Delivery.FAILED),
        ("failed", Delivery.FAILED),
        ("canceled", Delivery.FAILED),
    ],
)
def test_a_report_says_what_became_of_the_text(status: str, expected: Delivery) -> None:
    report = {"message": "m-1", "token": "x", "MessageSid": "SM1", "MessageStatus": status}
    assert TWILIO.read_report(report, AT) == DeliveryReported(at=AT, message="m-1", delivery=expected)


def test_a_report_of_nothing_we_keep_is_no_event() -> None:
    assert TWILIO.read_report({"message": "m-1", "MessageSid": "SM1", "MessageStatus": "resting"}, AT) is None


@pytest.mark.parametrize(
    ("report", "wrong"),
    [
        ({"MessageStatus": "sent"}, "message is missing"),
        ({"message": "m"}, "MessageStatus is missing"),
        ({"message": "m", "MessageStatus": ""}, "MessageStatus is empty"),
        ({"message": "m" * 201, "MessageStatus": "sent"}, "message is longer than 200 characters"),
    ],
)
def test_a_report_that_twilio_would_not_send_is_refused(report: dict[str, str], wrong: str) -> None:
    with pytest.raises(BadHook, match=re.escape(wrong)):
        TWILIO.read_report(report, AT)


def received(**fields: str) -> dict[str, str]:
    return {
        "MessageSid": "SMbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        "SmsSid": "SMbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        "AccountSid": SID,
        "From": "+14017122661",
        "To": "+15558675310",
        "Body": "Ahoy!",
        "NumMedia": "0",
        "NumSegments": "1",
    } | fields


@pytest.mark.parametrize("body", ["Ahoy!", "", " hyvää €😀\n%&+# "])
def test_a_text_from_a_phone_is_taken_as_it_is(body: str) -> None:
    assert TWILIO.read_text(received(Body=body), AT) == TextReceived(
        at=AT,
        gateway="twilio",
        gateway_id="SMbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        sender="+14017122661",
        recipient="+15558675310",
        body=body,
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("STOP", "stop"), ("START", "start"), ("stop", "stop"), ("HELP", None), ("", None), ("x", None)],
)
def test_what_twilio_took_a_text_for_is_read(kind: str, expected: str | None) -> None:
    assert TWILIO.read_text(received(OptOutType=kind), AT).taken_as == expected


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("failed", "21610", True),
        ("undelivered", "21610", True),
        ("delivered", "21610", False),
        ("failed", "30003", False),
    ],
)
def test_a_report_says_who_opted_out_at_twilio(status: str, code: str, expected: bool) -> None:
    report = TWILIO.read_report({"message": "m-1", "MessageStatus": status, "ErrorCode": code}, AT)
    assert report is not None
    assert report.opted_out is expected


@pytest.mark.parametrize("name", ["MessageSid", "From", "To", "Body"])
def test_a_text_without_one_of_its_fields_is_refused(name: str) -> None:
    fields = received()
    del fields[name]
    with pytest.raises(BadHook, match=f"{name} is missing"):
        TWILIO.read_text(fields, AT)
