"""Who is on duty, as far as a queue_log tells: each way on and off."""

from __future__ import annotations

import pytest

from callcentre.telephony.queue_view.model import Duty
from callcentre.what_if.queue_log import read
from callcentre.what_if.staffing import Signs, Staffing
from tests.unit.what_if.queue_logs import HOURS, START, QueueLog

Line = tuple[int, str, str, str]
"""Seconds, queue, member, and the event with its data; `REALTIME ` or a call's id may come before the event."""


def duty(*lines: Line, at: float = 900) -> Duty:
    """Who is on duty in `support` at last."""
    log = QueueLog()
    for when, queue, member, event in lines:
        call, _, rest = event.rpartition(" ")
        name, *data = rest.split("|")
        log.say(when, call or "1.1", member, name, *data, queue=queue)
    entries = [read(line.encode()) for line in log.lines]
    signs = Signs()
    for entry in entries:
        signs.take(entry)
    staffing = Staffing(signs)
    for entry in entries:
        staffing.take(entry)
    staffing.take(read(f"{START + int(at)}|NONE|NONE|NONE|CONFIGRELOAD|".encode()))
    return staffing.duty("support")


def on_duty(*lines: Line, at: float = 900) -> int:
    """How many are on duty in `support` at last."""
    return duty(*lines, at=at).on_duty


def duty_at(at: float, *lines: Line) -> int:
    """How many are on duty in `support` at a moment in the middle of a log."""
    entries = [read(f"{START + when}|1.1|{queue}|{member}|{event}".encode()) for when, queue, member, event in lines]
    signs = Signs()
    for entry in entries:
        signs.take(entry)
    staffing = Staffing(signs)
    for entry in entries:
        if entry.at <= START + at:
            staffing.take(entry)
    staffing.take(read(f"{START + int(at)}|NONE|NONE|NONE|CONFIGRELOAD|".encode()))
    return staffing.duty("support").on_duty


