"""The fact of search."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class NumberShown(Fact, frozen=True, tag="number.shown"):
    """A user was shown the full number of a person. The fact has the masked one, and the page it was shown on."""
