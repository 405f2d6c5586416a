"""The text that administrators include in Asterisk."""

from __future__ import annotations

from typing import Any

import pytest

from callcentre.telephony.dialplan import Pbx, extensions, fingerprint, major_version, queue_at, queues
from tests.unit.rehearsal import settings

TWO = {"services": {"sales": {"queue": "sales.fi", "name": {"fi": "Myynti"}, "language": "fi"}}}


@pytest.mark.parametrize(
    ("version", "major"),
    [
        ("22", 22),
        ("20.5.1", 20),
        ("22.10.1~dfsg+~cs6.17-1", 22),
        ("Asterisk 21.0.0", 21),
        ("certified/20.7", None),
        ("", None),
        ("twenty", None),
    ],
)
def test_the_major_version_is_found_in_what_asterisk_says_of_itself(version: str, major: int | None) -> None:
    assert major_version(version) == major


@pytest.mark.parametrize(
    ("asterisk", "expected"),
    [
        (20, "Queue(support,,,,,,,,,1)"),
        (21, "Queue(support,,,,,,,,1)"),
        (22, "Queue(support,,,,,,,,1)"),
    ],
)
def test_the_position_argument_moved_when_the_macro_argument_went_away(asterisk: int, expected: str) -> None:
    assert queue_at("support", "1", asterisk) == expected


def _after(text: str, begin: str) -> list[str]:
    """The lines from one that is `begin` on."""
    lines = text.splitlines()
    return lines[lines.index(begin) :]


def test_every_service_has_a_way_in_that_does_not_need_us() -> None:
    text = extensions(settings(TWO), 22)
    for service, queue in (("support", "support"), ("sales", "sales.fi")):
        lines = _after(text, f"exten => {service},1,Set(CALLCENTRE_SERVICE={service})")
        stasis = lines.index(f" same => n,Stasis(callcentre,enter,{service},${{CALLCENTRE_JOINED}},${{QUEUE_PRIO}})")
        assert "CALLCENTRE_LEASE" in lines[stasis - 2]
        assert lines[stasis - 2].endswith("?waiting)")
        assert "TIMEOUT(absolute)=3" in lines[stasis - 1]
        assert lines[stasis + 1 : stasis + 4] == [
            " same => n(waiting),Set(TIMEOUT(absolute)=0)",
            f" same => n,Set(CALLCENTRE_IN={queue})",
            f" same => n,{queue_at(queue, '${CALLCENTRE_POSITION}', 22)}",
        ]


LIMITED = {"services": {"support": {"max_wait": "6m", "queue_options": "tC"}}}


@pytest.mark.parametrize(("asterisk", "commas"), [(20, 5), (22, 4)])
def test_queue_is_given_its_options_and_what_is_left_of_the_longest_wait(asterisk: int, commas: int) -> None:
    lines = _after(extensions(settings(LIMITED), asterisk), " same => n(waiting),Set(TIMEOUT(absolute)=0)")
    assert lines[2:5] == [
        " same => n,ExecIf($[0${CALLCENTRE_MAX} = 0]?Set(CALLCENTRE_MAX=360))",
        " same => n,Gosub(callcentre-left,s,1)",
        f" same => n,Queue(support,tC,,,${{CALLCENTRE_LEFT}}{',' * commas}${{CALLCENTRE_POSITION}})",
    ]


@pytest.mark.parametrize(
    ("pbx", "changes", "entry"),
    [
        ("plain", {"queue_entry": "to-queues,400,begin"}, "to-queues,400,begin"),
        ("freepbx", {"queue": "400"}, "ext-queues,400,1"),
        ("freepbx", {"queue": "400", "queue_entry": "my-way,400,1"}, "my-way,400,1"),
    ],
)
def test_where_the_pbx_has_an_entry_of_its_own_no_queue_is_run_by_us(
    pbx: Pbx, changes: dict[str, str], entry: str
) -> None:
    text = extensions(settings({"services": {"support": changes}}), 22, pbx)
    assert ",Queue(" not in text
    assert text.count(f"Goto({entry})") == 2  # for callers, and for what is in the queue for a customer
    place = text.index("Set(VQ_POSITION=${CALLCENTRE_POSITION})")
    assert place < text.index(f"Goto({entry})")


