"""The fields of a form that a browser posts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

FORM: Final = "application/x-www-form-urlencoded"
LONGEST: Final = 64 * 1024
"""Octets of a form, unless its route allows more."""
_MOST_FIELDS: Final = 200


class Form(Mapping[str, str]):
    """The fields of a form by name: the last value of each, without blanks around it."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._last = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._last[name].strip()

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def as_sent(self, name: str) -> str:
        """A value with its blanks, "" when there is none: a password, or a whole file. Lines end in one character."""
        return self._last.get(name, "").replace("\r\n", "\n")

    def every(self, name: str) -> tuple[str, ...]:
        """All values of a field, such as those of boxes that are ticked."""
        return tuple(value.strip() for field, value in self._pairs if field == name)


async def form_of(request: web.Request, longest: int = LONGEST) -> Form:
    """Read a form. Raises HTTPUnsupportedMediaType, HTTPRequestEntityTooLarge and HTTPBadRequest."""
    if request.content_type != FORM or request.headers.get("Content-Encoding", "identity") != "identity":
        if request.content_length in (None, 0) and not request.can_read_body:
            return Form([])
        raise web.HTTPUnsupportedMediaType(text="not a form\n")
    if request.content_length is not None and request.content_length > longest:
        raise web.HTTPRequestEntityTooLarge(longest, text="form too long\n")
    try:
        body = await request.clone(client_max_size=max(longest, LONGEST)).read()
        text = body.decode("ascii")
        if len(text) <= LONGEST:
            pairs = _pairs(text)
        else:
            # A whole file: the event loop does not wait for it.
            pairs = await asyncio.to_thread(_pairs, text)
    except (HttpProcessingError, web.RequestPayloadError, ValueError):
        raise web.HTTPBadRequest(text="broken form\n") from None
    if len(body) > longest:
        raise web.HTTPRequestEntityTooLarge(longest, text="form too long\n")
    # A character zero is typed by nobody, and PostgreSQL takes none.
    return Form([(name, value.replace("\0", "")) for name, value in pairs])


def _pairs(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=_MOST_FIELDS)
