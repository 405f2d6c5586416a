"""What the variables of a channel say of its caller, and how the caller's name is used.

A PBX tells more in channel variables than ARI shows of a channel: whether the number is withheld, which number was
dialled, what was put before the name, which language was chosen, and the priority in the queue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from callcentre.domain.calls import Live
from callcentre.domain.numbers import presentation_withholds

CALLER_VARIABLES: Final = ("CALLINGNUMPRES_SV", "FROM_DID", "RGPREFIX", "QUEUE_PRIO", "CALLCENTRE_LANGUAGE")
"""CALLINGNUMPRES_SV, FROM_DID and RGPREFIX are FreePBX's, QUEUE_PRIO is app_queue's, CALLCENTRE_LANGUAGE is ours."""

DIALLED_NUMBER: Final = "CALLERID(dnid)"
"""The number dialled as the trunk tells it. No event has it; it is read after a reconnect."""

_PRIORITY: Final = re.compile(r"\s*([+-]?[0-9]{1,10})")
_HIGHEST: Final = 2**31 - 1


def queue_priority(value: str) -> int:
    """QUEUE_PRIO as app_queue reads it: a whole number at its beginning, which may be negative; 0 for anything else."""
    found = _PRIORITY.match(value)
    return 0 if found is None else max(-_HIGHEST - 1, min(_HIGHEST, int(found[1])))


def with_variable(live: Live, name: str, value: str) -> Live:
    """The channel after one of CALLER_VARIABLES was set on it; the same for any other."""
    match name:
        case "CALLINGNUMPRES_SV":
            return replace(live, withheld=presentation_withholds(value))
        case "FROM_DID":
            return replace(live, did=value)
        case "RGPREFIX":
            return replace(live, name_prefix=value)
        case "QUEUE_PRIO":
            return replace(live, priority=queue_priority(value))
        case "CALLCENTRE_LANGUAGE":
            return replace(live, language=value)
        case _:
            return live


def with_variables(live: Live, variables: Mapping[str, str]) -> Live:
    """The channel after its variables were read: those that it has."""
    for name in CALLER_VARIABLES:
        if name in variables:
            live = with_variable(live, name, variables[name])
    return replace(live, dnid=variables.get(DIALLED_NUMBER) or live.dnid)
