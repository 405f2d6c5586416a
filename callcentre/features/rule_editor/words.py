"""How pages say the facts of the configuration file."""

from __future__ import annotations

from typing import Final

from callcentre.web.fact_words import FactWords
from callcentre.web.words import message as _

WORDS: Final = (
    FactWords(event="rules.saved", says=(_("The rules were changed in the browser."),)),
    FactWords(event="rules.restored", says=(_("An earlier version of the rules was brought back."),)),
)