ADDED = (0, "support", "Anna", "ADDMEMBER|")
RANG = (100, "support", "Agent:7", "RINGNOANSWER|5000")
LOGS_ON = (0, "NONE", "7", "AGENTLOGIN|SIP/7-1")
STARTS = (300, "NONE", "NONE", "QUEUESTART|")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([ADDED], 1),
        ([(0, "support", "Anna", "ADDMEMBER|PAUSED")], 0),
        ([(0, "support", "Anna", "ADDMEMBER|PAUSED"), (5, "support", "Anna", "UNPAUSE|")], 1),
        ([ADDED, (5, "support", "Anna", "PAUSE|lunch")], 0),
        ([ADDED, (5, "support", "Anna", "PAUSE|Auto-Pause")], 0),
        ([ADDED, (5, "NONE", "Anna", "PAUSE|")], 0),
        ([ADDED, (5, "NONE", "Anna", "PAUSEALL|"), (6, "support", "Anna", "PAUSE|")], 0),
        ([ADDED, (5, "NONE", "Anna", "PAUSEALL|"), (6, "NONE", "Anna", "UNPAUSEALL|")], 1),
        ([ADDED, (5, "support", "Anna", "PAUSE|a"), (6, "support", "Anna", "UNPAUSE|Auto-Unpause"),
          (6, "support", "Anna", "PAUSE|b")], 0),
        ([ADDED, (5, "support", "Anna", "REMOVEMEMBER|")], 0),
        ([(0, "support", "", "ADDMEMBER|")], 0),
        ([(0, "NONE", "7", "AGENTLOGIN|SIP/7-1"), RANG], 1),
        ([(0, "NONE", "7", "AGENTLOGIN|SIP/7-1"), RANG, (200, "NONE", "7", "AGENTLOGOFF|SIP/7-1|200")], 0),
        ([(0, "NONE", "Agent/7", "AGENTCALLBACKLOGIN|7@x"), RANG,
          (200, "NONE", "Agent/7", "AGENTCALLBACKLOGOFF|7@x|200|")], 0),
        ([RANG], 1),
        ([(100, "support", "Anna", "AGENTDUMP|")], 1),
        ([(100, "support", "Anna", "RINGCANCELED|5")], 1),
        # Named by ABANDON: the caller hung up after the agent had answered.
        ([(100, "support", "Anna", "ABANDON|1|1|9")], 1),
        ([(100, "support", "NONE", "ABANDON|1|1|9")], 0),
        ([(100, "support", "Anna", "SYSCOMPAT|")], 1),
        # A member by configuration may show themselves by pauses alone.
        ([(100, "support", "Anna", "UNPAUSE|")], 1),
        ([(100, "support", "Anna", "PAUSE|")], 0),
        # Removed while their phone rang, which they then answered.
        ([ADDED, (5, "support", "Anna", "REMOVEMEMBER|"), (6, "support", "Anna", "CONNECT|1|1.2|1"),
          (60, "support", "Anna", "COMPLETEAGENT|1|54|1")], 0),
        ([ADDED, (5, "support", "Anna", "PENALTY|3"), (6, "support", "Anna", "RINGINUSE|0")], 1),
        # An agent of the pool who is a member by hand is on duty only while logged on.
        ([(0, "support", "Agent:7", "ADDMEMBER|"), (1, "NONE", "7", "AGENTLOGIN|SIP/7-1")], 1),
        ([(0, "support", "Agent:7", "ADDMEMBER|"), (1, "NONE", "7", "AGENTLOGIN|SIP/7-1"),
          (9, "NONE", "7", "AGENTLOGOFF|SIP/7-1|8")], 0),
        ([(0, "support", "Agent:7", "ADDMEMBER|"), (9, "NONE", "7", "AGENTLOGOFF|SIP/7-1|8")], 0),
        # Log-off is told once more, or log-on without the log-off before.
        ([LOGS_ON, RANG, (200, "NONE", "7", "AGENTLOGOFF|x|2"), (800, "NONE", "7", "AGENTLOGOFF|x|2")], 0),
        ([LOGS_ON, RANG, (150, "NONE", "7", "AGENTLOGIN|x"), (200, "NONE", "7", "AGENTLOGOFF|x|2")], 0),
        # A name that begins like an agent's is a name.
        ([(0, "NONE", "7", "AGENTLOGOFF|x|1"), (1, "support", "Agent7", "ADDMEMBER|")], 1),
        # Over a restart: nobody stays on the line; a pause is kept for those who were added.
        ([LOGS_ON, RANG, STARTS], 0),
        ([(0, "NONE", "7", "AGENTCALLBACKLOGIN|7@x"), RANG, STARTS], 1),
        ([RANG, (200, "support", "Agent:7", "PAUSE|"), STARTS], 1),
        ([ADDED, (200, "support", "Anna", "PAUSE|"), STARTS], 0),
        ([ADDED, STARTS], 1),
        # Whoever is added again without having been removed had been forgotten, and so had the others.
        ([ADDED, (0, "support", "Bo", "ADDMEMBER|"), STARTS, (400, "support", "Bo", "ADDMEMBER|")], 1),
        ([(0, "support", "Anna", "ADDMEMBER|PAUSED"), (0, "support", "Bo", "ADDMEMBER|"), STARTS,
          (400, "support", "Bo", "ADDMEMBER|")], 1),
        # Members in a database are loaded again when somebody needs them.
        ([(0, "support", "Anna", "REALTIME ADDMEMBER|"), (0, "support", "Bo", "ADDMEMBER|"), STARTS,
          (400, "support", "Bo", "ADDMEMBER|")], 2),
        ([(0, "support", "Anna", "REALTIME ADDMEMBER|"), (0, "support", "Bo", "ADDMEMBER|"), STARTS,
          (400, "support", "Anna", "REALTIME ADDMEMBER|")], 2),
        # Whoever is removed after a restart had been kept.
        ([ADDED, (0, "support", "Bo", "ADDMEMBER|"), STARTS, (400, "support", "Bo", "REMOVEMEMBER|")], 1),
    ],
)  # fmt: skip
def test_every_way_on_and_off_duty(lines: list[tuple[int, str, str, str]], expected: int) -> None:
    assert on_duty(*lines) == expected


