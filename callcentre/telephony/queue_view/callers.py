"""What the variables of a channel say of its caller, and how the caller's name is used.

A PBX tells more in channel variables than ARI shows of a channel: whether the number is withheld, which number was
dialled, what was put before the name, which language was chosen, and the priority in the queue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from callcentre.telephony.queue_view.model import Entering, Live
from callcentre.values.names import name_in_text, name_on_phone, prefix_on_phone
from callcentre.values.numbers import is_withheld, presentation_withholds

CALLER_VARIABLES: Final = ("CALLINGNUMPRES_SV", "FROM_DID", "RGPREFIX", "QUEUE_PRIO", "CALLCENTRE_LANGUAGE")
"""CALLINGNUMPRES_SV, FROM_DID and RGPREFIX are FreePBX's, QUEUE_PRIO is app_queue's, CALLCENTRE_LANGUAGE is ours."""

DIALLED_NUMBER: Final = "CALLERID(dnid)"
"""The number dialled as the trunk tells it. No event has it; it is read after a reconnect."""

PRESENTATION: Final = "CALLERID(num-pres)"
"""Whether the number is withheld, as the trunk tells it. No event has it: a call that enters a queue is asked."""

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
    withheld = live.withheld or presentation_withholds(variables.get(PRESENTATION, ""))
    return replace(live, withheld=withheld, dnid=variables.get(DIALLED_NUMBER) or live.dnid)


def may_be_withheld(entering: Entering, live: Live | None) -> bool:
    """Whether a call on its way into a queue must be asked for the presentation of its number.

    Not one that our dialplan brought there, which drops a withheld number, one without a number, or one of which it is
    known.
    """
    return bool(entering.number) and (live is None or not (live.withheld or live.by_us == entering.queue))


def as_before(priority: int, name_prefix: str) -> tuple[tuple[str, str], ...]:
    """The variables that a channel of ours needs to enter `Queue()` as its caller did before.

    With RGPREFIX set, FreePBX takes its prefix off the name before it puts one there again.
    """
    variables = []
    if priority:
        variables.append(("QUEUE_PRIO", str(priority)))
    if name_prefix:
        variables.append(("_RGPREFIX", prefix_on_phone(name_prefix)))
    return tuple(variables)


# Abbreviations with a Finnish ending, "KELA:n asiakas": this colon ends no prefix.
_INFLECTED: Final = re.compile(r"[A-ZÅÄÖ]{2,}:[a-zåäö]{1,4}\b")
_MOST_DIGITS: Final = 4
"""A name with more digits than this has a number in it."""


def person(caller_name: str, number: str = "", prefix: str = "") -> str:
    """The person's name in what the PBX shows of a caller; "" when there is none.

    `prefix` is what the PBX says it put before the name. Without it, whatever is before a colon is one: FreePBX
    makes `Sales:Matti` of the name Matti, and `Sales:0401112203` of no name and the number. No person has a name of
    digits, one that holds the number or most of it, or one that says that there is none, such as `Anonymous`.
    """
    name = caller_name.removeprefix(prefix).strip(" \t\"'<>")
    while ":" in name and not _INFLECTED.match(name):
        name = name.partition(":")[2].strip(" \t\"'<>")
    if is_withheld(name) or not any(character.isalpha() for character in name) or _holds(name, number):
        return ""
    return name


class NamedCaller(Protocol):
    """A call or a callback: the person's number and name as the PBX showed them, and what it put before the name."""

    @property
    def number(self) -> str: ...

    @property
    def caller_name(self) -> str: ...

    @property
    def name_prefix(self) -> str: ...


def spoken_name(one: NamedCaller) -> str:
    """The name of a person as a text may say it; "" when there is none that may be sent."""
    return name_in_text(person(one.caller_name, one.number, one.name_prefix))


def shown_name(one: NamedCaller) -> str:
    """The name of a person as an agent's phone shows it, with what the PBX had put before it.

    A PBX that puts something before each name puts it before the number of a caller without a name. So it is also shown
    for a number that was keyed in, whose name nobody knows.
    """
    theirs = one.caller_name.removeprefix(one.name_prefix)
    if theirs == one.number or (one.name_prefix and not theirs):
        return prefix_on_phone(one.name_prefix) + one.number
    return name_on_phone(one.caller_name, one.name_prefix)


def _holds(name: str, number: str) -> bool:
    """Whether a name has a number in it: this one, most of it, or any other that is long enough."""
    digits, theirs = ("".join(c for c in text if c.isdecimal()) for text in (name, number))
    if len(digits) > _MOST_DIGITS:
        return True
    return bool(digits) and digits in theirs and 2 * len(digits) > len(theirs)
