"""The rules of surveys: who is asked and why not, when, and what an answer counts as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from callcentre.features.surveys.model import LONGEST_ANSWER
from callcentre.messaging.words import folded
from callcentre.values.hours import DailyWindow
from callcentre.values.sms_text import cleaned

if TYPE_CHECKING:
    from callcentre.features.surveys.settings import QuestionSettings, SurveySettings

STALE_AFTER = timedelta(days=1)
"""So long after its time a survey is not sent any more: nobody remembers the call."""

DOUBLE_WITHIN = timedelta(seconds=5)
"""The same words that come so soon after the next question was sent answer the one before: nobody reads so fast."""

_DRAWN_AROUND = str.maketrans("", "", "\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}")


def skip(
    rules: SurveySettings,
    *,
    talk: float,
    opted_out: bool,
    last_asked: datetime | None,
    open_already: bool,
    sampled: bool,
    due: datetime,
) -> str | None:
    """Say why a caller whose number may be texted is not asked at `due`; None when they are.

    `talk` is in seconds. `last_asked` is when this person was last asked in any service, `open_already` whether an
    earlier survey of theirs still waits for its text to go out or for an answer.
    """
    if talk < rules.min_talk.total_seconds():
        return "min_talk"
    if opted_out:
        return "opted_out"
    if quarantined(rules.quarantine, last_asked=last_asked, open_already=open_already, at=due):
        return "quarantine"
    return None if sampled else "sample"


def quarantined(quarantine: timedelta, *, last_asked: datetime | None, open_already: bool, at: datetime) -> bool:
    """Whether somebody was asked too short a time ago; with no quarantine nobody was."""
    if not quarantine:
        return False
    return open_already or (last_asked is not None and at - last_asked < quarantine)


def stale_at(rules: SurveySettings, ended_at: datetime) -> datetime:
    """From when on it is too late to ask about a call that ended then."""
    return min(ended_at + rules.after + STALE_AFTER, ended_at + rules.expires)


def send_at(
    between: DailyWindow | None, quiet: DailyWindow | None, at: datetime, *, zone: ZoneInfo, quiet_zone: ZoneInfo,
    before: datetime,
) -> datetime | None:  # fmt: skip
    """When a question that is ready at `at` may go out: within `between` and outside the quiet hours.

    The windows are wall-clock times of their zones. None when there is no such moment earlier than `before`.
    """
    while at < before:
        if between is not None and not between.contains(at, zone):
            at = between.next_start(at, zone)
        elif quiet is not None and quiet.contains(at, quiet_zone):
            at = quiet.next_end(at, quiet_zone)
        else:
            return at
    return None


# --- answers -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Understood:
    """An answer: what the person wrote, in one line and of bounded length, and what it counts as."""

    answer: str
    value: int | None


def understood(question: QuestionSettings, body: str) -> Understood | None:
    """What a text says to a question; None when it is no answer to it. Never raises.

    Case, width (NFKC), blanks and punctuation do not matter: "5!", " 5." and a five on a drawn key are 5. Where any
    text is an answer, it only must not be empty.
    """
    words = " ".join(cleaned(body).split())[:LONGEST_ANSWER]
    if not question.answers:
        return Understood(words, None) if words else None
    heard = comparable(body)
    for answer, value in question.answers.items():
        if comparable(answer) == heard:
            return Understood(words, value)
    return None


def comparable(text: str) -> str:
    """An answer as it is compared."""
    return folded(text.translate(_DRAWN_AROUND))


def digest(text: str) -> str:
    """What tells one answer from another without keeping its words."""
    return sha256(comparable(text).encode("utf-8", "surrogatepass")).hexdigest()[:16]
