"""Surveys: people who are asked after an answered call how it went, and their answers.

Outside, a survey is known by its token. The token is derived from the call and our secret key, so a rule can make it
without randomness and nobody can guess it. Only a name derived from the token is stored and written into facts. The end
of a survey is a fact; the survey itself is then deleted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Final, Literal

import msgspec

from callcentre.kernel.collection import Collection
from callcentre.kernel.database import MAIN
from callcentre.kernel.decision import Record
from callcentre.kernel.records import Records
from callcentre.messaging.inbound import ReceivedText
from callcentre.values.lines import is_name

Metric = Literal["csat", "nps", "ces", "none"]
SCALES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType({"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)})
"""The lowest and the highest value of each metric: CSAT 1-5, NPS 0-10, CES 1-7."""

LONGEST_ANSWER: Final = 1000
"""Characters of an answer that are stored."""
LONGEST_QUESTION: Final = 60
"""Characters of a question's name."""
MOST_ANSWERS: Final = 20
"""Answers that an outside survey may send."""

SATISFACTION: Final = "satisfaction"
COMMENT: Final = "comment"

_TOKEN_OCTETS: Final = 16


class _State(msgspec.Struct, frozen=True, kw_only=True, tag_field="state"):
    """Base of the states. A state holds what is known in that state only."""


class Due(_State, frozen=True, kw_only=True, tag="due"):
    """The question is sent when its time comes."""


class _Open(_State, frozen=True, kw_only=True):
    """Base of the states in which an answer counts.

    `question` is the id of the present question, None for a link. `sender` is our number that its answer goes to.
    `invalid_told`: the person got the text that says that an answer to it was invalid. `heard` is a digest of the
    latest answer.
    """

    question: str | None = None
    sender: str | None = None
    invalid_told: bool = False
    heard: str | None = None


class Ordered(_Open, frozen=True, kw_only=True, tag="asking"):
    """The text with the question or the link is ordered since `asked_at`. It is not known yet whether it went out."""

    asked_at: datetime

    def went_out(self, at: datetime) -> Asked:
        """The state once the text went out."""
        return Asked(
            question=self.question, sender=self.sender, invalid_told=self.invalid_told, heard=self.heard, asked_at=at
        )


class Asked(_Open, frozen=True, kw_only=True, tag="asked"):
    """The gateway has the text since `asked_at`, and an answer may come."""

    asked_at: datetime


class Answered(_State, frozen=True, kw_only=True, tag="answered"):
    """The survey was completed at `asked_at`. `question` is the last one, None for a link; `heard` as in `Asked`.

    It is kept for a while: an answer may come twice, and a page may be opened again.
    """

    question: str | None = None
    heard: str | None = None
    asked_at: datetime


State = Due | Ordered | Asked | Answered

_DUE: Final = Due()


class Survey(Record, frozen=True, kw_only=True):
    """A survey that has not ended, or that was answered recently: whose it is, and how far it has come (`state`).

    `number` is E.164, and empty once the survey is answered; `caller` is its keyed hash. `wait` and `talk` are the
    call's, in seconds. `place` counts the questions asked so far.
    """

    flat: ClassVar[frozenset[str]] = frozenset({"state"})

    survey: str
    service: str
    queue: str
    call: str
    agent: str | None
    agent_name: str | None
    number: str
    caller: str
    caller_name: str
    wait: float
    talk: float
    ended_at: datetime
    state: State = _DUE
    place: int = 0

    @property
    def key(self) -> str:
        return self.survey

    @property
    def is_open(self) -> bool:
        """Whether an answer counts."""
        return isinstance(self.state, Ordered | Asked)

    @property
    def question(self) -> str | None:
        """The id of the present question, or of the last one; None for a link, and before the first."""
        return None if isinstance(self.state, Due) else self.state.question

    @property
    def message(self) -> str:
        """The id of the text with the present question."""
        return f"survey-{self.survey}-{self.place}"


class LastAsked(Record, frozen=True, kw_only=True):
    """When a person was last asked, by keyed hash, and by which survey. It is kept longer than the number."""

    of_program: ClassVar[bool] = True
    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})
    """It may lie in the future, where the clock was set back since."""

    caller: str
    at: datetime
    survey: str | None = None

    @property
    def key(self) -> str:
        return self.caller


class SurveyAnswer(Record, frozen=True, kw_only=True):
    """One answer, for statistics and exports: `answer` is the person's words, `value` what they count as."""

    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})
    """For people who read it. Nothing is computed from it."""

    survey: str
    question: str
    at: datetime
    service: str
    queue: str
    call: str
    agent: str | None
    agent_name: str | None
    caller: str
    wait: float
    talk: float
    answer: str | None
    value: int | None
    metric: str
    by: str

    @property
    def key(self) -> str:
        return f"{self.survey} {self.question}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """One answer as the page or an outside survey sends it."""

    question: str
    answer: str | None = None
    value: int | None = None
    metric: Metric = "none"


# --- tokens --------------------------------------------------------------------------------------


def token_of(key: bytes, call: str, node: str = MAIN) -> str:
    """The token of a call's survey: 128 bits of HMAC-SHA256 in 26 small letters and digits.

    The answers of all daemons are in one table, and two Asterisk servers may give two calls the same id: the token is
    that of the daemon, too. A link may end with it. A phone takes a hyphen or an underscore at the end of a link for
    punctuation.
    """
    of_daemon = call if node == MAIN else f"{node} {call}"
    digest = hmac.new(key, b"survey token " + of_daemon.encode(), "sha256").digest()[:_TOKEN_OCTETS]
    return base64.b32encode(digest).decode().rstrip("=").lower()


def name_of(token: str) -> str:
    """The name, stored and written into facts, of the survey that a token opens. It does not lead back to the token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def sampled(key: bytes, call: str, share: float) -> bool:
    """Whether a call belongs to the share of calls that are asked about. The answer is always the same for a call."""
    digest = hmac.new(key, b"survey sample " + call.encode(), "sha256").digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


