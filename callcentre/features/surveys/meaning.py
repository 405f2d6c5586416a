"""What an answer to a question means: pure functions of the text and of the question's settings."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from callcentre.features.surveys.model import LONGEST_ANSWER
from callcentre.messaging.words import folded
from callcentre.values.sms_text import cleaned

if TYPE_CHECKING:
    from callcentre.features.surveys.settings import QuestionSettings

_AROUND_A_DIGIT: Final = str.maketrans("", "", "\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}")


@dataclass(frozen=True, slots=True)
class Understood:
    """An answer: the person's words in one line and of bounded length, and the value that they count as."""

    answer: str
    value: int | None


def understood(question: QuestionSettings, body: str) -> Understood | None:
    """The answer that a text gives to a question; None when it does not answer it. Never raises.

    Case, width (NFKC), spaces and punctuation do not matter: "5!", " 5." and the keycap emoji 5 are all 5. Where any
    text is an answer, only an empty one is none.
    """
    words = " ".join(cleaned(body).split())[:LONGEST_ANSWER]
    if not question.answers:
        return Understood(words, None) if words else None
    answered = comparable(body)
    for answer, value in question.answers.items():
        if comparable(answer) == answered:
            return Understood(words, value)
    return None


def comparable(text: str) -> str:
    """An answer in the form in which answers are compared."""
    return folded(text.translate(_AROUND_A_DIGIT))


def digest(text: str) -> str:
    """A digest that tells one answer from another without keeping its words."""
    return sha256(comparable(text).encode("utf-8", "surrogatepass")).hexdigest()[:16]
