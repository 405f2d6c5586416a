"""The languages in which callers are spoken to, and which of them a caller has chosen."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("en", "fi", "sv")
"""Those for which there are prompts."""

ASTERISK_LANGUAGE: Final = "en"
"""The language of a channel for which none is configured (`defaultlanguage` of asterisk.conf, when it is not set)."""


def spoken(language: str) -> str | None:
    """The language of ours that Asterisk's `fi`, `sv_SE` or `en-GB` means; None for any other.

    Only the first two letters count, as in the printed dialplan.
    """
    code = language[:2]
    return code if code in LANGUAGES else None


def chosen(language: str, *, began: str, named: str) -> str | None:
    """The language that was chosen for a call before it came to a queue; None when nobody chose one of ours.

    `language` is the channel's now, `began` the one with which it began ("" when that is not known), and `named` the
    value of CALLCENTRE_LANGUAGE, which comes first.
    """
    if named:
        return spoken(named)
    return None if language == (began or ASTERISK_LANGUAGE) else spoken(language)
