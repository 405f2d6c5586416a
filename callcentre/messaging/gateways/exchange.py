"""One request to a gateway over HTTP and its answer, and the meaning for a text when there is no answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from yarl import URL

from callcentre.messaging.effects import MOST_AT_ONCE
from callcentre.messaging.events import Handover, Refused, Unclear

# aiohttp is imported where it is used, so that a command that only reads the configuration need not wait for it.
if TYPE_CHECKING:
    import aiohttp

NOT_HANDLED = frozenset({408, 425, 429, 503})
"""Status codes of a server that has not handled the request and may be asked again (RFC 9110, RFC 8470, RFC 6585)."""

PATIENCE = 30.0
"""Seconds for a whole hand-over. When it takes longer, the outcome is unclear, and the text may be sent again. So a
gateway that answers after ten seconds must not be taken for one that never answers."""

_TO_CONNECT = 5.0
"""Seconds for a connection at most: nothing was sent before it, so giving up costs nothing."""

_LONGEST_QUOTE = 80


class NoAddress(Exception):  # noqa: N818
    """The requested URL is not the address of a web page."""


class Unanswered(Exception):  # noqa: N818
    """There was no complete answer; the text says why, in our words. `connected`: the request may have been read."""

    def __init__(self, reason: str, *, connected: bool) -> None:
        super().__init__(reason)
        self.connected = connected


class Exchange:
    """Sends requests to one gateway, which is called `peer` and whose address is the setting `setting`.

    `timeout` is in seconds for a whole exchange, of which half, and 5 s at most, may be used to connect. Of an answer
    the first `longest` bytes are read, and a little more. Redirects are not followed. A connection is used for one
    request: when a kept connection breaks, it is unknown whether the text was read.
    """

    def __init__(
        self, peer: str, setting: str, *, timeout: float, longest: int, headers: Mapping[str, str] | None = None
    ) -> None:
        import aiohttp

        self._peer = peer
        self._setting = setting
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=min(timeout / 2, _TO_CONNECT))
        self._longest = longest
        self._headers = dict(headers or {})
        self._session: aiohttp.ClientSession | None = None

    async def hand_over(
        self,
        method: str,
        url: URL,
        read: Callable[[int, str], Handover],
        *,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Handover:
        """Send a text; `read` returns the meaning of an answer.

        Without a connection it is `Refused`, after a broken one `Unclear`.
        """
        try:
            status, answer = await self.ask(method, url, query=query, form=form)
        except UnicodeEncodeError:
            return Refused("the text holds characters that do not exist in Unicode", permanent=True)
        except NoAddress:
            return Refused(f"{self._setting} is not the address of a web page", permanent=True)
        except Unanswered as error:
            if error.connected:
                return Unclear(f"no answer from {self._peer}: {error}")
            return Refused(f"no connection to {self._peer}: {error}")
        return read(status, answer)

    async def ask(
        self,
        method: str,
        url: URL,
        *,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """The status and the body of the answer. Raises NoAddress, Unanswered, and UnicodeEncodeError."""
        import aiohttp

        for value in (*(query or {}).values(), *(form or {}).values()):
            value.encode()
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True, limit=MOST_AT_ONCE),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                middlewares=(_once,),
                timeout=self._timeout,
            )
        try:
            async with self._session.request(
                method, url.update_query(query) if query else url, data=form, allow_redirects=False
            ) as response:
                answer = bytearray()
                async for piece in response.content.iter_chunked(self._longest):
                    answer += piece
                    if len(answer) > self._longest:
                        break
                return response.status, answer.decode("utf-8", "replace")
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise NoAddress from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unanswered(_described(error), connected=False) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unanswered(_described(error), connected=True) from None

    async def close(self) -> None:
        """Close connections; a later request opens them again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def shown(url: URL) -> URL:
    """An address to show: without parts that may be secret."""
    return (url.with_user(None) if url.absolute else url).with_query(None)


def quoted(answer: str) -> str:
    """The first line of an answer, at most 80 characters, safe for a log."""
    return ascii(answer.strip().partition("\n")[0][:_LONGEST_QUOTE])


async def _once(request: aiohttp.ClientRequest, ask: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from retrying by itself: it repeats a GET whose connection broke, and so the text."""
    import aiohttp

    try:
        return await ask(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError from error


def _described(error: BaseException) -> str:
    """The error in our words: aiohttp's may contain the whole address, with the password and the text."""
    import aiohttp

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
            return "its answer is not HTTP"
        case _:
            return "the connection broke"
