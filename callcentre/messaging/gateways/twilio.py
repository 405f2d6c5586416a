"""Twilio: texts are forms posted to its API; reports and texts from phones arrive as signed forms.

Source: Twilio documentation (twilio.com/docs), "Messages resource", "Outbound Message Status in Status Callbacks",
"Twilio's request to your incoming message Webhook URL", "Secure webhooks", "Webhooks: Connection Overrides", "Accounts
resource", and the pages of the errors 20429, 20500, 20503, 21610 and 21611, and
"Customize users' opt-in and opt-out experience with Advanced Opt-Out".
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec
from pydantic import Field
from yarl import URL

from callcentre.config.addresses import HttpUrl
from callcentre.config.scalars import Scalar, Secret, Section, texts
from callcentre.config.scalars import shown as shown_value
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Delivery, DeliveryReported, Handover, Refused, TextReceived, Unclear
from callcentre.messaging.gateways.checks import over_the_internet
from callcentre.messaging.gateways.exchange import NOT_HANDLED, PATIENCE, Exchange, NoAddress, Unanswered, shown
from callcentre.messaging.gateways.gateway import GatewayType, HookAnswer, HookName, HookRequest, OptOutByGateway
from callcentre.messaging.gateways.hook import characters, field, report_address
from callcentre.values.json_errors import NOT_JSON

RETRIES: Final = "rc=5&rp=ct,rt,5xx"
"""Twilio's behaviour when a hook fails, as the fragment of its address ("Connection Overrides").

