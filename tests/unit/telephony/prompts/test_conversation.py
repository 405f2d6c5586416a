"""Prompts, keys and silence, whatever they are about."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from callcentre.kernel.decision import CancelTimer, Decision, Delete, Put, SetTimer
from callcentre.telephony.effects import HoldLonger, Play, StopPlayback
from callcentre.telephony.events import (
    Channel,
    ChannelDestroyed,
    KeyPressed,
    PlaybackFinished,
    StasisEnded,
    Synchronised,
)
from callcentre.telephony.prompts.model import (
    AnswerAwaited,
    AskCaller,
    CallerAnswered,
    CallerGone,
    CallLost,
    Question,
    Talk,
    Talks,
)
from callcentre.telephony.prompts.rules import LONGEST_PROMPTS, MOST_DIGITS, Conversation, in_pieces, length
from callcentre.telephony.sounds import lengths
from tests.unit.rehearsal import NOON

PAGE = (Path(__file__).parents[4] / "docs" / "concepts" / "crash-behaviour.md").read_text(encoding="utf-8")
CALL = "1.1"
ASK = AskCaller(
    at=NOON, call=CALL, topic="topic", step="step", language="sv",
    question=Question(prompts=("long",), wait=5.0),
)  # fmt: skip


class Line:
    """A conversation with one caller; its decisions are put at once."""

    def __init__(self) -> None:
        self.rules = Conversation(Talks(), {"sv": {"one": 4.0, "two": 6.0, "long": 10.0}})
        self.at = NOON
        self.timer: datetime | None = None
        self.reported: list[Any] = []

    def asks(self, **question: Any) -> Decision:
        ask = structs.replace(ASK, at=self.at, question=replace(ASK.question, **question))
        return self._put(self.rules.asked(ask, self.at))

    def key(self, key: str) -> Decision:
        return self._put(self.rules.key(KeyPressed(at=self.at, call=CALL, key=key), self.at))

    def said(self, playback: str) -> Decision:
        return self._put(self.rules.said(PlaybackFinished(at=self.at, playback=playback), self.at))

    def later(self, seconds: float) -> None:
        end = self.at + timedelta(seconds=seconds)
        if self.timer is not None and self.timer <= end:
            self.at, self.timer = self.timer, None
            self._put(self.rules.due(AnswerAwaited(call=CALL), self.at))
        self.at = end

    def _put(self, decision: Decision) -> Decision:
        for change in decision.changes:
            match change:
                case Put(Talk() as record):
                    self.rules.talks.by_call.put(record)
                case Delete(Talk() as record):
                    self.rules.talks.by_call.delete(record)
        for timer in decision.timers:
            match timer:
                case SetTimer(_, due):
                    self.timer = due
                case CancelTimer():
                    self.timer = None
        for command in decision.commands:
            if isinstance(command, CallLost):
                self._put(self.rules.lost(command, self.at))
            else:
                self.reported.append(command)
        return decision

    @property
    def answers(self) -> list[str | None]:
        return [reported.answer for reported in self.reported if isinstance(reported, CallerAnswered)]


@pytest.fixture
def line() -> Line:
    return Line()


def play_of(decision: Decision) -> Play:
    (play,) = [effect for effect in decision.effects if isinstance(effect, Play)]
    return play


def test_prompts_are_played_in_the_language_of_the_caller_who_is_held_meanwhile(line: Line) -> None:
    decision = line.asks()
    hold, play = decision.effects
    # Ten seconds of prompts, a fifth longer where they are an administrator's own, three of grace.
    assert hold == HoldLonger(call=CALL, seconds=15)
    assert isinstance(play, Play)
    assert (play.call, play.prompts, play.language) == (CALL, ("long",), "sv")
    # Five for a key, and again three of grace.
    assert line.said(play.playback).effects == (HoldLonger(call=CALL, seconds=8),)


def test_what_is_long_is_said_in_pieces_and_the_caller_is_held_for_one_at_a_time(line: Line) -> None:
    decision = line.asks(prompts=("one", "two", "long"))
    for prompts, seconds in ((("one", "two"), 15), (("long",), 15)):
        hold, play = decision.effects
        assert isinstance(play, Play)
        assert (hold, play.prompts) == (HoldLonger(call=CALL, seconds=seconds), prompts)
        line.later(10)
        decision = line.said(play.playback)
        assert line.said(play.playback) == Decision()
    line.later(4.9)
    assert line.answers == []
    line.later(0.2)
    assert line.answers == [None]


@pytest.mark.parametrize("pieces_before", [0, 1, 2])
@pytest.mark.parametrize("digits", [False, True])
def test_a_key_in_any_piece_stops_it_and_no_other_follows(line: Line, pieces_before: int, digits: bool) -> None:
    play = play_of(line.asks(prompts=("two", "two", "two"), digits=digits))
    for _ in range(pieces_before):
        before, play = play, play_of(line.said(play.playback))
        assert line.said(before.playback) == Decision(), "its end is heard once more, at the same moment"
    assert line.key("1").effects[0] == StopPlayback(call=CALL, playback=play.playback)
    assert line.said(play.playback) == Decision()
    line.later(6)
    assert line.answers == ["1"]


def test_a_new_question_drops_the_pieces_that_were_not_said_yet(line: Line) -> None:
    first = play_of(line.asks(prompts=("two", "two")))
    line.at += timedelta(seconds=1)
    play_of(line.asks(prompts=("one",)))
    assert line.said(first.playback) == Decision()


@pytest.mark.parametrize(
    ("prompts", "pieces"),
    [
        ("a", ["a"]),
        ("ab", ["a", "b"]),
        ("aab", ["aa", "b"]),
        ("aaaab", ["aaa", "a", "b"]),
        ("baaa", ["b", "aaa"]),
        ("aaa", ["a", "a", "a"]),
        ("x", ["x"]),
        ("xyz", ["xyz"]),
        ("ax", ["a", "x"]),
        ("", [""]),
    ],
)
def test_no_piece_is_longer_than_the_longest_prompt_of_what_is_said(prompts: str, pieces: list[str]) -> None:
    seconds = {"a": 2.0, "b": 6.0}
    assert list(in_pieces(prompts, seconds)) == [tuple(piece) for piece in pieces]


def test_no_prompt_of_ours_holds_a_caller_longer_than_the_page_says() -> None:
    said = re.search(r"at most (\d+) s after it began with the shipped prompts", PAGE)
    held: list[int] = []
    for language, prompts in lengths().items():
        rules = Conversation(Talks(), {language: prompts})
        for prompt in prompts:
            ask = structs.replace(ASK, language=language, question=Question(prompts=(prompt,)))
            held += [effect.seconds for effect in rules.asked(ask, NOON).effects if isinstance(effect, HoldLonger)]
    assert said is not None
    assert max(held) == int(said[1])


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=30))
def test_the_pieces_are_what_is_said_in_its_order(prompts: list[str]) -> None:
    seconds = {"a": 0.7, "b": 1.5, "c": 7.0, "d": 17.6}
    pieces = list(in_pieces(prompts, seconds))
    assert [prompt for piece in pieces for prompt in piece] == prompts
    assert all(0 < length(piece, seconds) <= max(seconds[prompt] for prompt in prompts) for piece in pieces)


def test_a_key_counts_while_the_prompt_plays_and_stops_it(line: Line) -> None:
    play = play_of(line.asks())
    decision = line.key("1")
    assert decision.effects == (StopPlayback(call=CALL, playback=play.playback),)
    (reported,) = line.reported
    assert (reported.call, reported.topic, reported.step, line.answers) == (CALL, "topic", "step", ["1"])


def test_a_key_after_the_prompt_stops_nothing(line: Line) -> None:
    line.said(play_of(line.asks()).playback)
    line.later(4)
    assert line.key("2").effects == ()
    assert line.answers == ["2"]


def test_the_time_for_a_key_begins_when_the_prompts_are_over(line: Line) -> None:
    play = play_of(line.asks())
    line.later(50)
    assert line.answers == []
    line.said(play.playback)
    line.later(4.9)
    assert line.answers == []
    line.later(0.2)
    assert line.answers == [None]


def test_a_playback_of_which_nothing_is_heard_is_over_at_last(line: Line) -> None:
    line.asks()
    line.later(LONGEST_PROMPTS.total_seconds())
    assert line.answers == [None]


def test_where_nothing_is_awaited_keys_do_nothing_and_the_end_of_the_prompts_answers(line: Line) -> None:
    play = play_of(line.asks(wait=0))
    line.key("1")
    assert line.answers == []
    line.said(play.playback)
    assert line.answers == [None]


def test_what_is_answered_is_answered_once(line: Line) -> None:
    play = play_of(line.asks())
    line.key("1")
    line.key("2")
    line.said(play.playback)
    line.later(1000)
    assert line.answers == ["1"]
    assert not line.rules.talks.by_call
    assert not len(line.rules.talks.by_call)


def test_a_new_question_breaks_off_the_one_before_and_its_end_is_not_taken_for_the_new_ones(line: Line) -> None:
    first = play_of(line.asks())
    line.at += timedelta(seconds=1)
    decision = line.asks(wait=0)
    assert decision.effects[0] == StopPlayback(call=CALL, playback=first.playback)
    line.said(first.playback)
    assert line.answers == []
    line.said(play_of(decision).playback)
    assert line.answers == [None]


# --- numbers ---------------------------------------------------------------------------------------


def test_digits_are_collected_until_the_hash(line: Line) -> None:
    line.asks(digits=True)
    for key in "0401#":
        line.key(key)
    assert line.answers == ["0401"]


def test_the_first_digit_stops_the_prompt_and_every_digit_gives_new_time(line: Line) -> None:
    play = play_of(line.asks(digits=True))
    hold = HoldLonger(call=CALL, seconds=8)
    assert line.key("0").effects == (StopPlayback(call=CALL, playback=play.playback), hold)
    line.said(play.playback)
    line.later(4)
    assert line.key("4").effects == (hold,)
    line.later(4)
    assert line.answers == []
    line.later(2)
    assert line.answers == ["04"]


def test_no_digits_at_all_are_no_answer(line: Line) -> None:
    line.said(play_of(line.asks(digits=True)).playback)
    line.later(6)
    assert line.answers == [None]


def test_no_more_digits_are_taken_than_a_number_has(line: Line) -> None:
    line.asks(digits=True)
    for _ in range(MOST_DIGITS + 5):
        line.key("1")
    assert line.answers == ["1" * MOST_DIGITS]


# --- out of our hands ------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["stasis", "destroyed"])
def test_a_call_that_leaves_our_hands_is_gone_once(line: Line, way: str) -> None:
    line.asks()
    events = (
        StasisEnded(at=line.at, call=CALL),
        ChannelDestroyed(at=line.at, call=CALL, cause=16, when=line.at),
    )
    for event in events if way == "stasis" else events[1:]:
        line._put(line.rules.left(event, line.at))
    line.later(1000)
    (reported,) = line.reported
    assert isinstance(reported, CallerGone)
    assert (reported.call, reported.topic, reported.step) == (CALL, "topic", "step")
    assert not line.rules.talks.by_call


def test_a_prompt_that_is_not_ours_is_given_ten_seconds(line: Line) -> None:
    hold = line.asks(prompts=("unheard-of",), wait=0).effects[0]
    assert hold == HoldLonger(call=CALL, seconds=12 + 3)


def test_the_timer_of_a_call_that_is_gone_changes_nothing(line: Line) -> None:
    assert line.rules.due(AnswerAwaited(call="9.9"), line.at) == Decision()


def test_a_caller_who_is_not_on_the_line_after_we_were_away_is_gone(line: Line) -> None:
    line.asks()
    for channels in ((Channel(id=CALL, name="PJSIP/x"),), ()):
        assert line.reported == []
        now = Synchronised(at=line.at, asked=line.at, channels=channels, readings=(), variables={}, talking={})
        line._put(line.rules.synchronised(now, line.at))
    assert [type(reported) for reported in line.reported] == [CallerGone]
    assert not line.rules.talks.by_call
