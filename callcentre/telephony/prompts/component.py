"""Prompts and keys as a component: a feature sends a question for a caller, and gets the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, on
from callcentre.telephony.events import ChannelDestroyed, KeyPressed, PlaybackFinished, StasisEnded, Synchronised
from callcentre.telephony.prompts.model import AnswerAwaited, AskCaller, CallLost, PromptLengths, Talks
from callcentre.telephony.prompts.rules import Conversation


def _build(building: Building) -> Iterable[Any]:
    talks = Talks()
    rules = Conversation(talks, building.need(PromptLengths).seconds)
    yield talks.by_call
    yield on(AskCaller, rules.asked)
    yield on(PlaybackFinished, rules.said)
    yield on(KeyPressed, rules.key)
    yield on(AnswerAwaited, rules.due)
    yield on(StasisEnded, rules.left)
    yield on(ChannelDestroyed, rules.left)
    yield on(Synchronised, rules.synchronised)
    yield on(CallLost, rules.lost)


COMPONENT = Component(name="prompts", build=_build)
