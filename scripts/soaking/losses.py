"""What a run has lost, if anything: the invariants of `scripts/chaos`, and whether every caller was seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from scripts.kills.day import End
from scripts.kills.evidence import Evidence
from scripts.soaking.people import Plan, Visit

_MARGIN: Final = 6.0
"""Seconds around a time in which the daemon was not ready: the lease holds for 5 s, and health is asked each second."""


@dataclass(slots=True)
class Entered:
    """A caller who came past `Answer()` of our dialplan, by Asterisk's own record, in seconds since the epoch."""

    call: str
    number: str
    began: float
    queued: float | None = None
    ended: float | None = None


def entered(cel: Path) -> list[Entered]:
    """All callers by the rows of CEL: type, time, unique id, number."""
    found: dict[str, Entered] = {}
    for line in cel.read_text(encoding="utf-8").splitlines():
        kind, at, call, number = line.split(",")[:4]
        one = found.get(call)
        if kind == "CHAN_END":
            if one is not None:
                one.ended = float(at)
        elif kind == "APP_START":
            if one is not None and one.queued is None:
                one.queued = float(at)
        elif one is None:
            found[call] = Entered(call, number, float(at))
    return list(found.values())


def not_ready(answers: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """The times in which the daemon was not ready, of its answers: when, and whether it was."""
    times: list[tuple[float, float]] = []
    for (_, _), (at, ready) in pairwise([(0.0, True), *answers]):
        if ready:
            continue
        if times and at - times[-1][1] <= 2 * _MARGIN:
            times[-1] = times[-1][0], at + _MARGIN
        else:
            times.append((at - _MARGIN, at + _MARGIN))
    return times


def unseen(callers: Iterable[Entered], facts: Iterable[Mapping[str, Any]]) -> list[Entered]:
    """The callers who began to wait in a queue and of whom the journal says nothing."""
    known = {fact["call"] for fact in facts if fact.get("call") is not None}
    return [one for one in callers if one.queued is not None and one.call not in known]


def came_while(times: Sequence[tuple[float, float]], caller: Entered) -> bool:
    """Whether a caller came and went within one of these times."""
    ended = caller.began if caller.ended is None else caller.ended
    return any(first <= caller.began and ended <= last for first, last in times)


def visits_of(
    visits: Iterable[Visit], callers: Iterable[Entered], answered: Mapping[str, int]
) -> tuple[dict[str, End | None], dict[str, set[str]]]:
    """How each visit ended, by its call, and the visits that ended with a promise. Without those Asterisk cut off."""
    calls = {one.number: one.call for one in callers}
    ends: dict[str, End | None] = {}
    promises: dict[str, set[str]] = {}
    for visit in visits:
        call = calls.get(visit.number)
        if call is None or visit.cut:
            continue
        if not visit.is_over:
            ends[call] = None
        elif visit.hung_up:
            ends[call] = End.HUNG_UP
        elif answered[visit.number]:
            ends[call] = End.ANSWERED
        elif visit.plan is Plan.CALLBACK:
            ends[call] = End.PROMISED
            promises[call] = {call}
        else:
            ends[call] = End.LOST
    return ends, promises


def add_rings(
    evidence: Evidence, rings: Mapping[str, int], callers: Iterable[Entered], requested: Mapping[str, str]
) -> None:
    """Note the rings of each person's phone as calls for the attempts to reach them, in their order."""
    numbers: dict[Any, str] = {one.call: one.number for one in callers}
    owners: dict[Any, str] = dict(requested)
    attempts: dict[str, list[str]] = {}
    for fact in evidence.facts:
        callback = fact.get("callback")
        if fact["event"] == "callback.accepted" and fact.get("call") in numbers:
            owners[callback] = numbers[fact["call"]]
        elif fact["event"] == "callback.dialled":
            attempts.setdefault(owners.get(callback, ""), []).append(f"{callback}-{fact['attempt']}")
        elif fact["event"] == "notice.sent" and fact.get("by") == "voice":
            attempts.setdefault(owners.get(callback, ""), []).append(f"{callback}-notice-{fact['attempt']}")
    for number, times in rings.items():
        known = attempts.get(number, [])
        for place in range(times):
            attempt = known[min(place, len(known) - 1)] if known else f"call to {number}"
            evidence.originated[attempt] = evidence.originated.get(attempt, 0) + 1
