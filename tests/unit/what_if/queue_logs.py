"""A queue_log that tests write, and what the rules say to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from callcentre.app import parts
from callcentre.what_if.past import Verdict
from callcentre.what_if.queue_log import read
from callcentre.what_if.replay import Replay
from callcentre.what_if.rules import Rules
from callcentre.what_if.staffing import Signs, Staffing
from tests.cast import ANNA
from tests.unit.rehearsal import NOON, settings

START = int(NOON.timestamp())
HOURS = 3600


class QueueLog:
    """A queue_log that is written line by line, from a Wednesday noon on. Times are seconds since then."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, at: float, call: str, member: str, event: str, *data: object, queue: str = "support") -> None:
        self.lines.append("|".join(map(str, (START + int(at), call, queue, member, event, *data))))

    def enters(self, at: float, call: str, number: str = "", *, queue: str = "support") -> None:
        self.say(at, call, "NONE", "ENTERQUEUE", "", number or f"+3584012345{int(call):02}", 1, queue=queue)

    def talks(self, at: float, call: str, seconds: int, *, member: str = ANNA) -> None:
        self.say(at, call, member, "CONNECT", 5, "1.2", 3)
        self.say(at + seconds, call, member, "COMPLETECALLER", 5, seconds, 1)

    def hangs_up(self, at: float, call: str) -> None:
        self.say(at, call, "NONE", "ABANDON", 1, 1, 20)

    def waits(self, at: float, *calls: str) -> None:
        for call in calls:
            self.enters(at, call)

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


def verdicts(lines: Iterable[str], changes: Mapping[str, Any] | None = None) -> list[Verdict]:
    entries = [read(line.encode()) for line in lines]
    signs = Signs()
    for entry in entries:
        signs.take(entry)
    rules = Rules(settings(changes), parts("what_if", "PAST_RULES"))
    heard = [verdict for moment in Replay(Staffing(signs)).moments(entries) for verdict in rules.hear(moment)]
    return [*heard, *rules.end()]


def said(log: QueueLog, part: str, changes: Mapping[str, Any] | None = None) -> list[str | None]:
    """What one rule said, in order; None is yes."""
    return [verdict.reason for verdict in verdicts(log.lines, changes) if verdict.rule == part]
