"""What all benchmarks of one run share: a folder, and the recording of real calls."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from scripts.benchmarks.recording import Recording, record
from tests.testbed.ports import PortBlock


class Bench:
    """One run. `folder` lies on the disk of the checkout; `other_python` has aioari and asyncari."""

    def __init__(self, folder: Path, ports: PortBlock, other_python: Path) -> None:
        self.ports = ports
        self.other_python = other_python
        self._folder = folder
        self._folders = count(1)
        self._recording: Recording | None = None

    def folder(self, name: str) -> Path:
        """A new folder."""
        folder = self._folder / f"{next(self._folders)}-{name}"
        folder.mkdir()
        return folder

    def say(self, text: str) -> None:
        """Tell how far the run is, beside its result."""
        print(text, file=sys.stderr, flush=True)

    async def recording(self) -> Recording:
        """Real calls, recorded when they are first asked for."""
        if self._recording is None:
            self.say("recording real calls")
            self._recording = await record(self.folder("recording"))
            self.say(f"recorded {self._recording.calls} calls with {len(self._recording.events)} events")
        return self._recording
