"""What the demonstration claims to have heard rests on these."""

from __future__ import annotations

import array
import math
import wave
from pathlib import Path

import pytest

from scripts.demonstration.hearing import (
    MELODY,
    MUSIC,
    OTHER,
    RATE,
    SILENCE,
    WINDOW,
    Ear,
    heard_in,
    spans,
    write_melody,
)

VOICES = {"Anna": 700, "Bo": 900}


def tone(pitch: float, *, samples: int = WINDOW, loudness: int = 4000, rate: int = RATE) -> list[int]:
    return [round(loudness * math.sin(2 * math.pi * pitch * n / rate)) for n in range(samples)]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (tone(700), "Anna"),
        (tone(900), "Bo"),
        (tone(900, loudness=300), "Bo"),
        *((tone(pitch), MUSIC) for pitch in set(MELODY)),
        (tone(MELODY[0], samples=300) + tone(MELODY[1], samples=500), MUSIC),
        ([0] * WINDOW, SILENCE),
        ([8, -8] * (WINDOW // 2), SILENCE),
        (tone(1400), OTHER),
        ([a + b + c for a, b, c in zip(tone(1400), tone(2000), tone(700), strict=True)], OTHER),
    ],
)
def test_a_voice_is_told_by_its_pitch_and_anything_else_is_not_taken_for_one(samples: list[int], expected: str) -> None:
    assert heard_in(samples, VOICES) == expected


def test_what_passes_quickly_is_left_out_and_what_it_interrupted_is_one() -> None:
    windows = [MUSIC] * 20 + [OTHER] * 2 + [MUSIC] * 10 + [SILENCE] * 3 + ["Anna"] * 12
    assert spans(windows) == [(MUSIC, 3.0), (SILENCE, 0.3), ("Anna", 1.2)]


def test_a_recording_is_heard_while_it_grows(tmp_path: Path) -> None:
    file = tmp_path / "call.sln48"
    ear = Ear(file, VOICES)
    assert ear.listen() == []
    sound = array.array("h", tone(490, samples=48_000, rate=48_000) + tone(700, samples=48_000, rate=48_000)).tobytes()
    # A file in growth may end anywhere, in the middle of a sample as well.
    with file.open("wb") as growing:
        growing.write(sound[:50_001])
        growing.flush()
        assert ear.listen() == [(MUSIC, 0.5)]
        growing.write(sound[50_001:])
    assert ear.listen() == [(MUSIC, 1.0), ("Anna", 1.0)]


def test_the_melody_of_the_pbx_is_music_from_beginning_to_end(tmp_path: Path) -> None:
    write_melody(tmp_path / "melody.wav")
    with wave.open(str(tmp_path / "melody.wav"), "rb") as sound:
        samples = array.array("h", sound.readframes(sound.getnframes())).tolist()
    windows = [samples[n : n + WINDOW] for n in range(0, len(samples), WINDOW)]
    assert {heard_in(window, VOICES) for window in windows} == {MUSIC}
