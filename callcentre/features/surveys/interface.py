"""What other features may read of surveys."""

from __future__ import annotations

from callcentre.features.surveys.model import SCALES, given_answers

__all__ = ["SCALES", "given_answers"]
