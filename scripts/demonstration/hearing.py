"""What a phone heard, from a recording of it: music on hold, an agent, a prompt, or silence.

Voices are tones here, so that they can be told apart: each agent has a pitch, and the music is a little melody. Prompts
are what callers of the product hear; one is known by how its loudness rises and falls.
"""

from __future__ import annotations

import array
import math
import struct
import wave
from collections.abc import Iterable, Mapping, Sequence
from itertools import count, groupby
from operator import mul
from pathlib import Path

RATE = 8000
WINDOW = 800
"""Samples that are looked at together: a tenth of a second."""

MUSIC = "music on hold"
SILENCE = "silence"
OTHER = "spoken prompts"
"""Neither music nor a voice of ours: the PBX has nothing else to play."""

MELODY = (330, 390, 490, 390, 520, 490, 390, 330)
"""Hz; a quarter of a second each."""

_QUIET = 100.0
_SURE = 0.4
_LASTING = 3

FRAME = 160
"""Samples whose loudness is one figure: 20 ms."""

ALIKE = 0.9
"""A likeness above this is the same prompt."""

_ENOUGH = 85
_PART, _SLACK = 33, 3
"""Frames of a prompt that are compared as one, and how many later or earlier they may come: a packet that is lost or
late on a busy machine shifts all that follows."""
_BEGIN, _END = 15, 150
"""The frames of a prompt that are looked for: a phone that is listened to a moment late has missed the first."""


def write_melody(file: Path) -> None:
    """The music on hold of the PBX."""
    notes = (
        struct.pack("<h", round(6000 * math.sin(2 * math.pi * pitch * sample / RATE)))
        for pitch in MELODY
        for sample in range(RATE // 4)
    )
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"".join(notes))


def share(samples: Sequence[int], pitch: int) -> float:
    """How much of the energy of `samples` a tone of `pitch` Hz has, from 0 to 1 (Goertzel's algorithm)."""
    factor = 2 * math.cos(2 * math.pi * pitch / RATE)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    power = last * last + before * before - factor * last * before
    energy = math.fsum(sample * sample for sample in samples)
    return 2 * power / (len(samples) * energy) if energy else 0.0


def heard_in(samples: Sequence[int], voices: Mapping[str, int]) -> str:
    """What some samples hold: MUSIC, SILENCE, OTHER, or the name of one of `voices`, which have a pitch in Hz."""
    if math.sqrt(math.fsum(sample * sample for sample in samples) / len(samples)) < _QUIET:
        return SILENCE
    shares = {name: share(samples, pitch) for name, pitch in voices.items()}
    shares[MUSIC] = sum(share(samples, pitch) for pitch in set(MELODY))
    name, most = max(shares.items(), key=lambda each: each[1])
    return name if most > _SURE else OTHER


def spans(windows: Iterable[str]) -> list[tuple[str, float]]:
    """What was heard one after another, and for how many seconds; what passes in less than 0.3 s is left out."""
    kept = [(name, count) for name, group in groupby(windows) if (count := len(list(group))) >= _LASTING]
    return [
        (name, round(sum(count for _, count in group) * WINDOW / RATE, 1))
        for name, group in groupby(kept, key=lambda each: each[0])
    ]


def loudness(samples: Sequence[int]) -> list[float]:
    """The root mean square of each whole frame."""
    frames = (samples[start : start + FRAME] for start in range(0, len(samples) - FRAME + 1, FRAME))
    return [math.sqrt(sum(map(mul, frame, frame)) / FRAME) for frame in frames]


def _standardised(values: Sequence[float]) -> list[float]:
    mean = math.fsum(values) / len(values)
    away = [value - mean for value in values]
    size = math.sqrt(sum(map(mul, away, away)))
    return [value / size for value in away] if size > _QUIET else [0.0] * len(away)


def _smoothed(values: Sequence[float]) -> list[float]:
    """Each as the mean of itself and its neighbours: where a frame begins shall not matter."""
    return [math.fsum(near) / len(near) for n in range(len(values)) if (near := values[max(0, n - 1) : n + 2])]


class Prompt:
    """The beginning of a prompt, known again by its loudness. `samples` are at `RATE`; 2 s at least, or ValueError."""

    def __init__(self, samples: Sequence[int]) -> None:
        frames = _smoothed(loudness(samples))[_BEGIN:_END]
        if len(frames) < _ENOUGH:
            raise ValueError("too short a prompt to be known again")
        self._parts = [_standardised(frames[n : n + _PART]) for n in range(0, len(frames) - _PART + 1, _PART)]

    @classmethod
    def read(cls, file: Path) -> Prompt:
        """From a WAV file."""
        with wave.open(str(file), "rb") as sound:
            return cls(array.array("h", sound.readframes(sound.getnframes())))

    @property
    def frames(self) -> int:
        """How many frames of it must have been heard."""
        return len(self._parts) * _PART

    def likeness(self, frames: Sequence[float]) -> float:
        """How well what was heard (loudness by frames) correlates with the parts of this prompt, at its best moment."""
        heard = _smoothed(frames)
        moments = [_standardised(heard[n : n + _PART]) for n in range(len(heard) - _PART + 1)]
        alike = [[sum(map(mul, moment, part)) for moment in moments] for part in self._parts]
        starts = range(len(heard) - self.frames + 1)
        return max((math.fsum(map(_best, alike, count(start, _PART))) / len(alike) for start in starts), default=0.0)


def _best(alike: Sequence[float], place: int) -> float:
    return max(alike[max(0, place - _SLACK) : place + _SLACK + 1])


class Ear:
    """Listens in a recording (signed 16 bit, 48 kHz) while it grows; it grows by a third of a second at a time."""

    def __init__(self, file: Path, voices: Mapping[str, int]) -> None:
        self._file = file
        self._voices = voices
        self._offset = 0
        self._rest: list[int] = []
        self._windows: list[str] = []
        self._frames: list[float] = []
        self._looked: dict[Prompt, int] = {}

    def listen(self) -> list[tuple[str, float]]:
        """Everything heard so far, with its seconds."""
        if self._file.exists():
            with self._file.open("rb") as sound:
                sound.seek(self._offset)
                data = sound.read()
            whole = len(data) - len(data) % 12
            self._offset += whole
            self._rest += array.array("h", data[:whole])[::6]
        while len(self._rest) >= WINDOW:
            self._windows.append(heard_in(self._rest[:WINDOW], self._voices))
            self._frames += loudness(self._rest[:WINDOW])
            del self._rest[:WINDOW]
        return spans(self._windows)

    def knows(self, prompt: Prompt) -> bool:
        """Whether a prompt was heard in what has been listened to since this was last asked of it."""
        begin = self._looked.get(prompt, 0)
        self._looked[prompt] = max(0, len(self._frames) - prompt.frames + 1)
        return prompt.likeness(self._frames[begin:]) > ALIKE