def test_an_agent_who_logged_on_is_there_until_they_log_off_and_not_only_around_their_calls() -> None:
    login = (0, "NONE", "7", "AGENTLOGIN|SIP/7-1")
    assert on_duty(login, RANG, at=6 * HOURS) == 1
    assert on_duty(RANG, at=6 * HOURS) == 0


@pytest.mark.parametrize(
    ("event", "at", "expected"),
    [("UNPAUSE|", 99, 0), ("UNPAUSE|", 101, 1), ("PAUSE|", 99, 1), ("PAUSE|", 101, 0)],
)
def test_an_agent_first_seen_coming_back_from_a_pause_was_paused_before(event: str, at: int, expected: int) -> None:
    assert duty_at(at, (100, "support", "Anna", event)) == expected


def test_an_agent_who_was_rung_before_they_came_back_from_a_pause_was_not_paused_then() -> None:
    assert duty_at(95, (90, "support", "Anna", "RINGNOANSWER|1"), (100, "support", "Anna", "UNPAUSE|")) == 1


@pytest.mark.parametrize(("at", "expected"), [(3000, 1), (4000, 0), (6000, 1)])
def test_an_agent_who_is_added_later_counts_around_their_calls_before(at: int, expected: int) -> None:
    rung = (2500, "support", "Anna", "RINGNOANSWER|1")
    assert duty_at(at, rung, (5000, "support", "Anna", "ADDMEMBER|"), (5500, "support", "Anna", "RINGNOANSWER|1")) == (
        expected
    )


def test_an_agent_who_was_added_counts_from_then_on_and_not_from_before_their_first_call() -> None:
    added, rung = (500, "support", "Anna", "ADDMEMBER|"), (600, "support", "Anna", "RINGNOANSWER|1")
    assert [duty_at(at, added, rung) for at in (499, 501)] == [0, 1]


def test_an_agent_who_was_on_the_line_is_off_since_the_first_restart_after() -> None:
    assert duty_at(500, LOGS_ON, RANG, STARTS, (600, "NONE", "NONE", "QUEUESTART|")) == 0


def test_a_log_off_that_is_logged_twice_does_not_say_that_they_were_there_from_the_beginning() -> None:
    rang = (450, "support", "Agent:7", "RINGNOANSWER|5000")
    off = [(at, "NONE", "7", "AGENTLOGOFF|x|2") for at in (500, 800)]
    lines = ((400, "NONE", "7", "AGENTLOGIN|x"), rang, *off)
    assert [duty_at(at, *lines) for at in (399, 401, 501)] == [0, 1, 0]


@pytest.mark.parametrize(
    ("lines", "ready"),
    [
        ([(5, "support", "Anna", "1.1 CONNECT|5|1.2|1")], 0),
        ([(5, "support", "Anna", "1.1 CONNECT|5|1.2|1"), (9, "support", "Anna", "1.1 COMPLETEAGENT|5|4|1")], 1),
        ([(5, "support", "Anna", "1.1 CONNECT|5|1.2|1"), (9, "support", "Anna", "7.7 COMPLETEAGENT|5|4|1")], 1),
        ([(5, "support", "Anna", "1.1 CONNECT|5|1.2|1"), (9, "support", "Anna", "1.1 AGENTDUMP|")], 0),
        ([(5, "support", "Anna", "1.1 CONNECT|5|1.2|1"), STARTS], 1),
        # The end of the first was never told.
        ([(5, "support", "Anna", "1.1 CONNECT|5|1.2|1"), (9, "support", "Anna", "2.2 CONNECT|5|2.3|1"),
          (20, "support", "Anna", "2.2 COMPLETEAGENT|5|4|1")], 1),
        # Busy with a call of another queue.
        ([(5, "sales", "Anna", "1.1 CONNECT|5|1.2|1")], 0),
    ],
)  # fmt: skip
def test_an_agent_is_ready_when_their_conversation_is_over(lines: list[Line], ready: int) -> None:
    found = duty(ADDED, *lines)
    assert (found.on_duty, found.ready) == (1, ready)
