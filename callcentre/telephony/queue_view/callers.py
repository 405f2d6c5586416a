"""What the variables of a channel say about its caller, and how the caller's name is used.

A PBX says more in channel variables than ARI shows of a channel: whether the number is withheld, which number was
dialled, which prefix the name has, which language was chosen, and the priority in the queue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Protocol

from msgspec.structs import replace

from callcentre.telephony.queue_view.model import Entering, Live
from callcentre.values.names import name_in_text, name_on_phone, prefix_on_phone
from callcentre.values.numbers import is_withheld, presentation_withholds

CALLER_VARIABLES: Final = ("CALLINGNUMPRES_SV", "FROM_DID", "RGPREFIX", "QUEUE_PRIO", "CALLCENTRE_LANGUAGE")
"""CALLINGNUMPRES_SV, FROM_DID and RGPREFIX are FreePBX's, QUEUE_PRIO is app_queue's, CALLCENTRE_LANGUAGE is ours."""

DIALLED_NUMBER: Final = "CALLERID(dnid)"
"""The dialled number as the trunk reports it. No event has it; it is read after a reconnect."""

PRESENTATION: Final = "CALLERID(num-pres)"
"""Whether the number is withheld, as the trunk reports it.

No event has it: it is read for a call that enters a queue.
"""

_PRIORITY: Final = re.compile(r"\s*([+-]?[0-9]{1,10})")
_HIGHEST: Final = 2**31 - 1


def queue_priority(value: str) -> int:
    """QUEUE_PRIO as app_queue reads it: a whole number at its beginning, which may be negative; 0 for anything else."""
    found = _PRIORITY.match(value)
    return 0 if found is None else max(-_HIGHEST - 1, min(_HIGHEST, int(found[1])))


def with_variable(live: Live, name: str, value: str) -> Live:
    """The channel after one of CALLER_VARIABLES was set on it; unchanged for any other variable."""
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
    """The channel after its variables were read."""
    for name in CALLER_VARIABLES:
        if name in variables:
            live = with_variable(live, name, variables[name])
    withheld = live.withheld or presentation_withholds(variables.get(PRESENTATION, ""))
    return replace(live, withheld=withheld, dnid=variables.get(DIALLED_NUMBER) or live.dnid)


def may_be_withheld(entering: Entering, live: Live | None) -> bool:
    """Whether the presentation of the number must be read for a call on its way into a queue.

    Not for a call that our dialplan brought there, which drops a withheld number, for one without a number, and for one
    that is known to be withheld.
    """
    return bool(entering.number) and (live is None or not (live.withheld or live.by_us == entering.queue))


def as_before(priority: int, name_prefix: str) -> tuple[tuple[str, str], ...]:
    """The variables that a channel of ours needs to enter `Queue()` as its caller did before.

    With RGPREFIX set, FreePBX removes its prefix from the name before it adds one again.
    """
    variables = []
    if priority:
        variables.append(("QUEUE_PRIO", str(priority)))
    if name_prefix:
        variables.append(("_RGPREFIX", prefix_on_phone(name_prefix)))
    return tuple(variables)


# Abbreviations with a Finnish ending, "KELA:n asiakas": this colon does not end a prefix.
_INFLECTED: Final = re.compile(r"[A-ZÅÄÖ]{2,}:[a-zåäö]{1,4}\b")
_MOST_DIGITS: Final = 4
"""A name with more digits than this contains a number."""


def person(caller_name: str, number: str = "", prefix: str = "") -> str:
    """The person's name in the caller name that the PBX shows; "" when there is none.

    `prefix` is the prefix that the PBX reports. Without it, everything before a colon counts as one: FreePBX makes
    `Sales:Matti` of the name Matti, and `Sales:0401112203` of no name and the number. Not a person's name are digits, a
    name that contains the number or most of it, and one that says that there is none, such as `Anonymous`.
    """
    name = caller_name.removeprefix(prefix).strip(" \t\"'<>")
    while ":" in name and not _INFLECTED.match(name):
        name = name.partition(":")[2].strip(" \t\"'<>")
    if is_withheld(name) or not any(character.isalpha() for character in name) or _holds(name, number):
        return ""
    return name


class NamedCaller(Protocol):
    """A call or a callback: the person's number and name as the PBX showed them, and the prefix of the name."""

    @property
    def number(self) -> str: ...

    @property
    def caller_name(self) -> str: ...

    @property
    def name_prefix(self) -> str: ...


def spoken_name(one: NamedCaller) -> str:
    """A person's name for a text; "" when there is none that may be sent."""
    return name_in_text(person(one.caller_name, one.number, one.name_prefix))


def shown_name(one: NamedCaller) -> str:
    """A person's name for an agent's phone, with the prefix that the PBX had put before it.

    A PBX with a prefix for names puts it before the number of a caller without a name. So the prefix is shown also for
    a number that was keyed in, whose name is unknown.
    """
    theirs = one.caller_name.removeprefix(one.name_prefix)
    if theirs == one.number or (one.name_prefix and not theirs):
        return prefix_on_phone(one.name_prefix) + one.number
    return name_on_phone(one.caller_name, one.name_prefix)


def _holds(name: str, number: str) -> bool:
    """Whether a name contains a number: this one, most of it, or any other that is long enough."""
    digits, theirs = ("".join(c for c in text if c.isdecimal()) for text in (name, number))
    if len(digits) > _MOST_DIGITS:
        return True
    return bool(digits) and digits in theirs and 2 * len(digits) > len(theirs)
