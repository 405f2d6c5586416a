"""What tests of the queue view look for."""

from __future__ import annotations

from typing import Any

from callcentre.kernel.fact import Fact


def only(facts: list[Fact], kind: type[Any]) -> list[Any]:
    return [fact for fact in facts if isinstance(fact, kind)]


NO_WELCOME = {"services": {"support": {"welcome": None}}}
