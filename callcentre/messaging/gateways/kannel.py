"""Kannel's smsbox: texts are sent through its sendsms page; reports and texts from phones arrive as GET requests.

Source: Kannel user's guide, "Using HTTP to send SMS" and "Delivery reports"; answers and escapes as seen on 1.4.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import Field
from yarl import URL

from callcentre.config.addresses import HttpUrl
from callcentre.config.scalars import Secret, Section, Text
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Delivery, DeliveryReported, Handover, Refused, TextReceived, Unclear
from callcentre.messaging.gateways.exchange import NOT_HANDLED, PATIENCE, Exchange, NoAddress, Unanswered, quoted, shown
from callcentre.messaging.gateways.gateway import BadHook, GatewayType, HookAnswer, HookRequest
from callcentre.messaging.gateways.hook import characters, field, report_address
from callcentre.values.sms_text import measure

_CODING = {"gsm7": "0", "ucs2": "2"}
_EVERY_REPORT = "31"
_ACCEPTED = ("0:", "3:", "Sent.")
_TEMPORARY = NOT_HANDLED | {500}
_LONGEST_ANSWER = 1024

# From the final report on a text to the first one; the mask may have more than one bit (34 is expired and failed).
_REPORTS = (
    (1, Delivery.DELIVERED),
    (32, Delivery.EXPIRED),
    (16, Delivery.REJECTED),
    (2, Delivery.FAILED),
    (8, Delivery.ACCEPTED),
    (4, Delivery.BUFFERED),
)


# --- settings --------------------------------------------------------------------------------------


class Kannel(Section):
    """A Kannel smsbox."""

    url: HttpUrl = Field(
        examples=["http://127.0.0.1:13013/cgi-bin/sendsms"], description="The sendsms address of the smsbox."
    )
    username: Text = Field(examples=["callcentre"], description="A sendsms-user of kannel.conf.")
    password: Secret = Field(
        examples=["${CALLCENTRE_KANNEL_PASSWORD}"], repr=False, description="That user's password."
    )
    report_url: HttpUrl = Field(
        examples=["http://127.0.0.1:8090/hooks/kannel/dlr"],
        description="Where Kannel finds our /hooks/kannel/dlr; the daemon adds its own query.",
    )


# --- the gateway ---------------------------------------------------------------------------------


class KannelGateway:
    """Implements `Gateway` with one Kannel.

    `url` is sendsms, `report_url` our hook for delivery reports at the address that Kannel uses, and `token` the token
    of that hook. `timeout` is in seconds for a whole exchange, of which half may be used to connect.
    """

    name = "kannel"
    # Kannel sends the body of the answer back to the phone.
    hook_answer = HookAnswer()

    def __init__(
        self, url: str, username: str, password: str, report_url: str, token: str, *, timeout: float = PATIENCE
    ) -> None:
        self._url = URL(url)
        self._credentials = {"username": username, "password": password}
        self._report_url = report_url
        self._token = token
        self._exchange = Exchange("smsbox", "sms.kannel.url", timeout=timeout, longest=_LONGEST_ANSWER)

    async def send(self, text: SendText) -> Handover:
        """Hand over one text; without a connection it is `Refused`, after a broken one `Unclear`."""
        return await self._exchange.hand_over(
            "GET",
            self._url,
            outcome,
            query={
                **self._credentials,
                "from": text.sender,
                "to": text.number,
                "text": text.body,
                "charset": "UTF-8",
                "coding": _CODING[measure(text.body).alphabet],
                "dlr-mask": _EVERY_REPORT,
                "dlr-url": report_template(self._report_url, self._token, text.message),
            },
        )

    async def probe(self) -> str | None:
        """Check only whether sendsms accepts our user: without a receiver it sends no text and says so."""
        page = shown(self._url)
        try:
            status, answer = await self._exchange.ask("GET", self._url, query=self._credentials)
        except NoAddress:
            return (
                "sms.kannel.url: not the address of a web page; write http://HOST:PORT/cgi-bin/sendsms, with "
                "sendsms-port in kannel.conf"
            )
        except Unanswered as error:
            return (
                f"sms.kannel.url: {page} does not answer ({error}); "
                "start bearerbox and smsbox, or correct the address (sendsms-port in kannel.conf)"
            )
        if status == 400 and "receiver" in answer:
            return None
        if status == 403:
            return (
                f"sms.kannel.username: {page} does not admit this user with this password; make both those of a "
                "sendsms-user group in kannel.conf, and see its user-allow-ip"
            )
        if status >= 500 or status in NOT_HANDLED:
            return f"sms.kannel.url: {page} takes no text now ({status}: {quoted(answer)}); see the log of bearerbox"
        return (
            f"sms.kannel.url: {page} does not answer as Kannel's sendsms does ({status}: {quoted(answer)}); "
            "correct the address (sendsms-port and sendsms-url in kannel.conf)"
        )

    def is_genuine(self, request: HookRequest) -> bool:  # noqa: ARG002
        """Kannel signs nothing."""
        return True

    def read_report(self, query: Mapping[str, str], at: datetime) -> DeliveryReported | None:
        """Read the query that `report_template` requested: our `message`, and the bit mask `type`."""
        message = field(query, "message")
        mask = field(query, "type")
        if not (mask.isascii() and mask.isdigit() and len(mask) <= 9):
            raise BadHook("type is not a number")
        for bit, delivery in _REPORTS:
            if int(mask) & bit:
                return DeliveryReported(at=at, message=message, delivery=delivery)
        return None

    def read_text(self, query: Mapping[str, str], at: datetime) -> TextReceived:
        """Read the query of an sms-service's get-url: `id` (%I), `from` (%p), `to` (%P), `text` (%b)."""
        return TextReceived(
            at=at,
            gateway=self.name,
            gateway_id=field(query, "id"),
            sender=field(query, "from"),
            recipient=field(query, "to"),
            body=characters(query, "text"),
        )

    async def close(self) -> None:
        """Close connections; a later text opens them again."""
        await self._exchange.close()


def report_template(report_url: str, token: str, message: str) -> str:
    """The `dlr-url` of a text: our hook, the text's own id, and Kannel's `%d` for the outcome.

    Kannel reads every percent sign in it as the beginning of its own escape and `%%` as a percent sign, so those of the
    address are doubled: `%C3%A4` would otherwise be replaced by a character set and a count.
    """
    return report_address(report_url, token=token, message=message).replace("%", "%%") + "&type=%d"


def outcome(status: int, answer: str) -> Handover:
    """The meaning of smsbox's answer to a text.

    Only Kannel's own wording means accepted: a 200 from some other page is `Unclear`. A 403 means a wrong password or a
    number without a route, and another try helps neither; after 500 and 503 it does. Any other 5xx is that of a proxy,
    behind which the text may have been accepted.
    """
    said = f"smsbox answered {status}: {quoted(answer)}"
    if 200 <= status < 300:
        return Accepted() if answer.startswith(_ACCEPTED) else Unclear(said)
    if status in _TEMPORARY:
        return Refused(said)
    return Unclear(said) if status >= 500 else Refused(said, permanent=True)


# --- declaration ----------------------------------------------------------------------------------

GATEWAY: Final = GatewayType(
    name="kannel",
    section=Kannel,
    needs="url, username, password and report_url",
    make=lambda kannel, token: KannelGateway(kannel.url, kannel.username, kannel.password, kannel.report_url, token),
)
