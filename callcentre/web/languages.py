"""The language that a browser asks for."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from callcentre.values.languages import LANGUAGES

COOKIE: Final = "callcentre_language"
"""The language that somebody chose before the log-in."""

_MOST: Final = 20


def language_of(request: web.Request) -> str:
    """The chosen language, else the first of ours in Accept-Language (RFC 9110, section 12.5.4), else English."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    asked: list[tuple[float, int, str]] = []
    for place, item in enumerate(request.headers.get("Accept-Language", "").split(",")[:_MOST]):
        name, _, weight = item.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        code = name.strip()[:2].casefold()
        if code in LANGUAGES and quality > 0:
            asked.append((-quality, place, code))
    return min(asked)[2] if asked else LANGUAGES[0]