def test_the_entry_of_the_pbx_gets_what_queue_would_be_given() -> None:
    both = settings({"services": {"support": LIMITED["services"]["support"] | {"queue_entry": "ext-queues,400,1"}}})
    text = extensions(both, 22)
    lines = _after(text, " same => n(waiting),Set(TIMEOUT(absolute)=0)")
    begin, end = lines.index(" same => n,Gosub(callcentre-left,s,1)"), lines.index(" same => n,Goto(ext-queues,400,1)")
    assert {
        " same => n,Set(VQ_MAXWAIT=${CALLCENTRE_LEFT})",
        " same => n,Set(VQ_OPTIONS=tC)",
        " same => n,Set(QPOSITION=)",
    } < set(lines[begin:end])
    assert any("VQ_DEST=callcentre-after^support^1" in line for line in lines[begin:end])
    reserved = _after(text, "[callcentre-reserve]")
    assert {
        " same => n,Set(VQ_AANNOUNCE=callcentre/agent-whisper)",
        " same => n,Set(VQ_MAXWAIT=60)",
        " same => n,Set(VQ_DEST=callcentre-reserve^*^1)",
    } < set(reserved)


def test_one_service_with_an_entry_of_the_pbx_is_enough_for_the_exit_key_of_a_shared_queue() -> None:
    shared = {"queue": "support", "numbers": ["+358912345679"], "name": {"fi": "Myynti"}, "language": "fi"}
    both = settings({"services": {"sales": {**shared, "queue_entry": "ext-queues,400,1"}}})
    lines = _after(extensions(both, 22), "[callcentre-exit-support]")
    assert " same => n,Set(VQ_MOH=${QMOH})" in lines[: lines.index("exten => T,1,Goto(*,waiting)")]


def test_the_exit_key_leads_back_by_the_entry_of_the_pbx_with_what_that_was_given() -> None:
    lines = _after(extensions(settings(), 22, "freepbx"), "[callcentre-exit-support]")
    begin = lines.index(" same => n(waiting),Set(TIMEOUT(absolute)=0)")
    end = lines.index(" same => n,Goto(callcentre-queue,${CALLCENTRE_SERVICE},waiting)")
    assert [line.partition("?")[2] or line for line in lines[begin + 1 : end]] == [
        "Set(CALLCENTRE_MAX=${QMAXWAIT}))",
        "Set(CALLCENTRE_SINCE=${QUEUEJOINTIME}))",
        " same => n,Set(VQ_OPTIONS=${QOPTIONS})",
        " same => n,Set(VQ_AANNOUNCE=${QAANNOUNCE})",
        " same => n,Set(VQ_MOH=${QMOH})",
        " same => n,Set(VQ_JOINMSG=0)",
    ]


@pytest.mark.parametrize(
    ("setting", "found", "kept"),
    [
        (None, {}, None),
        (None, {"support": "ivr-1"}, "ivr-1"),
        ("ivr-2", {}, "ivr-2"),
        ("ivr-2", {"support": "ivr-1"}, "ivr-2"),
        (None, {"other": "ivr-1"}, None),
    ],
)
def test_the_keys_of_the_exit_context_that_a_queue_had_before_stay(
    setting: str | None, found: dict[str, str], kept: str | None
) -> None:
    text = extensions(settings({"services": {"support": {"exit_context": setting}}}), 22, exits=found)
    following = _after(text, "[callcentre-exit-support]")[1]
    assert following == (f"include => {kept}" if kept else "exten => *,1,Set(CALLCENTRE_LAST=${CDR(lastdata)})")


def test_the_text_is_marked_with_its_version() -> None:
    assert "\n[callcentre-version]\nexten => 2,1,Hangup()\n" in extensions(settings(TWO), 22)


def test_a_caller_whom_nobody_gave_a_place_enters_as_the_last() -> None:
    lines = extensions(settings(TWO), 22).splitlines()
    for service in ("support", "sales"):
        begin = lines.index(f"exten => {service},1,Set(CALLCENTRE_SERVICE={service})")
        assert lines[begin + 1] == " same => n,Set(CALLCENTRE_POSITION=)"


