"""The fact of an erasure."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class PersonErased(Fact, frozen=True, tag="person.erased"):
    """What was known about a person was erased. The fact does not say whose.

    by: staff api.
    """
