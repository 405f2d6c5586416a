"""The languages of prompts, and which of them a caller has chosen."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("en", "fi", "sv")
"""The languages that have prompts."""

ASTERISK_LANGUAGE: Final = "en"
"""The language of a channel without a configured one (`defaultlanguage` of asterisk.conf, when it is not set)."""


def spoken(language: str) -> str | None:
    """Our language for Asterisk's `fi`, `sv_SE` or `en-GB`; None for any other.

    Only the first two letters count, as in the printed dialplan.
    """
    code = language[:2]
    return code if code in LANGUAGES else None


def chosen(language: str, *, began: str, named: str) -> str | None:
    """The language that a caller chose before the call came to a queue; None when none of ours was chosen.

    `language` is that of the channel now, `began` that at its beginning ("" when it is unknown). `named` is the
    value of CALLCENTRE_LANGUAGE, which has precedence.
    """
    if named:
        return spoken(named)
    return None if language == (began or ASTERISK_LANGUAGE) else spoken(language)
