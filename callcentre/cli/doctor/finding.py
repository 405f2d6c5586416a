"""The finding about one examined thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One examined thing.

    `fix` says what to do, None when nothing is wrong; `note` is worth knowing without a fault.
    """

    what: str
    fix: str | None = None
    note: str | None = None

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return self.fix is None

    def row(self) -> dict[str, Any]:
        """The finding for programs: what, ok, fix, note."""
        return {"what": self.what, "ok": self.well, "fix": self.fix, "note": self.note}
