"""What tests of the queue view look for."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


def only(facts: list[Fact], kind: type) -> list:
    return [fact for fact in facts if isinstance(fact, kind)]


NO_WELCOME = {"services": {"support": {"welcome": None}}}
