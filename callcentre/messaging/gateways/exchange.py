"""One request to a gateway over HTTP and its one answer, and what it means for a text when there is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from yarl import URL

from callcentre.messaging.events import Handover, Refused, Unclear

# aiohttp is imported where it is used: a command that only reads the configuration would wait for it.
if TYPE_CHECKING:
    import aiohttp

NOT_HANDLED = frozenset({408, 425, 429, 503})
"""A server that answers so has not handled the request, and may be asked again (RFC 9110, RFC 8470, RFC 6585)."""

_LONGEST_QUOTE = 80
# More texts than these go out at once only when the gateway is slow: they wait, and other things have descriptors.
_CONNECTIONS = 50


class NoAddress(Exception):  # noqa: N818
    """What was requested is not the address of a web page."""


class Unanswered(Exception):  # noqa: N818
    """No whole answer came; the text says why, in our words. `connected`: the request may have been read."""

    def __init__(self, reason: str, *, connected: bool) -> None:
        super().__init__(reason)
        self.connected = connected


class Exchange:
    """Asks one gateway, which is called `peer` and whose address is the setting `setting`.

    `timeout` are the seconds for a whole exchange, of which half may go into connecting; of an answer the first
    `longest` bytes are read, and a little more. No redirect is followed. A connection serves one request: on a kept
    one, nobody can tell whether a text that met its end was read.
    """

    def __init__(
        self, peer: str, setting: str, *, timeout: float, longest: int, headers: Mapping[str, str] | None = None
    ) -> None:
        import aiohttp

        self._peer = peer
        self._setting = setting
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=timeout / 2)
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
        """Have a text sent; `read` says what an answer means.

        A connection that was never made is `Refused`, one that broke is `Unclear`.
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
                connector=aiohttp.TCPConnector(force_close=True, limit=_CONNECTIONS),
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
        """Let go of connections; a later request opens them again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def shown(url: URL) -> URL:
    """An address for people's eyes: without what may be secret in it."""
    return (url.with_user(None) if url.absolute else url).with_query(None)


def quoted(answer: str) -> str:
    """The first line of an answer, at most 80 characters, harmless in a log."""
    return ascii(answer.strip().partition("\n")[0][:_LONGEST_QUOTE])


async def _once(request: aiohttp.ClientRequest, ask: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from asking again by itself: it repeats a GET whose connection broke, and a text with it."""
    import aiohttp

    try:
        return await ask(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError from error


def _described(error: BaseException) -> str:
    """Say it in our words: aiohttp's may hold the whole address, and that holds the password and the text."""
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
            return "its answer is no HTTP"
        case _:
            return "the connection broke"
