"""Lines of a queue_log: what each event says of the caller, known or not."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from callcentre.cli.main import main
from callcentre.what_if.queue_log import MEANINGS, Entry, NoEntry, read
from tests.cast import ANNA, BO
from tests.testbed.configuration import shipped
from tests.unit.what_if.queue_logs import START, QueueLog, said, verdicts


@pytest.fixture
def log() -> QueueLog:
    return QueueLog()


# --- lines ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "talk"),
    [
        ("1366720340|1366720340.303267|MYQUEUE|SIP/8007|RINGNOANSWER|1000", None),
        ("1366720340|1.2|q|SIP/1|COMPLETEAGENT|4|61|1", 61.0),
        ("1366720340|1.2|q|SIP/1|COMPLETECALLER|4|0|1", 0.0),
        ("1366720340|1.2|q|SIP/1|BLINDTRANSFER|200|default|4|33|1", 33.0),
        ("1366720340|1.2|q|SIP/1|COMPLETEAGENT|4|62", 62.0),
        ("1366720340|1.2|q|SIP/1|BLINDTRANSFER|20|0|default|4|33|1", 33.0),
        ("1366720340|1.2|q|SIP/1|TRANSFER|200|default|4|33|1", 33.0),
        ("1366720340|1.2|q|SIP/1|TRANSFER|200|default|4|33", 33.0),
        ("1366720340|1.2|q|SIP/1|TRANSFER|200|default", None),
        ("1366720340|1.2|q|SIP/1|ATTENDEDTRANSFER|BRIDGE|x|4|34|1", 34.0),
        ("1366720340|1.2|q|SIP/1|ATTENDEDTRANSFER|APP|Queue|4|35|1", 35.0),
        ("1366720340|1.2|q|SIP/1|ATTENDEDTRANSFER|LINK|SIP/2-1|SIP/3-1|4|36|1", 36.0),
        ("1366720340.25|1.2|q|NONE|ABANDON|1|1|9\r", None),
        ("1366720340|NONE|NONE|NONE|QUEUESTART|", None),
        ("1366720340|1.2|q|NONE|SOMETHING_NEW", None),
    ],
)
def test_a_line_is_read_with_the_length_of_its_conversation(line: str, talk: float | None) -> None:
    entry = read(f"{line}\n".encode())
    assert entry.at == float(line.partition("|")[0])
    assert entry.event in line
    assert entry.talk == talk


@pytest.mark.parametrize(
    ("data", "number"),
    [
        ("|0401234567", "0401234567"),
        ("|0401234567|1", "0401234567"),
        ("|0401234567|12|Anna", "0401234567"),
        ("|0401234567|12|", "0401234567"),
        ("|0401234567|12|3", "0401234567"),
        ("||1", ""),
        ("||1|Anna", ""),
        ("http://crm/a|b|0401234567|1", "0401234567"),
        ("http://crm/a|b|0401234567|1|Anna", "0401234567"),
        ("http://crm/a|b||1", ""),
        ("|a|b|c|d", "a"),
    ],
)
def test_the_number_of_a_caller_is_found_with_a_name_and_with_a_bar_in_the_address(data: str, number: str) -> None:
    assert read(f"1366720340|1.2|q|NONE|ENTERQUEUE|{data}\n".encode()).number == number


@pytest.mark.parametrize(
    "line",
    [
        "",
        "1366720340|1.2|q|SIP/1",
        "yesterday|1.2|q|NONE|ABANDON|1|1|9",
        "-1|1.2|q|NONE|ABANDON|1|1|9",
        "1e300|1.2|q|NONE|ABANDON|1|1|9",
        "١٣٦٦|1.2|q|NONE|ABANDON|1|1|9",
        "99999999999999|1.2|q|NONE|ABANDON|1|1|9",
        "1366720340|1.2|q|NONE|",
        "1366720340|1.2|q|NONE|ENTERQUEUE|",
        "1366720340|1.2|q|SIP/1|COMPLETEAGENT|4",
        "1366720340|1.2|q|SIP/1|COMPLETEAGENT|4|long|1",
    ],
)
def test_what_is_no_line_of_a_queue_log_is_recognised(line: str) -> None:
    with pytest.raises(NoEntry):
        read(line.encode())


EVENTS = (
    "ENTERQUEUE", "CONNECT", "COMPLETEAGENT", "BLINDTRANSFER", "ABANDON", "EXITWITHKEY", "DID", "ADDMEMBER",
    "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL", "QUEUESTART", "RINGNOANSWER", "AGENTDUMP", "WITHDRAW",
    "AGENTLOGIN", "AGENTLOGOFF", "CALLCENTRE_RESERVATION", "NEW",
)  # fmt: skip
FIELD = st.one_of(st.text(max_size=6), st.integers(-5, 10**12).map(str))
LINES = st.builds(
    lambda at, rest: "|".join([at, *rest]).encode("utf-8", "surrogatepass"),
    st.one_of(st.integers(0, 10**11).map(str), FIELD),
    st.lists(st.one_of(FIELD, st.sampled_from(EVENTS)), max_size=9),
)


@given(st.one_of(st.binary(max_size=80), LINES))
def test_reading_a_line_raises_nothing_but_its_own_error(line: bytes) -> None:
    with suppress(NoEntry):
        assert isinstance(read(line), Entry)


ENTRIES = st.builds(
    lambda at, call, queue, member, event, data: f"{START + at}|{call}|{queue}|{member}|{event}|{'|'.join(data)}",
    st.integers(0, 400_000),
    st.sampled_from(["1.1", "1.2", "1.3", "NONE"]),
    st.sampled_from(["support", "sales", "NONE"]),
    st.sampled_from(["PJSIP/a", "PJSIP/b", "NONE"]),
    st.sampled_from(EVENTS),
    st.lists(st.sampled_from(["0401234567", "12", "60", ""]), min_size=4, max_size=5),
)


def _readable(line: str) -> bool:
    try:
        return bool(read(line.encode()))
    except NoEntry:
        return False


@given(st.lists(ENTRIES.filter(_readable), max_size=40))
def test_whatever_a_log_tells_each_call_is_judged_by_each_rule_once_at_most(lines: list[str]) -> None:
    found = verdicts(lines)
    calls = [verdict for verdict in found if verdict.rule == "call"]
    for part in ("welcome", "callback"):
        assert sum(verdict.rule == part for verdict in found) == len(calls)
    assert sum(verdict.rule == "survey" for verdict in found) <= sum("ENTERQUEUE" in line for line in lines)


# --- what an event says of the caller ------------------------------------------------------------

TALK = ["COMPLETEAGENT|5|60|1", "COMPLETECALLER|5|60|1", "COMPLETECALLER|5|60", "BLINDTRANSFER|200|default|5|60|1",
        "TRANSFER|200|default|5|60|1", "TRANSFER|200|default",
        "ATTENDEDTRANSFER|BRIDGE|b|5|60|1", "ATTENDEDTRANSFER|APP|Queue|5|60|1",
        "ATTENDEDTRANSFER|LINK|SIP/2-1|SIP/3-1|5|60|1"]  # fmt: skip
GONE = ["ABANDON|1|1|9", "EXITEMPTY|1|1|9", "EXITWITHKEY|*|1|1|9", "EXITWITHTIMEOUT|1|1|9", "WITHDRAW|1|1|9|moved",
        "WITHDRAW|1|1|9|", "SYSCOMPAT|"]  # fmt: skip
STAYS = ["AGENTDUMP|", "RINGNOANSWER|10000", "RINGNOANSWER|0", "RINGCANCELED|512", "DID|358912345678", "INFO|x|y",
         "ADDMEMBER|", "ADDMEMBER|PAUSED", "REMOVEMEMBER|", "PAUSE|lunch", "PAUSE|Auto-Pause", "UNPAUSE|",
         "UNPAUSE|Auto-Unpause", "PAUSEALL|", "UNPAUSEALL|", "PENALTY|5", "RINGINUSE|1", "AGENTLOGIN|SIP/1-1",
         "AGENTLOGOFF|SIP/1-1|60", "AGENTCALLBACKLOGIN|201@agents", "AGENTCALLBACKLOGOFF|201@agents|60|",
         "CONFIGRELOAD|", "OUTCALL|ANSWER|60|x"]  # fmt: skip


def test_the_table_of_events_has_those_of_asterisk_and_nothing_is_left_untried() -> None:
    tried = {line.partition("|")[0] for line in [*TALK, *GONE, *STAYS]}
    assert tried | {"ENTERQUEUE", "CONNECT", "QUEUESTART", "CALLCENTRE_RESERVATION"} == set(MEANINGS)


@pytest.mark.parametrize(
    ("event", "waits"), [*((event, False) for event in [*TALK, *GONE]), *((event, True) for event in STAYS)]
)
def test_a_caller_who_waits_after_an_event_counts_for_the_next_caller(log: QueueLog, event: str, waits: bool) -> None:
    log.waits(0, "1", "2")
    if event in TALK:
        log.say(10, "2", ANNA, "CONNECT", 5, "1.2", 3)
    name, *data = event.split("|")
    log.say(20, "2", ANNA, name, *data)
    log.enters(30, "3")
    three = {"services": {"support": {"welcome": {"min_waiting": "3"}}}}
    assert said(log, "welcome", three)[-1] == (None if waits else "few_waiting")
    assert len(said(log, "survey")) == (event in TALK)


def test_an_agent_who_hangs_up_during_the_announcement_leaves_the_caller_to_others(log: QueueLog) -> None:
    log.enters(0, "1")
    for at in (9, 15):
        log.say(at, "1", ANNA, "AGENTDUMP", "")
    log.talks(20, "1", 300)
    assert said(log, "survey") == [None]


def test_a_caller_who_was_taken_out_of_the_queue_does_not_wait_any_more(log: QueueLog) -> None:
    for call in ("1", "2", "3"):
        log.enters(10 * int(call), call)
        log.say(10 * int(call) + 5, call, "NONE", "WITHDRAW", 1, 1, 5, "moved")
    two = {"services": {"support": {"welcome": {"min_waiting": "2"}}}}
    assert said(log, "welcome", two) == ["few_waiting"] * 3


@pytest.mark.parametrize(
    ("sign", "waits"),
    [
        ("the same number calls anew", False),
        ("the same call in another queue", False),
        ("another number calls", True),
        ("nothing", True),
    ],
)
def test_a_caller_who_had_an_unknown_event_waits_no_longer_than_to_the_next_sign_of_them(
    log: QueueLog, sign: str, waits: bool
) -> None:
    log.enters(0, "1", "0401112222")
    log.say(10, "1", "NONE", "VANISHED", 1)
    match sign:
        case "the same number calls anew":
            log.enters(20, "2", "0401112222")
            log.hangs_up(21, "2")
        case "another number calls":
            log.enters(20, "2", "0403334444")
            log.hangs_up(21, "2")
        case "the same call in another queue":
            log.say(20, "1", "NONE", "VANISHED", 1, queue="sales")
        case _:
            pass
    log.enters(30, "3")
    two = {"services": {"support": {"welcome": {"min_waiting": "2"}}}}
    assert said(log, "welcome", two)[-1] == (None if waits else "few_waiting")


def test_a_number_that_has_two_calls_is_twice_in_the_queue_as_long_as_all_events_are_known(log: QueueLog) -> None:
    log.enters(0, "1", "0401112222")
    log.enters(1, "2", "0401112222")
    log.enters(2, "3")
    three = {"services": {"support": {"welcome": {"min_waiting": "3"}}}}
    assert said(log, "welcome", three)[-1] is None


@pytest.mark.parametrize("sign", ["AGENTDUMP|", "RINGNOANSWER|5000"])
def test_a_caller_who_had_an_unknown_event_and_is_seen_to_wait_does_so(log: QueueLog, sign: str) -> None:
    name, *data = sign.split("|")
    log.enters(0, "1", "0401112222")
    log.say(10, "1", "NONE", "VANISHED", 1)
    log.say(15, "1", ANNA, name, *data)
    log.enters(20, "2", "0401112222")
    log.enters(30, "3")
    three = {"services": {"support": {"welcome": {"min_waiting": "3"}}}}
    assert said(log, "welcome", three)[-1] is None


def test_all_calls_of_a_number_that_had_an_unknown_event_are_over_when_it_calls_anew(log: QueueLog) -> None:
    for call in ("1", "2"):
        log.enters(0, call, "0401112222")
    for call in ("1", "2"):
        log.say(10, call, "NONE", "VANISHED", 1)
    log.enters(20, "3", "0401112222")
    log.hangs_up(21, "3")
    log.enters(30, "4")
    two = {"services": {"support": {"welcome": {"min_waiting": "2"}}}}
    assert said(log, "welcome", two)[-1] == "few_waiting"


@pytest.mark.parametrize("at", [2, 10])
def test_an_event_of_somebody_s_own_loses_no_conversation(log: QueueLog, at: int) -> None:
    log.enters(0, "1", "0401112222")
    log.say(5, "1", ANNA, "CONNECT", 5, "1.2", 3)
    log.say(at, "1", ANNA, "WRAPUP_CODE", 7)
    log.lines.sort()
    log.enters(20, "2", "0401112222")
    log.hangs_up(21, "2")
    log.say(65, "1", ANNA, "COMPLETEAGENT", 5, 60, 1)
    assert said(log, "survey") == [None]


@pytest.mark.parametrize(("agent", "expected"), [(ANNA, [None]), ("PJSIP/agent2", ["called_again"])])
def test_a_conversation_with_an_unknown_event_is_over_when_the_agent_takes_another_call(
    log: QueueLog, agent: str, expected: list[str | None]
) -> None:
    log.enters(0, "1", "0401112222")
    log.say(5, "1", ANNA, "CONNECT", 5, "1.2", 3)
    log.say(60, "1", ANNA, "VANISHED", 1)
    log.enters(70, "2", "0401112222")
    log.talks(71, "2", 60, member=agent)
    assert said(log, "survey", {"services": {"support": {"survey": {"after": "10m"}}}}) == expected


def test_a_conversation_with_an_unknown_event_is_over_when_the_agent_answers_for_a_customer(log: QueueLog) -> None:
    log.enters(0, "1", "0401112222")
    log.say(5, "1", ANNA, "CONNECT", 5, "1.2", 3)
    log.say(60, "1", ANNA, "VANISHED", 1)
    log.say(65, "9", "NONE", "CALLCENTRE_RESERVATION", "support")
    log.enters(65, "9", "0405556666")
    log.say(66, "9", ANNA, "CONNECT", 5, "1.2", 3)
    log.enters(70, "2", "0401112222")
    log.talks(71, "2", 60, member=BO)
    assert said(log, "survey", {"services": {"support": {"survey": {"after": "10m"}}}}) == [None]


def test_an_unknown_event_before_the_conversation_says_nothing_of_it(log: QueueLog) -> None:
    log.waits(0, "1", "2")
    log.say(2, "1", "NONE", "VANISHED", 1)
    log.say(5, "1", ANNA, "CONNECT", 5, "1.2", 3)
    # With ringinuse=yes an agent may have two calls.
    log.talks(10, "2", 20)
    log.say(65, "1", ANNA, "COMPLETECALLER", 5, 60, 1)
    assert said(log, "survey") == [None, None]


# --- which call an event is about ----------------------------------------------------------------


def test_a_conversation_ends_though_another_channel_has_taken_the_place_of_the_caller_s(log: QueueLog) -> None:
    log.say(0, "NONE", ANNA, "ADDMEMBER", "")
    log.enters(0, "1")
    log.say(5, "1", ANNA, "CONNECT", 5, "1.2", 3)
    log.say(65, "77.7", ANNA, "COMPLETECALLER", 5, 60, 1)
    log.enters(70, "2")
    assert said(log, "survey") == [None]
    assert said(log, "callback") == ["short_wait", "short_wait"]


def test_the_end_of_a_call_from_before_the_log_is_no_end_of_another(log: QueueLog) -> None:
    log.enters(0, "1")
    log.say(5, "1", ANNA, "CONNECT", 5, "1.2", 3)
    log.say(6, "55.5", ANNA, "CONNECT", 5, "55.6", 3)
    log.say(20, "55.5", ANNA, "COMPLETECALLER", 5, 14, 1)
    log.say(65, "1", ANNA, "COMPLETECALLER", 5, 60, 1)
    assert said(log, "survey") == [None]


def test_the_end_of_another_call_does_not_end_one_that_waits_again(log: QueueLog) -> None:
    log.enters(0, "1")
    log.say(5, "1", ANNA, "CONNECT", 5, "1.2", 3)
    log.say(25, "1", ANNA, "BLINDTRANSFER", 200, "default", 5, 20, 1)
    log.enters(26, "1")
    log.say(30, "55.5", ANNA, "COMPLETECALLER", 5, 60, 1)
    log.enters(31, "2")
    two = {"services": {"support": {"welcome": {"min_waiting": "2"}}}}
    assert said(log, "welcome", two)[-1] is None
    assert len(said(log, "survey")) == 1


def test_a_transfer_whose_entry_has_no_length_counts_from_the_agent_s_answer(log: QueueLog) -> None:
    log.enters(0, "1")
    log.say(5, "1", ANNA, "CONNECT", 5)
    log.say(65, "1", ANNA, "TRANSFER", 200, "default")
    long_enough = {"services": {"support": {"survey": {"min_talk": "60s"}}}}
    too_short = {"services": {"support": {"survey": {"min_talk": "61s"}}}}
    assert said(log, "survey", long_enough) == [None]
    assert said(log, "survey", too_short) == ["min_talk"]


@pytest.mark.parametrize(
    ("end", "calls"),
    [
        ("BLINDTRANSFER|200|default|5|60|1", 1),
        ("ATTENDEDTRANSFER|APP|Queue|5|60|1", 1),
        ("COMPLETEAGENT|5|60|1", 1),
        ("EXITWITHTIMEOUT|1|1|9", 1),
    ],
)
def test_a_caller_who_is_transferred_into_the_queue_again_is_one_call(log: QueueLog, end: str, calls: int) -> None:
    name, *data = end.split("|")
    log.enters(0, "1")
    log.say(65, "1", ANNA, name, *data)
    log.enters(66, "1")
    assert len(said(log, "call")) == calls


def test_syscompat_takes_the_caller_out_once_though_abandon_follows(log: QueueLog) -> None:
    log.enters(0, "1")
    log.say(5, "1", ANNA, "SYSCOMPAT", "")
    log.say(5, "1", "NONE", "ABANDON", 1, 1, 5)
    log.enters(6, "2")
    two = {"services": {"support": {"welcome": {"min_waiting": "2"}}}}
    assert said(log, "welcome", two) == ["few_waiting", "few_waiting"]


def test_a_channel_that_waits_in_the_queue_for_a_customer_is_no_caller(log: QueueLog) -> None:
    log.say(0, "1", "NONE", "CALLCENTRE_RESERVATION", "support")
    log.enters(0, "1")
    log.talks(5, "1", 60)
    log.enters(6, "2")
    two = {"services": {"support": {"welcome": {"min_waiting": "2"}}}}
    assert said(log, "welcome", two) == ["few_waiting"]
    assert said(log, "survey") == []


# --- the summary ---------------------------------------------------------------------------------


def test_unknown_events_are_named_once_each(log: QueueLog, tmp_path: Path) -> None:
    log.enters(0, "1")
    log.say(1, "1", "NONE", "VANISHED", 1)
    log.say(2, "1", "NONE", "VANISHED", 1)
    log.say(3, "1", "NONE", "ZAPPED\x1b[2J", 1)
    file, configuration = tmp_path / "queue_log", tmp_path / "config.yaml"
    file.write_text(log.text, encoding="utf-8")
    configuration.write_text(yaml.safe_dump(shipped(), allow_unicode=True), encoding="utf-8")
    ran = CliRunner().invoke(main, ["what-if", str(file), "-c", str(configuration), "--service", "support"])
    assert ran.exit_code == 0, ran.output
    assert '"VANISHED" (2)' in ran.stderr
    assert ran.stderr.count("ZAPPED") == 1
    assert "\x1b" not in ran.stderr
