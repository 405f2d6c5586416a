"""Where full numbers of people are known. Facts have masked ones only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnowsNumber:
    """The declaration of a component that has full numbers of people.

    `of` takes a field of facts (`call`, `callback`, `message`, `survey` or `caller`) and its value, and returns the
    number in E.164; None where it has none.
    """

    of: Callable[[str, str], str | None]
