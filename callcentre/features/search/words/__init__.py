"""The words of facts: of the parts of the program that have no pages of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callcentre.features.search.words.callbacks import CALLBACKS
from callcentre.features.search.words.calls import CALLS
from callcentre.features.search.words.daemon import DAEMON
from callcentre.features.search.words.people import PEOPLE
from callcentre.features.search.words.surveys import SURVEYS
from callcentre.features.search.words.texts import TEXTS
from callcentre.web.fact_words import FactWords

WORDS: Final[Sequence[FactWords]] = (*CALLS, *CALLBACKS, *TEXTS, *SURVEYS, *PEOPLE, *DAEMON)
