"""Speaking with somebody whose call we hold: prompts, keys, and what they answered.

A feature asks with `AskCaller` and hears `CallerAnswered` or `CallerGone`, each with its own words for topic and step.
"""

from __future__ import annotations

from dataclasses import dataclass

from callcentre.kernel.command import Command, Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Prompts said one after the other, and then so many seconds for a key; keys count while we speak, too.

    `wait` 0: nothing is awaited. `digits`: a number is keyed in, ended by # or by `wait` seconds without a key.
    """

    prompts: tuple[str, ...]
    wait: float = 5.0
    digits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCaller(Command):
    """Say this to the caller and tell what they answer; what was being said before is broken off."""

    call: str
    topic: str
    step: str
    language: str
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerAnswered(Signal):
    """The key that was pressed, or the digits; None when nothing came."""

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
class Talk:
    """What is being said to a call now, and the `rest` of it in pieces: each is a playback of its own.

    `said`: all of it is over. Gone with us: after a restart the feature begins anew.
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
    """Everybody whom we speak with."""

    def __init__(self) -> None:
        self.by_call: dict[str, Talk] = {}
        self.by_playback: dict[str, str] = {}

    def put(self, record: Talk) -> None:
        """Take a talk in place of the one with this call."""
        before = self.by_call.get(record.call)
        if before is not None:
            self.by_playback.pop(before.playback, None)
        self.by_call[record.call] = record
        self.by_playback[record.playback] = record.call

    def delete(self, record: Talk) -> None:
        """Forget a talk."""
        before = self.by_call.pop(record.call, None)
        if before is not None:
            self.by_playback.pop(before.playback, None)


def place_prompt(place: int) -> str:
    """The prompt that says a place."""
    return f"numbers/{place}" if place <= 60 else "numbers/more-than-60"
