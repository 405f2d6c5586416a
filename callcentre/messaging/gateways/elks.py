"""46elks: texts are forms posted to its API, and reports and texts from phones are forms posted to us.

Source: 46elks API documentation (46elks.com/docs), "Send an SMS", "SMS delivery reports", "Receive an SMS", "Get
account information" and "Verify callback origin". Nothing is signed: 46elks supports a token of ours in the query of
the hook's address, and calls from fixed addresses that a firewall can allow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec
from pydantic import Field
from yarl import URL

from callcentre.config.addresses import HttpUrl
from callcentre.config.scalars import Secret, Section, Text
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Delivery, DeliveryReported, Handover, Refused, TextReceived, Unclear
from callcentre.messaging.gateways.checks import over_the_internet
from callcentre.messaging.gateways.exchange import NOT_HANDLED, PATIENCE, Exchange, NoAddress, Unanswered, quoted, shown
from callcentre.messaging.gateways.gateway import GatewayType, HookAnswer, HookRequest
from callcentre.messaging.gateways.hook import characters, field, report_address
from callcentre.values.json_errors import NOT_JSON

# The answer repeats the text, which may be long.
_LONGEST_ANSWER: Final = 64 * 1024

# "created" is the state in which a text begins; no report has it, but it is known anyway.
_REPORTS: Final = {
    "created": Delivery.BUFFERED,
    "sent": Delivery.ACCEPTED,
    "delivered": Delivery.DELIVERED,
    "failed": Delivery.FAILED,
}


# --- settings --------------------------------------------------------------------------------------


class Elks(Section):
    """An account at 46elks."""

    url: HttpUrl = Field("https://api.46elks.com/a1", description="The API of 46elks, up to and with /a1.")
    username: Text = Field(
        examples=["u0123456789abcdef0123456789abcdef"], description="The API username of the account."
    )
    password: Secret = Field(
        examples=["${CALLCENTRE_46ELKS_PASSWORD}"], repr=False, description="The API password of the account."
    )
    report_url: HttpUrl = Field(
        examples=["https://calls.example.com/hooks/46elks/dlr"],
        description="Where 46elks finds our /hooks/46elks/dlr; the daemon adds its own query.",
    )


# --- the gateway ---------------------------------------------------------------------------------


class ElksGateway:
    """Implements `Gateway` with an account at 46elks.

    `url` is the API up to and with /a1. `report_url` is our hook for delivery reports at the address that 46elks uses,
    and `token` is the token of that hook. `timeout` is in seconds for a whole exchange, of which half may be used to
    connect.
    """

    name = "46elks"
    # A body would be sent to the phone as an answer. Any status other than 200 to 204 is retried for hours.
    hook_answer = HookAnswer(status=204)

    def __init__(
        self, url: str, username: str, password: str, report_url: str, token: str, *, timeout: float = PATIENCE
    ) -> None:
        self._url = URL(url)
        self._report_url = report_url
        self._token = token
        import aiohttp

        credentials = aiohttp.encode_basic_auth(username, password, "utf-8")
        self._exchange = Exchange(
            "46elks",
            "sms.46elks.url",
            timeout=timeout,
            longest=_LONGEST_ANSWER,
            headers={"Authorization": credentials},
        )

    async def send(self, text: SendText) -> Handover:
        """Hand over one text; without a connection it is `Refused`, after a broken one `Unclear`."""
        form = {
            "from": text.sender,
            "to": text.number,
            "message": text.body,
            # Not `message`, which is one of their fields.
            "whendelivered": report_address(self._report_url, token=self._token, message_id=text.message),
        }
        return await self._exchange.hand_over("POST", self._url / "sms", outcome, form=form)

    async def probe(self) -> str | None:
        """Read our own account, which costs nothing and sends no text."""
        try:
            status, answer = await self._exchange.ask("GET", self._url / "me")
        except NoAddress:
            return "sms.46elks.url: not the address of a web page; write https://api.46elks.com/a1"
        except Unanswered as error:
            return (
                f"sms.46elks.url: {shown(self._url)} does not answer ({error}); "
                "correct the address, or let this machine reach it"
            )
        if status == 200 and _is_account(answer):
            return None
        if status in {401, 403}:
            return (
                f"sms.46elks.username: {shown(self._url)} does not admit this user with this password; take both from "
                "the account page of 46elks"
            )
        if status >= 500 or status in NOT_HANDLED:
            return f"sms.46elks.url: {shown(self._url)} takes nothing now ({status}); try again later"
        return (
            f"sms.46elks.url: {shown(self._url)} does not answer as the API of 46elks does ({status}); "
            "write https://api.46elks.com/a1"
        )

    def is_genuine(self, request: HookRequest) -> bool:  # noqa: ARG002
        """46elks signs nothing."""
        return True

    def read_report(self, query: Mapping[str, str], at: datetime) -> DeliveryReported | None:
        """Read our `message_id` and the `status`; an undocumented status changes nothing."""
        message = field(query, "message_id")
        delivery = _REPORTS.get(field(query, "status"))
        return None if delivery is None else DeliveryReported(at=at, message=message, delivery=delivery)

    def read_text(self, query: Mapping[str, str], at: datetime) -> TextReceived:
        """Read `id`, `from`, `to` and `message`; the id is the same when 46elks delivers the text again."""
        return TextReceived(
            at=at,
            gateway=self.name,
            gateway_id=field(query, "id"),
            sender=field(query, "from"),
            recipient=field(query, "to"),
            body=characters(query, "message"),
        )

    async def close(self) -> None:
        """Close connections; a later text opens them again."""
        await self._exchange.close()


class _Sent(msgspec.Struct):
    id: str
    status: str


class _Account(msgspec.Struct):
    id: str


def outcome(status: int, answer: str) -> Handover:
    """The meaning of 46elks's answer to a text.

    Only an answer with an id means accepted. Of 5xx only 503 says that nothing was done; after the others the text may
    be on its way. 46elks words its refusals in one plain line.
    """
    said = f"46elks answered {status}"
    if 200 <= status < 300:
        try:
            sent = msgspec.json.decode(answer, type=_Sent)
        except NOT_JSON:
            return Unclear(f"{said} without a text's id and status")
        if sent.status == "failed":
            return Refused(f"{said}: failed", permanent=True)
        return Accepted(sent.id) if sent.id else Unclear(f"{said} without a text's id and status")
    if status in NOT_HANDLED:
        return Refused(said)
    if status >= 500:
        return Unclear(said)
    return Refused(f"{said}: {_without_numbers(quoted(answer))}", permanent=True)


def _is_account(answer: str) -> bool:
    try:
        msgspec.json.decode(answer, type=_Account)
    except NOT_JSON:
        return False
    return True


def _without_numbers(words: str) -> str:
    """Words without anything that may be a telephone number, for the log."""
    return re.sub(r"\d[\d\s().-]{3,}\d", "•••", words)


# --- declaration ----------------------------------------------------------------------------------

GATEWAY: Final = GatewayType(
    name="46elks",
    section=Elks,
    needs="username, password and report_url",
    make=lambda elks, token: ElksGateway(elks.url, elks.username, elks.password, elks.report_url, token),
    findings=over_the_internet,
)
