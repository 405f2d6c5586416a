"""Speaking with a person whose call we hold: prompts, keys, and what the person answered.

A feature sends `AskCaller` and hears `CallerAnswered` or `CallerGone`, each with the feature's own names for topic and
step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callcentre.kernel.collection import Collection
from callcentre.kernel.command import Command, Signal
from callcentre.kernel.timer import Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Prompts said one after the other, and then `wait` seconds for a key. Keys count while we speak, too.

    `wait` 0: no key is awaited. `digits`: a number is keyed in, ended by # or by `wait` seconds without a key.
    """

    prompts: tuple[str, ...]
    wait: float = 5.0
    digits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCaller(Command):
    """Say this to the caller and report the answer; what was being said before is broken off."""

    call: str
    topic: str
    step: str
    language: str
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerAnswered(Signal):
    """The caller pressed a key, or keyed in digits; None when nothing came."""

    call: str
    topic: str
    step: str
    answer: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerGone(Signal):
    """The call left our hands while we spoke: hung up, or let go by its time limit."""

    call: str
    topic: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLost(Command):
    """A call that we spoke with was not there any more after a break in the connection."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What is being said to a call now, and the `rest` of it in pieces: each is a playback of its own.

    `said`: all of it is over. It is in memory only: after a restart the feature begins anew.
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
    """Every call that we speak with."""

    def __init__(self) -> None:
        self.by_call = Collection(Talk)
        self._playbacks = self.by_call.index(lambda talk: talk.playback)

    def of_playback(self, playback: str) -> Talk | None:
        """The talk that a playback belongs to, unless it has gone on since."""
        return self._playbacks.get(playback)


class AnswerAwaited(Timer, frozen=True, tag="answer_awaited"):
    """A caller has not answered in time, or nothing was heard of a playback."""

    call: str


def place_prompt(place: int) -> str:
    """The prompt that says a place."""
    return f"numbers/{place}" if place <= 60 else "numbers/more-than-60"


@dataclass(frozen=True, slots=True)
class PromptLengths:
    """The length in seconds of each of our prompts, by language and name."""

    seconds: Mapping[str, Mapping[str, float]]
