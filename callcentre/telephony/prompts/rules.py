"""The course of a dialogue by prompts and keys, whatever its subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, inf

from msgspec.structs import replace

from callcentre.kernel.decision import NOTHING, CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.telephony.effects import HoldLonger, Play, StopPlayback
from callcentre.telephony.events import ChannelDestroyed, KeyPressed, PlaybackFinished, StasisEnded, Synchronised
from callcentre.telephony.prompts.model import (
    AnswerAwaited,
    AskCaller,
    CallerAnswered,
    CallerGone,
    CallLost,
    Talk,
    Talks,
)

LONGEST_PROMPTS = timedelta(seconds=60)
"""A playback without a report for this time is treated as lost."""

GRACE_SECONDS = 3
"""Seconds after the last prompt, or after the wait for a key, when Asterisk releases a call if the daemon has died.

Asterisk carries out the requests for a call one after the other, a playback to its end. So prompts are played in
pieces, with the time limit set before each of them, and once more for the wait.
"""

UNKNOWN_PROMPT = 10.0
"""The assumed length of a prompt that is not one of ours, in seconds."""

SLOWER = 1.2
"""An administrator's own recording of a prompt may be longer than ours by this factor."""

MOST_DIGITS = 20
"""No telephone number is longer (E.164 has 15 digits, plus an international prefix)."""


def in_pieces(prompts: Iterable[str], seconds: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    """The prompts in pieces, each no longer than the longest prompt; one piece where no length is known.

    `seconds` has the lengths of our prompts.
    """
    prompts = tuple(prompts)
    longest = max((seconds[prompt] for prompt in prompts if prompt in seconds), default=inf)
    piece: tuple[str, ...] = ()
    for prompt in prompts:
        if piece and length((*piece, prompt), seconds) > longest:
            yield piece
            piece = ()
        piece = (*piece, prompt)
    yield piece


def length(prompts: Iterable[str], seconds: Mapping[str, float]) -> float:
    """The length of prompts together, in seconds."""
    return sum(seconds.get(prompt, UNKNOWN_PROMPT) for prompt in prompts)


@dataclass(frozen=True, slots=True)
class Conversation:
    """The rules for dialogues with callers."""

    talks: Talks
    prompts: Mapping[str, Mapping[str, float]]

    def asked(self, command: AskCaller, at: datetime) -> Decision:
        """Begin a dialogue. It interrupts what was being played."""
        call, question = command.call, command.question
        before = self.talks.by_call.get(call)
        stop = () if before is None or before.said else (StopPlayback(call=call, playback=before.playback),)
        talk = Talk(
            call=call, topic=command.topic, step=command.step, language=command.language, question=question,
            playback="", rest=tuple(in_pieces(question.prompts, self.prompts.get(command.language, {}))),
        )  # fmt: skip
        return Decision(effects=stop) + self._next_piece(talk, at)

    def _next_piece(self, talk: Talk, at: datetime) -> Decision:
        piece, *rest = talk.rest
        seconds = length(piece, self.prompts.get(talk.language, {})) * SLOWER
        playback = f"{talk.call}-{talk.step}-{at.timestamp():.6f}-{len(rest)}"
        return Decision(
            changes=(Put(replace(talk, playback=playback, rest=tuple(rest))),),
            effects=(
                HoldLonger(call=talk.call, seconds=ceil(seconds) + GRACE_SECONDS),
                Play(call=talk.call, playback=playback, prompts=piece, language=talk.language),
            ),
            timers=(SetTimer(AnswerAwaited(call=talk.call), at + LONGEST_PROMPTS),),
        )

    def said(self, event: PlaybackFinished, at: datetime) -> Decision:
        """A piece is over, or could not be played, which counts as over: play the next, or wait for keys."""
        talk = self.talks.of_playback(event.playback)
        if talk is None or talk.said:
            return NOTHING
        if talk.rest:
            return self._next_piece(talk, at)
        if talk.question.wait == 0:
            return self._answered(talk, None, at)
        return Decision(
            changes=(Put(replace(talk, said=True)),),
            effects=(self._hold_for_a_key(talk),),
            timers=(SetTimer(AnswerAwaited(call=talk.call), at + timedelta(seconds=talk.question.wait)),),
        )

    def key(self, event: KeyPressed, at: datetime) -> Decision:
        """A key, during the prompts or after."""
        talk = self.talks.by_call.get(event.call)
        if talk is None or talk.question.wait == 0:
            return NOTHING
        if not talk.question.digits:
            return self._answered(talk, event.key, at)
        if event.key == "#" or len(talk.heard) == MOST_DIGITS:
            return self._answered(talk, talk.heard, at)
        stop = () if talk.said else (StopPlayback(call=talk.call, playback=talk.playback),)
        return Decision(
            changes=(Put(replace(talk, said=True, heard=talk.heard + event.key)),),
            effects=(*stop, self._hold_for_a_key(talk)),
            timers=(SetTimer(AnswerAwaited(call=talk.call), at + timedelta(seconds=talk.question.wait)),),
        )

    def due(self, timer: AnswerAwaited, at: datetime) -> Decision:
        """The caller did not answer in time."""
        talk = self.talks.by_call.get(timer.call)
        if talk is None:
            return NOTHING
        return self._answered(talk, talk.heard or None, at)

    def _answered(self, talk: Talk, answer: str | None, at: datetime) -> Decision:
        stop = () if talk.said else (StopPlayback(call=talk.call, playback=talk.playback),)
        answered = CallerAnswered(at=at, call=talk.call, topic=talk.topic, step=talk.step, answer=answer)
        return Decision(
            changes=(Delete(talk),),
            effects=stop,
            timers=(CancelTimer(AnswerAwaited(call=talk.call)),),
            commands=(answered,),
        )

    def left(self, event: StasisEnded | ChannelDestroyed, at: datetime) -> Decision:
        """The call has left Stasis."""
        talk = self.talks.by_call.get(event.call)
        return NOTHING if talk is None else self._gone(talk, at)

    def _gone(self, talk: Talk, at: datetime) -> Decision:
        gone = CallerGone(at=at, call=talk.call, topic=talk.topic, step=talk.step)
        return Decision(changes=(Delete(talk),), timers=(CancelTimer(AnswerAwaited(call=talk.call)),), commands=(gone,))

    def synchronised(self, event: Synchronised, at: datetime) -> Decision:
        """After a break in the connection some calls may be gone: each is handled by a command of its own."""
        present = {channel.id for channel in event.channels}
        lost = (call for call in self.talks.by_call if call not in present)
        return Decision(commands=tuple(CallLost(at=at, call=call) for call in lost))

    def lost(self, command: CallLost, at: datetime) -> Decision:
        """The caller is no longer on the line."""
        talk = self.talks.by_call.get(command.call)
        return NOTHING if talk is None else self._gone(talk, at)

    def _hold_for_a_key(self, talk: Talk) -> HoldLonger:
        return HoldLonger(call=talk.call, seconds=ceil(talk.question.wait) + GRACE_SECONDS)
