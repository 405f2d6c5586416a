"""The rules over calls of the past: who would have been welcomed, offered a callback and asked, and why not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from callcentre.cli.main import main
from callcentre.what_if.staffing import BEFORE_AND_AFTER, PAUSE_BETWEEN
from callcentre.what_if.summary import Summary
from tests.cast import ANNA
from tests.testbed.configuration import merged, shipped
from tests.unit.rehearsal import settings
from tests.unit.what_if.queue_logs import HOURS, START, QueueLog, said, verdicts


@pytest.fixture
def log() -> QueueLog:
    return QueueLog()


# --- the welcome ---------------------------------------------------------------------------------


def test_a_caller_who_makes_the_queue_long_enough_is_welcomed(log: QueueLog) -> None:
    log.waits(0, "1", "2", "3", "4")
    assert said(log, "welcome") == ["few_waiting", "few_waiting", None, None]


def test_callers_who_left_or_were_answered_are_not_waiting(log: QueueLog) -> None:
    log.waits(0, "1", "2", "3")
    log.hangs_up(10, "1")
    log.talks(20, "2", 60)
    log.enters(90, "4")
    assert said(log, "welcome")[-1] == "few_waiting"


def test_a_restart_of_asterisk_empties_the_queues(log: QueueLog) -> None:
    log.waits(0, "1", "2", "3")
    log.say(50, "NONE", "NONE", "QUEUESTART", "", queue="NONE")
    log.enters(60, "4")
    assert said(log, "welcome")[-1] == "few_waiting"


def test_a_caller_without_a_logged_end_is_gone_after_a_day(log: QueueLog) -> None:
    log.waits(0, "1", "2")
    log.enters(25 * HOURS, "3")
    assert said(log, "welcome")[-1] == "few_waiting"


@pytest.mark.parametrize(("later", "expected"), [(59 * 60, "cooldown"), (60 * 60, None)])
def test_nobody_is_welcomed_twice_within_the_cooldown(log: QueueLog, later: int, expected: str | None) -> None:
    log.waits(0, "1", "2")
    log.enters(0, "3", "0401234567")
    log.hangs_up(5, "3")
    log.enters(later, "4", "+358401234567")
    assert said(log, "welcome")[2:] == [None, expected]


@pytest.mark.parametrize(
    ("number", "reason"), [("anonymous", "withheld"), ("0912340044", "landline"), ("0912345678", "own_number")]
)
def test_no_welcome_goes_to_a_number_that_may_not_be_texted(log: QueueLog, number: str, reason: str) -> None:
    log.waits(0, "1", "2")
    log.enters(0, "3", number)
    assert said(log, "welcome")[-1] == reason


def test_a_call_that_comes_back_into_the_queue_is_judged_once(log: QueueLog) -> None:
    log.waits(0, "1", "2", "3")
    log.say(10, "3", "NONE", "EXITWITHKEY", "*", 3, 3, 10)
    log.enters(15, "3")
    assert said(log, "call") == said(log, "callback") == [None] * 3
    assert said(log, "welcome") == ["few_waiting", "few_waiting", None]


# --- callbacks -----------------------------------------------------------------------------------


def test_a_callback_is_offered_when_the_estimated_wait_is_long(log: QueueLog) -> None:
    # One agent and 4 min a call: 4 min for the first who waits, 8 min for the second.
    log.say(0, "NONE", ANNA, "ADDMEMBER", "")
    log.enters(1, "1")
    log.say(2, "1", ANNA, "CONNECT", 1, "1.2", 1)
    log.waits(3, "2", "3")
    assert said(log, "callback") == ["short_wait", "short_wait", None]


@pytest.mark.parametrize(
    ("event", "queue", "expected"),
    [
        ("PAUSE", "support", None),
        ("PAUSEALL", "NONE", None),
        ("REMOVEMEMBER", "support", None),
        ("PAUSE", "sales", "short_wait"),
        ("UNPAUSE", "support", "short_wait"),
    ],
)
def test_with_nobody_on_duty_the_wait_counts_as_long(
    log: QueueLog, event: str, queue: str, expected: str | None
) -> None:
    log.say(0, "NONE", ANNA, "ADDMEMBER", "")
    log.say(1, "NONE", ANNA, event, "", queue=queue)
    log.enters(2, "1")
    assert said(log, "callback") == [expected]


def test_an_agent_who_is_paused_and_comes_back_is_on_duty(log: QueueLog) -> None:
    log.say(0, "NONE", ANNA, "ADDMEMBER", "")
    log.say(1, "NONE", ANNA, "PAUSEALL", "", queue="NONE")
    log.say(2, "NONE", ANNA, "UNPAUSEALL", "", queue="NONE")
    log.enters(3, "1")
    assert said(log, "callback") == ["short_wait"]


def test_a_member_whom_the_log_first_tells_to_be_removed_was_there_before(log: QueueLog) -> None:
    log.enters(0, "1")
    log.say(9, "NONE", ANNA, "REMOVEMEMBER", "")
    log.enters(10, "2")
    assert said(log, "callback") == ["short_wait", None]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (HOURS - BEFORE_AND_AFTER - 1, None),
        (HOURS - BEFORE_AND_AFTER, "short_wait"),
        (HOURS + PAUSE_BETWEEN - 1, "short_wait"),
        (HOURS + PAUSE_BETWEEN + BEFORE_AND_AFTER + 1, None),
    ],
)
def test_a_member_by_configuration_is_on_duty_around_the_calls_it_took(
    log: QueueLog, at: float, expected: str | None
) -> None:
    log.say(HOURS, "9", ANNA, "RINGNOANSWER", 1000)
    log.say(HOURS + PAUSE_BETWEEN, "9", ANNA, "RINGNOANSWER", 1000)
    log.enters(at, "1")
    log.lines.sort()
    always = {"services": {"support": {"hours": None}}}
    assert said(log, "callback", always) == [expected]


@pytest.mark.parametrize(
    ("at", "expected"), [(3 * HOURS + 29 * 60, None), (3 * HOURS + 30 * 60, "closing_soon"), (5 * HOURS, "closed")]
)
def test_a_callback_is_offered_only_when_it_can_be_kept(log: QueueLog, at: int, expected: str | None) -> None:
    log.enters(at, "1")
    assert said(log, "callback") == [expected]


def test_a_caller_who_withholds_the_number_may_key_in_another_unless_that_is_off(log: QueueLog) -> None:
    log.enters(0, "1", "anonymous")
    assert said(log, "callback") == [None]
    only_own = {"services": {"support": {"callback": {"offer": {"other_number": False}}}}}
    assert said(log, "callback", only_own) == ["number"]


def test_a_caller_who_could_not_have_been_called_back_at_that_hour_is_not_offered_it(log: QueueLog) -> None:
    log.enters(0, "1")
    assert said(log, "callback", {"numbers": {"call_hours": "20:00-21:00"}}) == ["call_hours"]


def test_handle_times_are_those_of_the_calls_before(log: QueueLog) -> None:
    log.say(0, "NONE", ANNA, "ADDMEMBER", "")
    for number in range(10):
        log.enters(number * 1000, str(number))
        log.talks(number * 1000 + 1, str(number), 700)
    log.say(9800, "90", ANNA, "CONNECT", 1, "1.2", 1)
    log.enters(9801, "50")
    # 700 s and not the configured 4 min, with the one agent busy; still the next in turn.
    assert said(log, "callback")[-1] == "next_in_turn"


# --- surveys -------------------------------------------------------------------------------------

IN_TIME = {"services": {"support": {"survey": {"after": "10m"}}}}


def conversation(log: QueueLog, at: int, call: str, seconds: int = 60, number: str = "0401234567") -> None:
    log.enters(at, call, number)
    log.talks(at + 5, call, seconds)


@pytest.mark.parametrize(("seconds", "expected"), [(9, "min_talk"), (10, None)])
def test_a_caller_who_has_talked_long_enough_is_asked(log: QueueLog, seconds: int, expected: str | None) -> None:
    conversation(log, 0, "1", seconds)
    assert said(log, "survey") == [expected]


def test_a_survey_counts_when_it_would_have_been_sent(log: QueueLog) -> None:
    conversation(log, 55 * 60, "1")
    [asked] = [verdict for verdict in verdicts(log.lines, IN_TIME) if verdict.rule == "survey"]
    assert asked.at.timestamp() == START + 55 * 60 + 5 + 60 + 10 * 60


@pytest.mark.parametrize(("days", "expected"), [(13.9, "quarantine"), (14, None)])
def test_nobody_is_asked_again_within_the_quarantine(log: QueueLog, days: float, expected: str | None) -> None:
    conversation(log, 0, "1")
    conversation(log, int(days * 24 * HOURS), "2", number="+358401234567")
    assert said(log, "survey") == [None, expected]


def test_a_caller_who_calls_again_before_is_asked_about_the_later_call(log: QueueLog) -> None:
    conversation(log, 0, "1")
    conversation(log, 200, "2")
    assert said(log, "survey", IN_TIME) == ["called_again", None]


def test_a_caller_who_is_on_the_line_when_the_question_is_due_is_not_asked_about_the_call_before(log: QueueLog) -> None:
    conversation(log, 0, "1")
    log.enters(600, "2", "0401234567")
    log.hangs_up(700, "2")
    assert said(log, "survey", IN_TIME) == ["called_again"]


def test_the_sample_is_the_same_at_each_run(log: QueueLog) -> None:
    for number in range(60):
        conversation(log, number * 100, str(number), number=f"04012345{number:02}")
    half = {"services": {"support": {"survey": {"sample": 0.5}}}}
    first = said(log, "survey", half)
    assert first == said(log, "survey", half)
    assert 10 < first.count("sample") < 50


# --- services, summary ---------------------------------------------------------------------------

_BILLING = {"queue": "support", "numbers": ["+358912345679"], "name": {"fi": "Laskut"}}
TWO = {"services": {"support": {"numbers": ["+358912345678"]}, "billing": _BILLING}}


def test_the_dialled_number_distinguishes_services_of_one_queue(log: QueueLog) -> None:
    log.enters(0, "1")
    log.say(5, "2", "NONE", "DID", "0912345679")
    log.enters(5, "2")
    assert [verdict.service for verdict in verdicts(log.lines, TWO) if verdict.rule == "call"] == ["support", "billing"]


def test_the_summary_has_a_row_for_each_hour_of_the_week_in_the_service_s_time(log: QueueLog) -> None:
    log.waits(0, "1", "2", "3")
    log.enters(7 * 24 * HOURS, "4")
    log.enters(24 * HOURS + HOURS, "5")
    columns = {"welcome": "welcomed", "callback": "offered", "survey": "asked"}
    summary = Summary("support", settings().services["support"].timezone, columns, ["welcome"])
    for verdict in verdicts(log.lines):
        summary.take(verdict)
    assert list(summary.by_hour()) == [
        {"weekday": "wed", "hour": 12, "calls": 4, "welcomed": 1, "offered": None, "asked": None},
        {"weekday": "thu", "hour": 13, "calls": 1, "welcomed": 0, "offered": None, "asked": None},
    ]
    assert [row["calls"] for row in summary.by_weekday()] == [4, 1]
    assert list(summary.by_reason()) == [
        {"rule": "welcome", "outcome": "welcomed", "calls": 1},
        {"rule": "welcome", "outcome": "few_waiting", "calls": 4},
    ]


def run(folder: Path, *arguments: str | Path) -> Any:
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(merged(shipped(), {}), allow_unicode=True), encoding="utf-8")
    return CliRunner().invoke(main, ["what-if", "-c", str(file), *map(str, arguments)])


def test_the_command_reads_rotated_files_in_any_order_and_counts_what_is_no_entry(
    log: QueueLog, tmp_path: Path
) -> None:
    log.waits(0, "1", "2")
    log.hangs_up(10, "1")
    log.enters(20, "3")
    older, newer = tmp_path / "queue_log.1.gz", tmp_path / "queue_log"
    older.write_bytes(gzip.compress("".join(f"{line}\n" for line in log.lines[:2]).encode()))
    newer.write_bytes(f"nonsense\n\n{log.lines[2]}\n{log.lines[3]}\n".encode() + b"\xff\xfe\n")
    done = run(tmp_path, newer, older, "--service", "support", "--format", "json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == [
        {"weekday": "wed", "hour": 12, "calls": 3, "welcomed": 0, "offered": 3, "asked": 0}
    ]
    assert done.stderr.startswith(f"2 lines are no entries of a queue_log and left out; the first: {newer}:1: ")


def test_the_command_tells_people_how_many_why_not_and_when(log: QueueLog, tmp_path: Path) -> None:
    log.waits(0, "1", "2", "3")
    (tmp_path / "queue_log").write_text(log.text, encoding="utf-8")
    done = run(tmp_path, tmp_path / "queue_log", "--service", "support")
    for expected in ("Calls of support", "few_waiting", "By weekday\n", "wed"):
        assert expected in done.stdout


def test_members_by_two_names_are_reported(log: QueueLog, tmp_path: Path) -> None:
    log.say(0, "NONE", ANNA, "ADDMEMBER", "")
    log.enters(1, "1")
    log.talks(2, "1", 60, member="Anna")
    (tmp_path / "queue_log").write_text(log.text, encoding="utf-8")
    done = run(tmp_path, tmp_path / "queue_log", "--service", "support")
    assert "1 members were added and took no call, 1 took calls and were never added" in done.stderr


@pytest.mark.parametrize(
    ("queue", "service", "code", "complaint"),
    [
        ("support", "suport", 2, "has no such service; it has: support"),
        ("sales", "support", 1, "no call of support (queue support); queues in the log: sales"),
    ],
)
def test_what_cannot_be_answered_is_reported(
    log: QueueLog, tmp_path: Path, queue: str, service: str, code: int, complaint: str
) -> None:
    log.enters(0, "1", queue=queue)
    (tmp_path / "queue_log").write_text(log.text, encoding="utf-8")
    done = run(tmp_path, tmp_path / "queue_log", "--service", service)
    assert done.exit_code == code
    assert complaint in done.stderr