It tries 5 times more, within 15 seconds in all, when it cannot connect, gets no answer, or is answered 5xx. Without
the fragment it tries once more, and only when it cannot connect.
asks once more, and only when it cannot connect.
"""

_SIGNATURE: Final = "X-Twilio-Signature"
# The answer repeats the text, which may be long.
_LONGEST_ANSWER: Final = 64 * 1024

# The person wrote STOP to the sender, and Twilio sends nothing to that person until START (error 21610).
_OPTED_OUT: Final = 21610

OPT_OUT: Final = OptOutByGateway(
    title="Twilio",
    words=("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"),
    unless="the account has an Advanced Opt-Out with other words",
)

# More texts wait for this sender than Twilio sends in ten hours: later there is space again.
_QUEUE_IS_FULL: Final = 21611

_REPORTS: Final = {
    "accepted": Delivery.BUFFERED,
    "scheduled": Delivery.BUFFERED,
    "queued": Delivery.BUFFERED,
    "sending": Delivery.BUFFERED,
    "sent": Delivery.ACCEPTED,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.DELIVERED,
    "undelivered": Delivery.FAILED,
    "failed": Delivery.FAILED,
    "canceled": Delivery.FAILED,
}
_TAKEN_AS: Final[Mapping[str, Literal["stop", "start"]]] = {"STOP": "stop", "START": "start"}
_NEVER_SENT: Final = {"failed", "undelivered", "canceled"}


# --- settings --------------------------------------------------------------------------------------


_ACCOUNT_SID: Final = "AC[0-9a-fA-F]{32}"


def _account_sid(text: str) -> str:
    if not re.fullmatch(_ACCOUNT_SID, text):
        raise ValueError(f"is not the SID of an account: {shown_value(text)}; it is AC and 32 hexadecimal digits")
    return text


AccountSid = Annotated[
    str, Scalar(kind=str, wants="the SID of an account", read=_account_sid, schema=texts(_ACCOUNT_SID))
]


class Twilio(Section):
    """An account at Twilio."""

    url: HttpUrl = Field("https://api.twilio.com", description="The host of Twilio's API.")
    account_sid: AccountSid = Field(
        examples=["AC0123456789abcdef0123456789abcdef"], description="The account's SID: AC and 32 hexadecimal digits."
    )
    auth_token: Secret = Field(
        examples=["${CALLCENTRE_TWILIO_AUTH_TOKEN}"],
        repr=False,
        description="The account's primary auth token; Twilio's signatures are made with it too.",
    )
    report_url: HttpUrl = Field(
        examples=["https://calls.example.com/hooks/twilio/dlr"],
        description="Where Twilio finds our /hooks/twilio/dlr, with /mo beside it: signatures are over this address.",
    )


# --- the gateway ---------------------------------------------------------------------------------


class TwilioGateway:
    """Implements `Gateway` with an account at Twilio.

    `url` is the API's host, `report_url` our hook for delivery reports at the address that Twilio uses: the signature
    covers that address. The hook for texts from phones is beside it, as /mo. `token` is the token of the hooks.
    `timeout` is in seconds for a whole exchange, of which half may be used to connect.
    """

    name = "twilio"
    # Twilio sends a plain body back to the phone; this one means: no answer.
    hook_answer = HookAnswer(content_type="text/xml", body="<Response/>")

    def __init__(
        self, url: str, account_sid: str, auth_token: str, report_url: str, token: str, *, timeout: float = PATIENCE
    ) -> None:
        self._url = URL(url)
        self._account = self._url / "2010-04-01" / "Accounts" / account_sid
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._report_url = report_url
        self._token = token
        import aiohttp

        credentials = aiohttp.encode_basic_auth(account_sid, auth_token, "utf-8")
        self._exchange = Exchange(
            "twilio",
            "sms.twilio.url",
            timeout=timeout,
            longest=_LONGEST_ANSWER,
            headers={"Authorization": credentials},
        )

    async def send(self, text: SendText) -> Handover:
        """Hand over one text; without a connection it is `Refused`, after a broken one `Unclear`."""
        report = report_address(self._report_url, token=self._token, message=text.message)
        form = {
            "From": text.sender,
            "To": text.number,
            "Body": text.body,
            "StatusCallback": f"{report}#{RETRIES}",
        }
        return await self._exchange.hand_over("POST", self._account / "Messages.json", outcome, form=form)

    async def probe(self) -> str | None:
        """Read our own account, which costs nothing and sends no text."""
        page = shown(self._url)
        try:
            status, answer = await self._exchange.ask("GET", self._account.with_name(f"{self._account_sid}.json"))
        except NoAddress:
            return "sms.twilio.url: not the address of a web page; write https://api.twilio.com"
        except Unanswered as error:
            return (
                f"sms.twilio.url: {page} does not answer ({error}); correct the address, or let this machine reach it"
            )
        if status == 200 and (account := _account(answer)) is not None:
            if account.status == "active":
                return None
            return "sms.twilio.account_sid: the account is not active; the Twilio Console says why"
        if status in {401, 403, 404}:
            return (
                f"sms.twilio.account_sid: {page} does not know this account with this auth_token; take both from the "
                "Twilio Console, the primary token if there are two"
            )
        if status >= 500 or status in NOT_HANDLED:
            return f"sms.twilio.url: {page} takes nothing now ({status}); try again later"
        return f"sms.twilio.url: {page} does not answer as Twilio does ({status}); write https://api.twilio.com"

    def is_genuine(self, request: HookRequest) -> bool:
        """Whether the signature is Twilio's, over one of the addresses that it may have signed."""
        offered = request.headers.get(_SIGNATURE, "").encode("utf-8", "surrogateescape")
        expected = (
            signature(self._auth_token, address, request.form).encode()
            for address in signed_addresses(self._report_url, request.hook, request.query)
        )
        return any(hmac.compare_digest(offered, each) for each in expected)

    def read_report(self, query: Mapping[str, str], at: datetime) -> DeliveryReported | None:
        """Read our `message` and the `MessageStatus`; an undocumented status changes nothing."""
        message = field(query, "message")
        delivery = _REPORTS.get(field(query, "MessageStatus"))
        if delivery is None:
            return None
        opted_out = query.get("ErrorCode") == str(_OPTED_OUT) and delivery is Delivery.FAILED
        return DeliveryReported(at=at, message=message, delivery=delivery, opted_out=opted_out)

    def read_text(self, query: Mapping[str, str], at: datetime) -> TextReceived:
        """Read `MessageSid`, `From`, `To` and `Body`; the sid is the same when Twilio delivers the text again.

        With "Advanced Opt-Out", `OptOutType` says that Twilio treated the text as STOP, START or HELP. HELP changes
        nothing: the words of the text count.
        """
        return TextReceived(
            at=at,
            gateway=self.name,
            gateway_id=field(query, "MessageSid"),
            sender=field(query, "From"),
            recipient=field(query, "To"),
            body=characters(query, "Body"),
            taken_as=_TAKEN_AS.get(query.get("OptOutType", "").upper()),
        )

    async def close(self) -> None:
        """Close connections; a later text opens them again."""
        await self._exchange.close()


