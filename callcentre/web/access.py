"""Access control: clients with the token are admitted."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_plus

from aiohttp import web

from callcentre.kernel.seldom import Seldom
from callcentre.web.peers import WINDOW, Network, WrongTokens, client_of

CHALLENGE: Final = 'Bearer realm="callcentre"'
"""What a 401 must carry (RFC 9110, section 11.6.1; RFC 6750, section 3)."""


@dataclass(frozen=True, slots=True)
class Gate:
    """State that the routes of one application share: trusted proxies, and addresses that tried wrong tokens."""

    proxies: Callable[[], Sequence[Network]]
    wrong: WrongTokens = field(default_factory=WrongTokens)
    clock: Callable[[], float] = time.monotonic


GATE: Final = web.AppKey("gate", Gate)
SELDOM: Final = web.AppKey("seldom", Seldom)
"""For log lines that outsiders can cause."""


def client(request: web.Request) -> str:
    """The address of a request's client."""
    return client_of(
        request.remote or "unknown", request.headers.getall("X-Forwarded-For", []), request.app[GATE].proxies()
    )


def brings_token(request: web.Request) -> bool:
    """Whether a request has any token, right or wrong."""
    return bool(_in_query(request) or request.headers.getall("Authorization", []))


def bearer_tokens(request: web.Request) -> list[str]:
    """Every token of a request in `Authorization: Bearer` (RFC 6750, section 2.1)."""
    tokens: list[str] = []
    for header in request.headers.getall("Authorization", []):
        scheme, _, credentials = header.partition(" ")
        if scheme.casefold() == "bearer":
            tokens.append(credentials.strip())
    return tokens


def admit(request: web.Request, token: str) -> None:
    """Admit a request that has `token` as `Authorization: Bearer` or as `token=` in its query.

    Every token in the places that count must be right, and with an empty setting nobody is admitted. Tokens are
    compared in constant time, and nothing else of the request is looked at. Raises what `refuse_token` returns. The
    right token is admitted even after many wrong ones, because an address may be a proxy or router of several clients.
    """
    offered = [*_in_query(request), *bearer_tokens(request)]
    right = [hmac.compare_digest(_octets(value), _octets(token)) for value in offered]
    if not (token and right and all(right)):
        raise refuse_token(request)


def refuse_token(request: web.Request, *, by_query: bool = True) -> web.HTTPException:
    """Count a wrong or missing token: 401, and 429 for an address that tried many wrong ones."""
    gate = request.app[GATE]
    if gate.wrong.too_many(client(request), gate.clock()):
        return web.HTTPTooManyRequests(text="too many wrong tokens\n", headers={"Retry-After": str(int(WINDOW))})
    text = "wrong or missing token\n"
    if not by_query and _in_query(request) and not bearer_tokens(request):
        # Proxies and gateways log addresses, and browsers keep them in their histories.
        text = "a token in the address does not count here\n"
    return web.HTTPUnauthorized(text=text, headers={"WWW-Authenticate": CHALLENGE})


def _in_query(request: web.Request) -> list[str]:
    # Read leniently: errors in the rest of the query do not matter here.
    fields = (field.partition("=") for field in request.rel_url.raw_query_string.split("&"))
    return [
        unquote_plus(value)
        for name, _, value in fields
        if name == "token" or ("%" in name and unquote_plus(name) == "token")
    ]


def _octets(value: str) -> bytes:
    # A header may have octets that are not UTF-8; aiohttp represents them as surrogates.
    return value.encode("utf-8", "surrogateescape")
