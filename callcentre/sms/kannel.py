"""Kannel's smsbox: texts go out through its sendsms page, reports and texts from phones come in as GET requests.

Source: Kannel user's guide, "Using HTTP to send SMS" and "Delivery reports"; answers and escapes as seen on 1.4.5.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime

import aiohttp
from yarl import URL

from callcentre.domain.effects import SendText
from callcentre.domain.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    Handover,
    Refused,
    TextReceived,
    Unclear,
)
from callcentre.sms.gateway import BadHook
from callcentre.sms.text import measure

_CODING = {"gsm7": "0", "ucs2": "2"}
_EVERY_REPORT = "31"
_ACCEPTED = ("0:", "3:", "Sent.")
_TEMPORARY = {408, 425, 429, 500, 503}
_LOST_BEHIND_A_PROXY = {502, 504}
_LONGEST_ANSWER = 1024
_LONGEST_QUOTE = 80
_LONGEST_FIELD = 200

# From the last word on a text to the first; the mask may carry more than one bit (34 is expired and failed).
_REPORTS = (
    (1, Delivery.DELIVERED),
    (32, Delivery.EXPIRED),
    (16, Delivery.REJECTED),
    (2, Delivery.FAILED),
    (8, Delivery.ACCEPTED),
    (4, Delivery.BUFFERED),
)


class KannelGateway:
    """Fulfils `Gateway` with one Kannel.

    `url` is sendsms, `report_url` our hook for delivery reports as Kannel reaches it, `token` what that hook asks
    for, `timeout` seconds for a whole exchange, of which half may go into connecting. A connection serves one
    text: on a kept one, nobody can tell whether a text that met its end was read.
    """

    name = "kannel"

    def __init__(
        self, url: str, username: str, password: str, report_url: str, token: str, *, timeout: float = 10.0
    ) -> None:
        self._url = URL(url)
        self._credentials = {"username": username, "password": password}
        self._report_url = report_url
        self._token = token
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=timeout / 2)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, text: SendText) -> Handover:
        """Hand over one text; a connection that was never made is `Refused`, one that broke is `Unclear`."""
        try:
            text.body.encode()
        except UnicodeEncodeError:
            return Refused("the text holds characters that do not exist in Unicode", permanent=True)
        try:
            status, answer = await self._ask(
                {
                    "from": text.sender,
                    "to": text.number,
                    "text": text.body,
                    "charset": "UTF-8",
                    "coding": _CODING[measure(text.body).alphabet],
                    "dlr-mask": _EVERY_REPORT,
                    "dlr-url": report_template(self._report_url, self._token, text.message),
                }
            )
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            return Refused("sms.kannel.url is not the address of a web page", permanent=True)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Refused(f"no connection to smsbox: {_described(error)}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Unclear(f"no answer from smsbox: {_described(error)}")
        return outcome(status, answer)

    async def probe(self) -> str | None:
        """Ask sendsms for nothing but to know us: without a receiver it sends no text and says so."""
        try:
            status, answer = await self._ask({})
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            return (
                "sms.kannel.url: not the address of a web page; write http://HOST:PORT/cgi-bin/sendsms, with "
                "sendsms-port in kannel.conf"
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return (
                f"sms.kannel.url: {self._shown} does not answer ({_described(error)}); "
                "start bearerbox and smsbox, or mend the address (sendsms-port in kannel.conf)"
            )
        if status == 400 and "receiver" in answer:
            return None
        if status == 403:
            return (
                f"sms.kannel.username: {self._shown} does not admit this user with this password; make both those of a "
                "sendsms-user group in kannel.conf, and see its user-allow-ip"
            )
        if status == 503:
            return f"sms.kannel.url: {self._shown} takes no text now ({_quoted(answer)}); see the log of bearerbox"
        return (
            f"sms.kannel.url: {self._shown} does not answer as Kannel's sendsms does ({status}: {_quoted(answer)}); "
            "mend the address (sendsms-port and sendsms-url in kannel.conf)"
        )

    def read_report(self, query: Mapping[str, str], at: datetime) -> DeliveryReported | None:
        """Read the query that `report_template` asked for: our `message`, and the bit mask `type`."""
        message = _field(query, "message")
        mask = _field(query, "type")
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
            gateway_id=_field(query, "id"),
            sender=_field(query, "from"),
            recipient=_field(query, "to"),
            body=_characters(query, "text"),
        )

    async def close(self) -> None:
        """Let go of connections; a later text opens them again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @property
    def _shown(self) -> URL:
        return self._url.with_user(None).with_query(None)

    async def _ask(self, fields: Mapping[str, str]) -> tuple[int, str]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=(_once,),
                timeout=self._timeout,
            )
        url = self._url.update_query({**self._credentials, **fields})
        async with self._session.get(url, allow_redirects=False) as response:
            answer = bytearray()
            async for piece in response.content.iter_chunked(_LONGEST_ANSWER):
                answer += piece
                if len(answer) > _LONGEST_ANSWER:
                    break
            return response.status, answer.decode("utf-8", "replace")


def report_template(report_url: str, token: str, message: str) -> str:
    """The `dlr-url` of a text: our hook, the text's own id, and Kannel's `%d` for what became of it.

    Kannel reads every percent sign in it as an escape of its own and `%%` as a percent sign, so those of the
    address are doubled: `%C3%A4` would otherwise come back as a character set and a count.
    """
    address = URL(report_url).with_fragment(None).update_query({"token": token, "message": message})
    return str(address).replace("%", "%%") + "&type=%d"


def outcome(status: int, answer: str) -> Handover:
    """What smsbox's answer to a text means.

    Taken is only what Kannel words as taken: a 200 from some other page is `Unclear`. A 403 is a wrong password as
    well as a number without a route, and neither heals by asking again; 500 and 503 do.
    """
    said = f"smsbox answered {status}: {_quoted(answer)}"
    if 200 <= status < 300:
        return Accepted() if answer.startswith(_ACCEPTED) else Unclear(said)
    if status in _LOST_BEHIND_A_PROXY:
        return Unclear(said)
    return Refused(said, permanent=status not in _TEMPORARY and status < 500)


async def _once(request: aiohttp.ClientRequest, ask: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from asking again by itself: it repeats a GET whose connection broke, and a text with it."""
    try:
        return await ask(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError from error


def _field(query: Mapping[str, str], name: str) -> str:
    value = _characters(query, name)
    if not value:
        raise BadHook(f"{name} is empty")
    if len(value) > _LONGEST_FIELD:
        raise BadHook(f"{name} is longer than {_LONGEST_FIELD} characters")
    return value


def _characters(query: Mapping[str, str], name: str) -> str:
    value = query.get(name)
    if value is None:
        raise BadHook(f"{name} is missing")
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise BadHook(f"{name} holds a character that no text has")
    return value


def _quoted(answer: str) -> str:
    return ascii(answer.strip().partition("\n")[0][:_LONGEST_QUOTE])


def _described(error: BaseException) -> str:
    """Say it in our words: aiohttp's may hold the whole address, and that holds the password and the text."""
    match error:
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int(number))) if number > 0:
            return os.strerror(number).lower()
        case aiohttp.ClientConnectorDNSError():
            return "no such host"
        case aiohttp.ClientSSLError():
            return "TLS failed"
        case TimeoutError():
            return "time ran out"
        case aiohttp.ClientResponseError():
            return "its answer is no HTTP"
        case _:
            return "the connection broke"