def signature(auth_token: str, address: str, form: Mapping[str, str]) -> str:
    """The value of X-Twilio-Signature ("Secure webhooks").

    It is base64 of HMAC-SHA1, with the auth token as key, over the whole address and then each posted field, sorted by
    name: the name and the value, with nothing in between.
    """
    signed = address + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(auth_token.encode(), signed.encode(), "sha1")).decode("ascii")


def signed_addresses(report_url: str, hook: HookName, query: str) -> Iterator[str]:
    """The addresses of a hook that Twilio may have signed, with the query as received.

    Twilio's own validators try the address with and without its port, because Twilio signs either. They also keep the
    fragment of the configured address, so that of `RETRIES` may be part of it.
    """
    beside = URL(report_url).with_query(None).with_fragment(None)
    place, _, _ = str(beside).rpartition("/")
    written = f"{place}/{hook}" + (f"?{query}" if query else "")
    scheme, _, rest = written.partition("://")
    _, slash, path = rest.partition("/")
    host = beside.host_subcomponent or ""
    for authority in dict.fromkeys((host, f"{host}:{beside.port}")):
        yield f"{scheme}://{authority}{slash}{path}"
        yield f"{scheme}://{authority}{slash}{path}#{RETRIES}"


class _Message(msgspec.Struct):
    sid: str
    status: str
    error_code: int | None = None


class _Account(msgspec.Struct):
    sid: str
    status: str


class _Error(msgspec.Struct):
    code: int


def outcome(status: int, answer: str) -> Handover:
    """The meaning of Twilio's answer to a text.

    429 was never processed and 503 is to be tried again (errors 20429 and 20503). After any other 5xx the text may be
    on its way (error 20500). Of a refusal only the number of the error is reported, because its words may contain the
    telephone number.
    """
    said = f"twilio answered {status}"
    if 200 <= status < 300:
        try:
            message = msgspec.json.decode(answer, type=_Message)
        except NOT_JSON:
            return Unclear(f"{said} without a text's sid and status")
        if message.status in _NEVER_SENT:
            opted_out = message.error_code == _OPTED_OUT
            said += f": {message.status}{_numbered(message.error_code)}"
            return Refused(said, permanent=True, opted_out=opted_out)
        return Accepted(message.sid) if message.sid else Unclear(f"{said} without a text's sid and status")
    code = _error_code(answer)
    said += _numbered(code)
    if status in NOT_HANDLED or code == _QUEUE_IS_FULL:
        return Refused(said)
    return Unclear(said) if status >= 500 else Refused(said, permanent=True, opted_out=code == _OPTED_OUT)


def _numbered(code: int | None) -> str:
    return "" if code is None else f", error {code}"


def _error_code(answer: str) -> int | None:
    try:
        return msgspec.json.decode(answer, type=_Error).code
    except NOT_JSON:
        return None


def _account(answer: str) -> _Account | None:
    try:
        return msgspec.json.decode(answer, type=_Account)
    except NOT_JSON:
        return None


# --- declaration ----------------------------------------------------------------------------------

GATEWAY: Final = GatewayType(
    name="twilio",
    section=Twilio,
    needs="account_sid, auth_token and report_url",
    make=lambda twilio, token: TwilioGateway(
        twilio.url, twilio.account_sid, twilio.auth_token, twilio.report_url, token
    ),
    findings=over_the_internet,
    opt_out=OPT_OUT,
)
