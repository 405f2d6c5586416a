"""Dialogues with a person whose call is in Stasis: prompts, keys, and the answer.

A feature sends `AskCaller` and has rules for `CallerAnswered` or `CallerGone`, each with the feature's own names for
topic and step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callcentre.kernel.collection import Collection
from callcentre.kernel.command import Command, Signal
from callcentre.kernel.decision import Record
from callcentre.kernel.timer import Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Prompts played one after the other, then `wait` seconds for a key. Keys during the prompts count, too.

    `wait` 0: no key is expected. `digits`: a number is keyed in, ended by # or by `wait` seconds without a key.
    """

    prompts: tuple[str, ...]
    wait: float = 5.0
    digits: bool = False


class AskCaller(Command, frozen=True, kw_only=True):
    """Ask the caller this and report the answer. It interrupts what was being played."""

    call: str
    topic: str
    step: str
    language: str
    question: Question


class CallerAnswered(Signal, frozen=True, kw_only=True):
    """The caller pressed a key, or keyed in digits; None when nothing was pressed."""

    call: str
    topic: str
    step: str
    answer: str | None


class CallerGone(Signal, frozen=True, kw_only=True):
    """The call left Stasis during the dialogue: the caller hung up, or the time limit released the call."""

    call: str
    topic: str
    step: str


class CallLost(Command, frozen=True, kw_only=True):
    """A call with a dialogue had gone when the connection was back."""

    call: str


class Talk(Record, frozen=True, kw_only=True):
    """What is being played to a call now, and the `rest` of it in pieces, each with a playback of its own.

    `said`: all of it is over. In memory only: after a restart the feature begins again.
    """

    call: str
    topic: str
    step: str
    language: str
    question: Question
    playback: str
    rest: tuple[tuple[str, ...], ...] = ()
    said: bool = False
    heard: str = ""

    @property
    def key(self) -> str:
        return self.call


class Talks:
    """All calls with a dialogue."""

    def __init__(self) -> None:
        self.by_call = Collection(Talk)
        self._playbacks = self.by_call.index(lambda talk: talk.playback)

    def of_playback(self, playback: str) -> Talk | None:
        """The dialogue that a playback belongs to, unless it has continued since."""
        return self._playbacks.get(playback)


class AnswerAwaited(Timer, frozen=True, tag="answer_awaited"):
    """A caller has not answered in time, or a playback has not been reported as finished."""

    call: str


def place_prompt(place: int) -> str:
    """The prompt that says a place."""
    return f"numbers/{place}" if place <= 60 else "numbers/more-than-60"


@dataclass(frozen=True, slots=True)
class PromptLengths:
    """The length in seconds of each of our prompts, by language and name."""

    seconds: Mapping[str, Mapping[str, float]]
