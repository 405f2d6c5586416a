"""What was found of one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was asked. `fix` says what to do, None when it is well; `note`: well, but worth knowing."""

    what: str
    fix: str | None = None
    note: str | None = None

    @property
    def well(self) -> bool:
        """Whether nothing is to be done."""
        return self.fix is None

    def row(self) -> dict[str, Any]:
        """As programs read it: what, ok, fix, note."""
        return {"what": self.what, "ok": self.well, "fix": self.fix, "note": self.note}
