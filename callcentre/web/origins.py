"""Where a request comes from: over TLS or not, and from a page of ours or of another site."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from callcentre.web.access import GATE
from callcentre.web.peers import is_trusted

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, section 9.2.1)."""

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
_TOKEN: Final = 16
"""Octets."""


def is_https(request: web.Request) -> bool:
    """Whether the browser speaks TLS, with us or with a trusted proxy that says so in X-Forwarded-Proto."""
    if request.transport is not None and request.transport.get_extra_info("sslcontext") is not None:
        return True
    proxied = is_trusted(request.remote or "", request.app[GATE].proxies())
    return proxied and request.headers.get("X-Forwarded-Proto", "").strip().casefold() == "https"


def cookie_name(request: web.Request) -> str:
    """The name of the session's cookie. `__Host-` makes browsers insist on TLS, this host and the path / (RFC 6265bis).

    A browser takes such a cookie over TLS only.
    """
    return "__Host-callcentre" if is_https(request) else "callcentre"


def is_ours(request: web.Request, public_url: str | None) -> bool:
    """Whether a request that changes something comes from a page of ours, or from a client that is no browser.

    A browser says where a request comes from: by Sec-Fetch-Site (Fetch Metadata), and by Origin with every POST
    (RFC 6454). `public_url` is the address that browsers use, for a proxy that changes the Host.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    host = urlsplit(origin).netloc.casefold()
    known = {request.headers.get("Host", "").casefold()}
    if public_url is not None:
        known.add(urlsplit(public_url).netloc.casefold())
    return bool(host) and host in known


def csrf_token(secret: str) -> str:
    """A token for the forms of a session, another each time: a compressed page does not give it away (BREACH)."""
    pad = secrets.token_bytes(_TOKEN)
    return base64.urlsafe_b64encode(pad + _masked(_expected(secret), pad)).decode().rstrip("=")


def is_csrf_token(token: str, secret: str) -> bool:
    """Whether a form or a header brought a token of this session."""
    try:
        octets = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        return False
    pad, masked = octets[:_TOKEN], octets[_TOKEN:]
    return bool(secret) and len(masked) == _TOKEN and hmac.compare_digest(_masked(masked, pad), _expected(secret))


def _expected(secret: str) -> bytes:
    return hashlib.sha256(b"csrf " + secret.encode()).digest()[:_TOKEN]


def _masked(octets: bytes, pad: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(octets, pad, strict=True))


def local_path(wanted: str | None, otherwise: str = "/") -> str:
    """A path of ours to go to next; anything that a browser may take for another site is replaced.

    Browsers take `//host` and `/\\host` for other sites, and drop control characters before they look.
    """
    if wanted is None or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return otherwise
    if any(character < " " or character == "\x7f" or character == "\\" for character in wanted):
        return otherwise
    return wanted
