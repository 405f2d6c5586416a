"""Calls of the past from the ledger, as entries of a queue_log.

The ledger has the visits to queues with the agents who took them, but no whole numbers. A masked number is replaced by
one with the digits that are known and of the same type: so the rules judge it alike, unless they name one number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

import msgspec
import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from callcentre.values.numbers import HIDDEN
from callcentre.what_if.queue_log import Entry

_NOBODY: Final = "NONE"
_LENGTHS: Final = (5, 4, 6, 3, 7, 2, 8, 1, 9, 10)
"""Digits that a masked number may lack, the likeliest first."""


class PastVisit(msgspec.Struct, frozen=True, kw_only=True):
    """A visit to a queue; times are milliseconds since 1970, lengths milliseconds. See `queue_view/statistics.py`."""

    call: str
    service: str | None
    queue: str
    number: str | None
    caller: str | None
    joined: int
    outcome: str | None
    left_at: int | None
    wait: int
    agent: str | None
    talk: int | None


def entries_of(visits: Iterable[PastVisit], dialled: Mapping[str, str]) -> list[Entry]:
    """The entries of these visits, in order. `dialled` is a number that people dial for each service, where it has one.

    Agents are known by the calls that they took.
    """
    return sorted((entry for visit in visits for entry in _entries(visit, dialled)), key=lambda entry: entry.at)


def _entries(visit: PastVisit, dialled: Mapping[str, str]) -> Iterator[Entry]:
    at, number = visit.joined / 1000, substitute(visit.number, visit.caller)
    did = dialled.get(visit.service or "")
    if did is not None:
        yield Entry(at, visit.call, visit.queue, _NOBODY, "DID", (did,))
    yield Entry(at, visit.call, visit.queue, _NOBODY, "ENTERQUEUE", ("", number))
    if visit.left_at is None:
        return
    left, agent = max(at, visit.left_at / 1000), visit.agent or _NOBODY
    if visit.outcome == "answered":
        talk = (visit.talk or 0) / 1000
        yield Entry(left, visit.call, visit.queue, agent, "CONNECT", (str(visit.wait // 1000),))
        yield Entry(left + talk, visit.call, visit.queue, agent, "COMPLETEAGENT", (str(visit.wait // 1000), str(talk)))
    else:
        yield Entry(left, visit.call, visit.queue, _NOBODY, "EXITWITHTIMEOUT", ())


@lru_cache(maxsize=20_000)
def substitute(masked: str | None, caller: str | None) -> str:
    """A number in place of a masked one, the same for each call of a caller; "" for a withheld one."""
    head, hidden, tail = (masked or "").partition(HIDDEN)
    if not hidden or not head.startswith("+") or caller is None:
        return head
    digits, usual = f"{int(caller, 16):020}", _usual_length(head)
    # The first digits of such hashes differ little.
    numbers = [f"{head}{digits[-length:]}{tail}" for length in _LENGTHS]
    numbers.sort(key=lambda number: len(number) != usual)
    return next(filter(_is_number, numbers), numbers[0])


@lru_cache(maxsize=1_000)
def _usual_length(head: str) -> int | None:
    """Characters of a mobile number of the country, with its plus."""
    try:
        code = phonenumbers.parse(f"{head}0000000").country_code
    except NumberParseException:
        return None
    region = phonenumbers.region_code_for_country_code(code or 0)
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    return None if example is None else len(f"+{code}{example.national_number}")


def _is_number(number: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except NumberParseException:
        return False
