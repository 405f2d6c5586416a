"""The prompts of a PBX: made once for all tests, whole and cut short, and linked into its sounds folder."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

from tests.testbed.process import printed


class Prompts:
    """What there is to play in the folder `sounds` of a PBX; `folder` keeps what is linked there."""

    def __init__(self, folder: Path, sounds: Path) -> None:
        self._folder = folder
        self._sounds = sounds

    @property
    def are_there(self) -> bool:
        return any(self._sounds.iterdir())

    async def give(self, *, seconds: float | None = None) -> None:
        """Put ours there instead of what is there: whole, or the first `seconds` of each."""
        made = await self._whole() if seconds is None else await self._cut(seconds)
        self.take()
        for part in made.iterdir():
            (self._sounds / part.name).symlink_to(part)

    def take(self) -> None:
        """Leave no prompt."""
        for part in self._sounds.iterdir():
            if part.is_symlink():
                part.unlink()
            else:
                shutil.rmtree(part)

    async def _whole(self) -> Path:
        whole = self._folder / "whole"
        if not whole.exists():
            whole.mkdir(parents=True)
            await printed("sounds", "install", str(whole))
        return whole

    async def _cut(self, seconds: float) -> Path:
        cut = self._folder / f"{seconds:g}s"
        if not cut.exists():
            shutil.copytree(await self._whole(), cut)
            for file in cut.rglob("*.wav"):
                _cut_short(file, seconds)
        return cut


def _cut_short(file: Path, seconds: float) -> None:
    with wave.open(str(file), "rb") as sound:
        shape = sound.getparams()
        samples = sound.readframes(int(seconds * shape.framerate))
    with wave.open(str(file), "wb") as sound:
        sound.setparams(shape)
        sound.writeframes(samples)
