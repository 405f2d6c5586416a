"""What the demonstration claims to have heard rests on these."""

from __future__ import annotations

import array
import math
import wave
from pathlib import Path

import pytest

from callcentre.telephony.sounds import share, texts
from scripts.demonstration.hearing import (
    ALIKE,
    MELODY,
    MUSIC,
    OTHER,
    RATE,
    SILENCE,
    WINDOW,
    Ear,
    Prompt,
    heard_in,
    loudness,
    spans,
    write_melody,
)
from scripts.demonstration.stage import beginning

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
def test_a_voice_is_recognised_by_its_pitch_and_nothing_else_is_taken_for_one(
    samples: list[int], expected: str
) -> None:
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


PROMPTS = ("offer-wait-unknown", "offer-callback", "callback-confirmed", "call-intro")
"""What the scenes know again."""


def spoken(name: str) -> list[int]:
    with wave.open(str(share() / "fi" / f"{name}.wav"), "rb") as sound:
        return array.array("h", sound.readframes(sound.getnframes())).tolist()


def over_the_phone(samples: list[int]) -> list[int]:
    """Quieter, coarser, heard a tenth of a second late, between other things."""
    coarse = [round(sample * 0.6 / 64) * 64 for sample in samples]
    return [*tone(390, samples=1234), *coarse[800:], *([0] * 5000)]


@pytest.mark.parametrize("played", PROMPTS)
def test_a_prompt_is_known_again_over_the_phone_and_none_that_begins_otherwise(played: str) -> None:
    heard = loudness(over_the_phone(spoken(played)))
    begins = {name: text[:40] for name, text in texts("fi").items() if "/" not in name and len(text) >= 40}
    known = {name for name in begins if Prompt(spoken(name)).likeness(heard) > ALIKE}
    assert known == {name for name, words in begins.items() if words == begins[played]}


@pytest.mark.parametrize("played", PROMPTS)
@pytest.mark.parametrize("place", range(20, 140, 24))
def test_a_prompt_is_known_again_though_packets_were_lost_or_late(played: str, place: int) -> None:
    frames = loudness([*([0] * 80), *spoken(played)])
    prompt = Prompt(spoken(played))
    assert prompt.likeness([*frames[:place], *frames[place + 2 :]]) > ALIKE
    assert prompt.likeness([*frames[:place], 0.0, 0.0, *frames[place:]]) > ALIKE


def test_too_short_a_prompt_is_refused_as_anything_would_be_like_it() -> None:
    with pytest.raises(ValueError, match="too short"):
        Prompt(spoken("goodbye"))


def test_neither_music_nor_silence_is_taken_for_a_prompt() -> None:
    music = [sample for pitch in MELODY * 3 for sample in tone(pitch, samples=2000)]
    for name in PROMPTS:
        assert Prompt(spoken(name)).likeness(loudness(music)) < ALIKE
        assert Prompt(spoken(name)).likeness(loudness([0] * 80_000)) == 0


def test_a_prompt_is_known_as_soon_as_its_beginning_was_heard_and_not_a_second_time(tmp_path: Path) -> None:
    prompt, file = Prompt(spoken("call-intro")), tmp_path / "call.sln48"
    samples = over_the_phone(spoken("call-intro"))
    sound = array.array("h", [sample for sample in samples for _ in range(6)]).tobytes()
    ear = Ear(file, VOICES)
    file.write_bytes(sound[:80_000])
    ear.listen()
    assert not ear.knows(prompt)
    file.write_bytes(sound)
    ear.listen()
    assert ear.knows(prompt)
    assert not ear.knows(prompt)


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("Kuulemiin.", "Kuulemiin."),
        ("Kiitos. Soitamme sinulle takaisin. Voit nyt lopettaa puhelun.", "Kiitos. Soitamme sinulle takaisin. …"),
        ("yksi " * 20, "yksi " * 11 + "yksi …"),
    ],
)  # fmt: skip
def test_of_a_long_prompt_only_the_words_that_were_heard_are_reported(text: str, reported: str) -> None:
    assert beginning(text) == reported