@pytest.mark.parametrize(("asterisk", "last"), [(20, 9), (22, 8)])
def test_the_exit_key_leads_back_to_the_place_the_caller_had_with_us_or_without(asterisk: int, last: int) -> None:
    exits = extensions(settings(TWO), asterisk).partition("[callcentre-exit-sales.fi]\n")[2]
    lines = exits.partition("\n[")[0].splitlines()
    assert lines[1] == " same => n,Set(CALLCENTRE_POSITION=${QUEUEPOSITION})"
    stasis = next(number for number, line in enumerate(lines) if "Stasis(" in line)
    assert lines[stasis - 2].endswith("?waiting)")
    assert lines[stasis : stasis + 3] == [
        " same => n,Stasis(callcentre,exit,sales.fi,${CALLCENTRE_SERVICE},${CALLCENTRE_JOINED})",
        " same => n(waiting),Set(TIMEOUT(absolute)=0)",
        ' same => n,GotoIf($["${CALLCENTRE_IN}" = "sales.fi"]?callcentre-queue,${CALLCENTRE_SERVICE},waiting)',
    ]
    (again,) = (line for line in lines if "Queue(sales.fi" in line)
    given = [f"${{CUT(CALLCENTRE_QUEUED,\\,,{place})}}" for place in (2, 3, 4, *range(6, last + 1))]
    expected = ["sales.fi", *given[:3], "${CALLCENTRE_LEFT}", *given[3:], "${CALLCENTRE_POSITION}"]
    assert again == f" same => n,Queue({','.join(expected)})"
    assert "exten => T,1,Goto(*,waiting)" in lines


def test_a_customer_whom_we_call_reaches_the_queue_only_after_accepting_and_is_never_held_for_good() -> None:
    lines = extensions(settings(TWO), 22).partition("[callcentre-callback]\n")[2].splitlines()
    assert lines[0] == "exten => answered,1,Set(TIMEOUT(absolute)=3)"
    assert lines[1] == " same => n,Stasis(callcentre,callback,${CALLCENTRE_CALLBACK})"
    assert lines[3] == (
        ' same => n,GotoIf($["${CALLCENTRE_ACCEPTED}" = "yes"]?callcentre-queue,${CALLCENTRE_SERVICE},waiting)'
    )
    assert lines[4:6] == [" same => n,Playback(callcentre/call-later)", " same => n,Hangup()"]
    assert lines[6] == "exten => T,1,Goto(answered,onwards)"


def test_an_agent_who_is_reserved_comes_to_us_and_is_never_held_for_good() -> None:
    lines = extensions(settings(TWO), 22).partition("[callcentre-agent]\n")[2].splitlines()
    assert lines[:4] == [
        "exten => answered,1,Set(TIMEOUT(absolute)=3)",
        " same => n,Stasis(callcentre,agent,${CALLCENTRE_CALLBACK})",
        " same => n,Hangup()",
        "exten => T,1,Hangup()",
    ]


@pytest.mark.parametrize(("asterisk", "commas"), [(20, 5), (22, 4)])
def test_a_reservation_waits_in_its_queue_as_the_customer_and_not_for_ever(asterisk: int, commas: int) -> None:
    lines = extensions(settings(TWO), asterisk).partition("[callcentre-reserve]\n")[2].splitlines()
    begin = lines.index("exten => sales,1,Set(CALLCENTRE_SERVICE=sales)")
    assert lines[begin + 1 : begin + 3] == [
        " same => n,Set(CALLERID(num)=${CALLCENTRE_NUMBER})",
        " same => n,Set(CALLERID(name)=${CALLCENTRE_NAME})",
    ]
    assert lines[begin + 4 : begin + 7] == [
        " same => n,QueueLog(sales.fi,${UNIQUEID},NONE,CALLCENTRE_RESERVATION,sales)",
        f" same => n,Queue(sales.fi,,,callcentre/agent-whisper,60{',' * commas}${{CALLCENTRE_POSITION}})",
        " same => n,Hangup()",
    ]


def test_a_customer_whom_the_auto_agent_calls_is_never_held_for_good_and_hears_why_when_we_are_dead() -> None:
    lines = extensions(settings(TWO), 22).partition("[callcentre-notice]\n")[2].splitlines()
    assert lines[:2] == [
        "exten => answered,1,Set(TIMEOUT(absolute)=3)",
        " same => n,Stasis(callcentre,notice,${CALLCENTRE_CALLBACK})",
    ]
    assert lines[3:6] == [
        " same => n,Playback(callcentre/call-later)",
        " same => n,Hangup()",
        "exten => T,1,Goto(answered,onwards)",
    ]


