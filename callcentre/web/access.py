"""Who may come in: those who know the token."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qsl

from aiohttp import web


def admit(request: web.Request, token: str) -> None:
    """Let a request pass that carries `token`, as `token=` in its query or as `Authorization: Bearer`.

    Every token in it must be the right one, and an empty setting admits nobody. Raises HTTPForbidden. Compared in
    constant time; nothing else of the request is looked at.
    """
    # Read leniently: whether the rest of the query makes sense is nobody's business before this.
    pairs = parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True, errors="replace")
    offered = [value for name, value in pairs if name == "token"]
    for header in request.headers.getall("Authorization", []):
        scheme, _, credentials = header.partition(" ")
        if scheme.casefold() == "bearer":
            offered.append(credentials.strip())
    right = [hmac.compare_digest(_octets(value), _octets(token)) for value in offered]
    if not (token and right and all(right)):
        raise web.HTTPForbidden(text="wrong or missing token\n")


def _octets(value: str) -> bytes:
    # A header may hold octets that are no UTF-8; aiohttp carries them as surrogates.
    return value.encode("utf-8", "surrogateescape")
