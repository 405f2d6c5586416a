"""The worst names and texts: what callers, gateways and other systems may call themselves, and write.

A page that shows one of them must show it as text, whatever it looks like: `harm_in` finds where a page does not.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

MARK: Final = "h0st1le"
"""In every script, attribute, address and style of the fixture: a page must have none of them with it."""

NAMES: Final = (
    f"<script>{MARK}()</script>",
    f"<img src=x onerror={MARK}()>",
    f'"><svg onload="{MARK}()">',
    f"' autofocus onfocus={MARK}() x='",
    f"</title></style></textarea></script><script>{MARK}()</script>",
    f'<a href="javascript:{MARK}()">Matti</a>',
    f"<!--<script>{MARK}()</script>-->",
    f"<iframe srcdoc='<script>{MARK}()</script>'>",
    f'<form action="//{MARK}.example"><button>',
    f'<meta http-equiv="refresh" content="0;url=//{MARK}.example">',
    f"<style>@import '//{MARK}.example';</style>",
    f"<div hx-get='//{MARK}.example' hx-trigger='load' data-panel='x'>",
    "{{ 7 * 191 }}{% for x in range(9) %}{{ config }}{% endfor %}",
    "${7*191} #{7*191} %(agent)s %s %n {0} {agent.__class__}",
    "Robert'); DROP TABLE journal;--",
    "' OR '1'='1' UNION SELECT key, value FROM meta --",
    "%' OR caller LIKE '%",
    f'=HYPERLINK("http://{MARK}.example","Matti")',
    "+358401234567-1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "-2+3",
    "Matti\u202e\u2066moc.elpmaxe\u2069 Möttönen",
    "\u200f\u200eמתי\u200f",
    "Ma\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307tti" + "\u0336" * 60,
    "Матти Ma\u0442ti \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "a" * 80,
    "&lt;b&gt; &amp;amp; &#x3C;script&#x3E;",
    "../../../etc/passwd%00%2e%2e%2f",
    "C:\\\\fakepath\\\\\"quoted\" 'single' `back` \\",
    "\ufeff\u00a0 blank \u3000",
)
"""Names of one line, as they come to us: characters that cannot be printed are refused earlier."""

CONTROLS: Final = (
    "nul\x00nul",
    "first\r\nSet-Cookie: x=1\r\n\r\n<script>",
    "bell\x07 escape\x1b[31mred\x1b[0m",
    "lone\ud800surrogate",
)
"""With characters that cannot be printed. They must be refused, or shown without harm."""

LONG: Final = "W" * 5000 + " <b>" + "\u0e49" * 500
"""Longer than anything that fits."""

TEXTS: Final = (*NAMES, *CONTROLS[:3], LONG)
"""What a person may write in a text or in an answer."""

IDS: Final = (
    "..",
    "%2e%2e%2f",
    "%00",
    "%0d%0aSet-Cookie:%20x=1",
    "%27%20or%201=1--",
    "%3Cscript%3Eh0st1le()%3C/script%3E",
    "%7B%7B7*191%7D%7D",
    "x" * 300,
    "%ED%A0%80",
    "%E2%80%AE",
    "%ff",
)
"""What may be in a path in place of an id, escaped as in an address."""


class _Looking(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.harm: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self._within.append(tag)
        for name, value in attrs:
            if name.startswith("on") or MARK in name:
                self.harm.append(f"<{tag} {name}>")
            # The value of a field, and an address of ours with what was searched for, may have it as text.
            if MARK in (value or "") and name not in {"value", "title", "aria-label", "data-confirm"}:
                is_ours = (value or "").startswith("/") and not (value or "").startswith("//")
                if not (name in {"href", "action"} and is_ours):
                    self.harm.append(f"<{tag} {name}={value}>")
            if name in {"href", "src", "action"} and (value or "").strip().casefold().startswith(("javascript:", "//")):
                self.harm.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, tag: str) -> None:
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if self._within and MARK in data:
            self.harm.append(f"<{self._within[-1]}> {data.strip()[:80]}")


def harm_in(page: str) -> list[str]:
    """Where a page has something of the fixture that is more than text: elements, attributes, scripts."""
    looking = _Looking()
    looking.feed(page)
    looking.close()
    harm = looking.harm
    harm += ["a template was carried out"] if "1337" in page else []
    harm += ["a character zero"] if "\x00" in page else []
    return harm


def shows(page: str, text: str) -> bool:
    """Whether a page has a text, as text."""
    parser = _Words()
    parser.feed(page)
    parser.close()
    return " ".join(text.split()) in " ".join("".join(parser.words).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)