# --- answers from a page or an outside survey ----------------------------------------------------


def mistakes_in(answers: Sequence[GivenAnswer]) -> list[str]:
    """All mistakes in the answers of a page or an outside survey, each with its place."""
    mistakes: list[str] = []
    if not 1 <= len(answers) <= MOST_ANSWERS:
        mistakes.append(f"answers: holds {len(answers)}; send 1 to {MOST_ANSWERS}")
    seen: set[str] = set()
    for place, given in enumerate(answers[:MOST_ANSWERS]):
        mistakes.extend(f"answers[{place}].{mistake}" for mistake in _mistakes(given, seen))
        seen.add(given.question)
    return mistakes


def _mistakes(given: GivenAnswer, earlier: Container[str]) -> Iterator[str]:
    if not is_name(given.question) or len(given.question) > LONGEST_QUESTION:
        yield f"question: is not a name; send 1 to {LONGEST_QUESTION} printable characters"
    elif given.question in earlier:
        yield "question: is answered already by an earlier one; send each question once"
    if given.answer is None and given.value is None and given.metric == "none":
        yield "value: is missing, and so is answer; send at least one of them"
    if given.answer is not None and len(given.answer) > LONGEST_ANSWER:
        yield f"answer: is {len(given.answer)} characters long; send at most {LONGEST_ANSWER}"
    if given.metric in SCALES:
        low, high = SCALES[given.metric]
        if given.value is None:
            yield f"value: is missing; {given.metric} needs one from {low} to {high}"
        elif not low <= given.value <= high:
            yield f"value: is {given.value}; {given.metric} goes from {low} to {high}"


# --- all of them ---------------------------------------------------------------------------------


class Surveys(Collection[Survey]):
    """The surveys that are due, open or answered."""

    def __init__(self) -> None:
        super().__init__(Survey, table="surveys", key="survey")
        self._by_number = self.index(lambda survey: survey.number or None)
        self._by_caller = self.index(lambda survey: survey.caller)
        self._by_message = self.index(lambda survey: survey.message if survey.is_open else None)

    def open_for(self, number: str, recipient: str) -> Survey | None:
        """The newest survey whose question a text from `number` (E.164) to our number `recipient` answers.

        None when there is no open question. A link is not a question: it is answered elsewhere.
        """
        asked = (
            (survey.state.asked_at, survey.survey, survey)
            for survey in self._by_number.all(number)
            if isinstance(survey.state, Ordered | Asked)
            and survey.state.question is not None
            and survey.state.sender == recipient
        )
        latest = max(asked, key=lambda one: one[:2], default=None)
        return None if latest is None else latest[2]

    @staticmethod
    def asked(survey: Survey, text: ReceivedText) -> datetime | None:
        """When a survey, perhaps one of another daemon, asked what a text may answer; None where it asks nothing."""
        state = survey.state
        if not isinstance(state, Ordered | Asked) or state.question is None or state.sender != text.recipient:
            return None
        return state.asked_at

    def of_caller(self, caller: str) -> list[Survey]:
        """All surveys of a person: due, open or answered. `caller` is the keyed hash of the number."""
        return self._by_caller.all(caller)

    def number_of(self, field: str, value: str) -> str | None:
        """The number (E.164) of a person by the field of a fact; None where no survey has it."""
        if field == "survey":
            one = self.get(value)
            return None if one is None else one.number or None
        theirs = self.of_caller(value) if field == "caller" else []
        return next((survey.number for survey in theirs if survey.number), None)

    def of_message(self, message: str | None) -> Survey | None:
        """The survey whose present question is in this text."""
        return None if message is None else self._by_message.get(message)

    def of_token(self, token: str) -> Survey | None:
        """The survey whose page this token opens: one with a link that is not over."""
        survey = self.get(name_of(token))
        if survey is None or survey.question is not None or isinstance(survey.state, Due):
            return None
        return survey


def last_asked() -> Records[LastAsked]:
    """When people were last asked. They are read from the database one by one: there may be a million."""
    return Records(LastAsked, table="surveys_last_asked", key="caller", indexes=("at",))


def given_answers() -> Records[SurveyAnswer]:
    """All answers, for statistics, exports and pages. No rule reads one again."""
    return Records(SurveyAnswer, table="survey_answers", indexes=("at", "caller"), cached=0)