@pytest.mark.parametrize(("callback", "announced"), [({}, "press-star"), (None, "please-wait")])
def test_the_exit_key_is_announced_only_where_there_is_something_to_choose(
    callback: dict[str, Any] | None, announced: str
) -> None:
    lines = queues(settings({"services": {"support": {"callback": callback}}})).splitlines()
    assert f"periodic-announce=callcentre/{announced}" in lines


def test_each_queue_has_its_options_and_its_exit_once() -> None:
    both = settings(TWO | {"services": TWO["services"] | {"vip": {"queue": "support", "name": {"fi": "VIP"}}}})
    text = queues(both)
    assert [line for line in text.splitlines() if line.startswith("[")] == ["[support]", "[sales.fi]"]
    for option in ("setinterfacevar=yes", "setqueueentryvar=yes", "ringinuse=no", "context=callcentre-exit-support"):
        assert option in text
    assert extensions(both, 22).count("[callcentre-exit-support]") == 1


def test_queue_options_are_added_to_a_section_and_harm_nobody_when_it_is_gone() -> None:
    text = queues(settings(TWO), added=True, among=["sales.fi"])
    lines = [line for line in text.splitlines() if not line.startswith(";")]
    assert lines[:4] == ["", "[sales.fi](!)", "[sales.fi](+TEMPLATES=include)", "setinterfacevar=yes"]
    assert "[support]" not in text
    assert [line for line in queues(settings(TWO), added=True).splitlines() if "(!)" in line] == [
        "[support](!)", "[sales.fi](!)",
    ]  # fmt: skip


def test_a_number_that_is_withheld_is_dropped_also_where_freepbx_keeps_the_presentation() -> None:
    (line,) = [line for line in extensions(settings({}), 22).splitlines() if "CALLERID(all)=" in line]
    for variable in ("CALLERID(num-pres)", "CALLINGNUMPRES_SV"):
        assert f'"${{{variable}:0:6}}" = "prohib"' in line
        assert f'"${{{variable}}}" = "unavailable"' in line


def test_the_language_of_a_service_is_set_only_where_nobody_chose_one() -> None:
    lines = extensions(settings(TWO), 22).splitlines()
    begin = lines.index("exten => sales,1,Set(CALLCENTRE_SERVICE=sales)")
    entry = lines[begin : lines.index(" same => n,Hangup()", begin)]
    assert " same => n,Set(CALLCENTRE_SERVICE_LANGUAGE=fi)" in entry
    assert not any("CHANNEL(language)" in line for line in entry)
    decided = "\n".join(lines).partition("[callcentre-language]\n")[2].partition("\n[")[0]
    # ExecIf evaluates all of its arguments: an error in the log for every channel that is not PJSIP.
    assert "ExecIf" not in decided


def test_the_text_says_which_text_it_is_so_that_it_is_distinguished_from_another() -> None:
    here = settings()
    printed = fingerprint(here, 22)
    assert f"exten => {printed},1,Hangup()" in extensions(here, 22, exits={"support": "ivr-1"}).splitlines()
    assert fingerprint(here, 21) == printed, "from 21 on the text is the same"
    others = [
        fingerprint(here, 20), fingerprint(here, 22, "freepbx"), fingerprint(settings(TWO), 22),
        fingerprint(settings({"services": {"support": {"max_wait": "10m"}}}), 22),
        fingerprint(settings({"ari": {"app": "other"}}), 22),
    ]  # fmt: skip
    assert len({printed, *others}) == len(others) + 1
    entry = {"services": {name: {"queue_entry": f"ext-queues,{one.queue},1"} for name, one in here.services.items()}}
    assert fingerprint(settings(entry), 22) == fingerprint(here, 22, "freepbx"), "both print the same"


def test_the_exit_key_of_a_queue_forgets_the_service_of_an_earlier_queue() -> None:
    exits = extensions(settings(TWO), 22).partition("[callcentre-exit-sales.fi]\n")[2].partition("\n[")[0]
    assert '"${CALLCENTRE_SERVICE}" != "sales"]?Set(CALLCENTRE_SERVICE=sales))' in exits
