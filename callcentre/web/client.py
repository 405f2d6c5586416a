"""A client of `/api` of the running daemon, for the commands."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

import aiohttp
import msgspec
from yarl import URL

from callcentre.config.addresses import Listen
from callcentre.config.read import Configuration
from callcentre.values.json_errors import NOT_JSON
from callcentre.web.problem import Problem
from callcentre.web.settings import HttpSettings

_SECONDS: Final = 15
_ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - the administrator chooses it  # nosec B104

T = TypeVar("T")


class DaemonError(Exception):
    """The request was not carried out; the text says why and what to do."""


class DaemonAwayError(DaemonError):
    """The daemon cannot be reached."""


class NotFoundError(DaemonError):
    """The daemon does not know what was asked for."""


class Client:
    """The daemon of a configuration. Every request raises `DaemonError`."""

    def __init__(self, configuration: Configuration) -> None:
        self._file: Path = configuration.path
        http = configuration.settings.section(HttpSettings)
        self._url = _url(http.listen)
        self._token = http.token

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = _SECONDS,
    ) -> tuple[int, bytes]:
        """The status and the body of the answer, which comes within so many seconds."""
        headers = {"Authorization": f"Bearer {self._token}"} | ({"Content-Type": "application/json"} if body else {})
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)) as session,
                session.request(method, self._at(path, query or {}), data=body, headers=headers) as response,
            ):
                answer = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            number = error.errno if isinstance(error, OSError) else None
            why = f": {os.strerror(number)}" if number and number > 0 else ""
            raise DaemonAwayError(
                f"the daemon does not answer at {self._url}{why}; start it with `callcentre run -c {self._file}`, "
                "or see http.listen"
            ) from error
        if response.status < 400:
            return response.status, answer
        try:
            problem = msgspec.json.decode(answer, type=Problem)
        except NOT_JSON:
            raise self._stranger() from None
        if response.status == 401:
            raise DaemonError(
                f"the daemon at {self._url} has another http.token than {self._file}: use the file it runs with"
            )
        kind = NotFoundError if response.status == 404 else DaemonError
        raise kind(f"{problem.error}; {problem.mend}")

    def _at(self, path: str, query: Mapping[str, str]) -> URL:
        # Encoded already: an id may contain any character, also those with a meaning in a path.
        return URL(f"{self._url}{path}", encoded=True).with_query(query)

    def _stranger(self) -> DaemonError:
        return DaemonError(f"the server at {self._url} is not a callcentre daemon of this version; see http.listen")


def read(answer: tuple[int, bytes], kind: type[T]) -> T:
    """The body of an answer. Raises `DaemonError`."""
    try:
        return msgspec.json.decode(answer[1], type=kind)
    except NOT_JSON:
        raise DaemonError("the daemon's answer is not of this version; stop it and start it again") from None


def _url(listen: Listen) -> str:
    """The URL by which this machine reaches a daemon that listens there."""
    try:
        host = _ANY_ADDRESS.get(str(ipaddress.ip_address(listen.host)), listen.host)
    except ValueError:
        host = listen.host
    return f"http://{Listen(host, listen.port)}"
