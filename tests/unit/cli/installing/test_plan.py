"""What is planned for the files of a PBX; that Asterisk takes it is shown in the acceptance tests."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from callcentre.cli.installing import blocks
from callcentre.cli.installing import plan as planning
from callcentre.cli.installing.plan import Plan, digest
from callcentre.cli.installing.show import printable, shown
from callcentre.cli.installing.syntax import read
from callcentre.cli.installing.unit import unit_text
from callcentre.telephony import dialplan
from callcentre.telephony.dialplan import Pbx
from tests.testbed.freepbx import FILES
from tests.unit.cli.installing.disk import ETC, Texts
from tests.unit.rehearsal import settings

PLAIN = {
    "asterisk.conf": "",
    "extensions.conf": "[general]\nstatic=yes\n[from-trunk]\nexten => 1,1,NoOp()\n",
    "queues.conf": "[general]\n[support]\nstrategy=ringall\n",
}
FREEPBX = {
    **FILES,
    "extensions_additional.conf": "[ext-queues]\nexten => 400,1,Queue(400)\n[ivr-1]\nexten => 2,1,Hangup()\n",
    "queues_additional.conf": "[400]\ncontext=ivr-1\n[401]\ncontext=\n",
    "ari.conf": "[general]\n#include ari_additional.conf\n#include ari_additional_custom.conf\n",
    "ari_additional.conf": "[freepbxuser]\npassword=x\n",
    "ari_additional_custom.conf": "",
}
QUEUE_400 = {"services": {"support": {"queue": "400"}}}


def planned(
    files: Mapping[str, str],
    pbx: Pbx = "plain",
    changes: Mapping[str, Any] | None = None,
    *,
    ours: Mapping[str, str | None] | None = None,
    ari_user: bool = False,
) -> Plan:
    return planning.plan_configuration(
        settings(changes), 22, pbx, ETC, Texts(files), ours=ours or {}, ari_user=ari_user
    )


def written(files: Mapping[str, str], plan: Plan) -> dict[str, str]:
    """The files after the plan."""
    assert not plan.problems
    after = dict(files)
    for change in plan.changes:
        assert change.after is not None
        after[change.path.removeprefix(f"{ETC}/")] = change.after.decode("utf-8", "surrogateescape")
    return after


def changed(plan: Plan) -> set[str]:
    return {change.path.removeprefix(f"{ETC}/") for change in plan.changes}


def test_beside_files_written_by_hand_ours_come_and_are_included_once() -> None:
    plan = planned(PLAIN)
    assert changed(plan) == {"callcentre.conf", "callcentre-queues.conf", "extensions.conf", "queues.conf"}
    after = written(PLAIN, plan)
    assert after["callcentre.conf"] == dialplan.extensions(settings(), 22)
    assert after["extensions.conf"] == PLAIN["extensions.conf"] + blocks.block("#include callcentre.conf")
    assert after["queues.conf"] == PLAIN["queues.conf"] + blocks.block("#include callcentre-queues.conf")
    section = read("queues.conf", Texts(after)).section("support")
    assert section is not None
    assert [(one.name, one.value) for one in section.options][:5] == [
        ("strategy", "ringall"), ("setinterfacevar", "yes"), ("setqueueentryvar", "yes"), ("ringinuse", "no"),
        ("context", "callcentre-exit-support"),
    ]  # fmt: skip
    assert plan.commands == [("asterisk", "dialplan reload"), ("asterisk", "queue reload all")]


def test_into_freepbx_only_custom_files_are_written() -> None:
    plan = planned(FREEPBX, "freepbx", QUEUE_400)
    assert changed(plan) == {"callcentre.conf", "extensions_custom.conf", "queues_post_custom.conf"}
    after = written(FREEPBX, plan)
    assert after["callcentre.conf"] == dialplan.extensions(settings(QUEUE_400), 22, "freepbx", {"400": "ivr-1"})
    assert after["extensions_custom.conf"].startswith(FREEPBX["extensions_custom.conf"])
    assert read("extensions.conf", Texts(after)).section("callcentre-queue") is not None


@pytest.mark.parametrize(("files", "pbx", "changes"), [(PLAIN, "plain", {}), (FREEPBX, "freepbx", QUEUE_400)])
def test_a_second_time_there_is_nothing_to_write(
    files: Mapping[str, str], pbx: Pbx, changes: Mapping[str, Any]
) -> None:
    after = written(files, planned(files, pbx, changes, ari_user=True))
    again = planned(after, pbx, changes, ari_user=True)
    assert (again.changes, again.commands, again.problems) == ([], [], [])
    # Who does not ask for ARI's user again keeps it.
    assert not planned(after, pbx, changes).changes


def test_when_a_queue_is_gone_its_lines_go_and_the_rest_around_stays() -> None:
    changes = {"services": {"support": {"queue": "400"}, "sales": {"queue": "401", "name": {"fi": "Myynti"}}}}
    mine = FREEPBX | {"queues_post_custom.conf": "; mine\n[401](+)\nmaxlen=1\n"}
    after = written(mine, planned(mine, "freepbx", changes))
    after["queues_additional.conf"] = "[400]\n"
    after["queues_post_custom.conf"] = after["queues_post_custom.conf"].replace("[401](+)\nmaxlen=1\n", "") + "; end\n"
    # Even before the next install Asterisk goes on taking all of queues.conf.
    assert not read("queues.conf", Texts(after)).troubles
    plan = planned(after, "freepbx", changes)
    assert any("queue 401: has no section" in note for note in plan.notes)
    text = written(after, plan)["queues_post_custom.conf"]
    assert text.startswith("; mine\n; callcentre begin")
    assert text.endswith("; callcentre end\n; end\n")
    assert "[401]" not in text


# --- exit contexts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("queues", "kept"),
    [
        ("[support]\ncontext=ivr-1\n", "ivr-1"),
        ("[t](!)\ncontext=ivr-1\n[support](t)\n", "ivr-1"),
        ("[support]\n[support](+)\ncontext=ivr-1\n", "ivr-1"),
        ("[support]\n#include more.conf\n", "ivr-1"),
        ("[support]\ncontext=ivr-1\ncontext=\n", None),
        ("[support]\ncontext=ivr-1\ncontext=callcentre-exit-support\n", "ivr-1"),
        ("[support]\ncontext=callcentre-exit-support\n", None),
        ("[t](!)\ncontext=ivr-1\n[support]\n", None),
        (";[support]\n[support]\n;context=ivr-1\n", None),
    ],
)
def test_the_exit_context_that_a_queue_has_is_kept_and_reported(queues: str, kept: str | None) -> None:
    files = PLAIN | {"queues.conf": queues, "more.conf": "context=ivr-1\n"}
    plan = planned(files)
    after = written(files, plan)
    assert ("\ninclude => ivr-1\n" in after["callcentre.conf"]) == (kept is not None)
    assert any("exit context ivr-1" in note for note in plan.notes) == (kept is not None)
    # It stays known although ours replaces it now.
    assert not planned(after).changes


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("ivr-1", []),
        ("ivr-2", ["services.support.exit_context says ivr-2", f"{ETC}/queues.conf:2 says ivr-1", "ivr-1 are lost"]),
    ],
)
def test_a_setting_that_says_otherwise_holds_and_is_reported(setting: str, words: list[str]) -> None:
    files = PLAIN | {"queues.conf": "[support]\ncontext=ivr-1\n"}
    plan = planned(files, changes={"services": {"support": {"exit_context": setting}}})
    assert f"\ninclude => {setting}\n" in written(files, plan)["callcentre.conf"]
    notes = [note for note in plan.notes if note.startswith("queue support")]
    assert bool(notes) == bool(words)
    assert all(word in notes[0] for word in words)


def test_a_key_that_is_lost_to_ours_is_reported() -> None:
    menu = "[ivr-1]\nexten => *,1,Hangup()\n"
    files = PLAIN | {"extensions.conf": menu, "queues.conf": "[support]\ncontext=ivr-1\n"}
    assert any("but for *, which is ours now" in note for note in planned(files).notes)


def test_an_exit_context_that_cannot_be_included_is_refused() -> None:
    plan = planned(PLAIN | {"queues.conf": "[support]\ncontext=my menu,x\n"})
    (problem,) = plan.problems
    assert problem.startswith(f"{ETC}/queues.conf:2: queue support has the exit context 'my menu,x'")


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "pbx", "words"),
    [
        ({}, "plain", "is not a configuration of Asterisk: there is no extensions.conf; name its folder with --etc"),
        ({"extensions.conf": ""}, "plain", "there is no queues.conf"),
        (FREEPBX, "plain", "is generated by FreePBX"),
        (PLAIN, "freepbx", "is not FreePBX's: there is no extensions_additional.conf"),
    ],
)
def test_a_folder_of_another_kind_is_refused(files: Mapping[str, str], pbx: Pbx, words: str) -> None:
    plan = planned(files, pbx)
    assert not plan.changes
    (problem,) = plan.problems
    assert problem.startswith(f"{ETC}: ")
    assert words in problem


CUSTOM = "extensions_custom.conf"


@pytest.mark.parametrize(
    ("files", "pbx", "words"),
    [
        # Our file is included before the section that it adds to.
        (
            PLAIN | {"queues.conf": "#include callcentre-queues.conf\n[support]\ncontext=ivr-9\n"},
            "plain", "callcentre-queues.conf is included before the section of the queue",
        ),
        (
            FREEPBX | {"queues.conf": FREEPBX["queues.conf"] + "[400](+)\ncontext=theirs\n"},
            "freepbx", f"{ETC}/queues.conf:9 sets context=theirs; put `#include queues_post_custom.conf`",
        ),
        (
            FREEPBX | {"queues.conf": "[general]\n#include queues_additional.conf\n"},
            "freepbx", "queues.conf does not include queues_post_custom.conf",
        ),
        (FREEPBX | {"extensions.conf": "[general]\n"}, "freepbx", f"add `#include {CUSTOM}` to it"),
        (PLAIN | {"extensions.conf": "[general]\n;-- a comment that is open\n"}, "plain", "inside a comment"),
        (PLAIN | {"extensions.conf": "[callcentre-queue]\nexten => a,1,Hangup()\n"}, "plain", "delete it there"),
        (PLAIN | {"queues.conf": f"[support]\n{blocks.BEGIN}\n"}, "plain", f"{ETC}/queues.conf: line 2: the marks"),
    ],
)  # fmt: skip
def test_what_would_not_work_is_refused_with_what_to_do(files: Mapping[str, str], pbx: Pbx, words: str) -> None:
    plan = planned(files, pbx, QUEUE_400 if pbx == "freepbx" else {})
    assert any(words in problem for problem in plan.problems), plan.problems


def test_what_asterisk_cannot_read_already_is_reported_and_what_it_could_not_read_then_is_refused() -> None:
    broken = PLAIN | {"extensions.conf": "[general]\n#include more.conf\n", "more.conf": "[none](+)\n"}
    plan = planned(broken)
    assert not plan.problems
    assert any(note.startswith(f"{ETC}/more.conf:1: adds to a section that is not there") for note in plan.notes)
    # A file that is included so deep can include no other.
    names = ["extensions.conf", *(f"deep{number}.conf" for number in range(9)), CUSTOM]
    deep = FREEPBX | {name: f"[general]\n#include {below}\n" for name, below in pairwise(names)}
    plan = planned(deep | {"extensions_custom.conf": "[from-pstn-custom]\n"}, "freepbx", QUEUE_400)
    assert any("would then break" in problem and "too deep" in problem for problem in plan.problems)


def test_an_include_of_the_administrator_s_own_is_enough() -> None:
    files = PLAIN | {"extensions.conf": '[general]\n#include "callcentre.conf"\n', "callcentre.conf": "; old\n"}
    plan = planned(files)
    assert "extensions.conf" not in changed(plan)
    (ours,) = [change for change in plan.changes if change.path == f"{ETC}/callcentre.conf"]
    assert "was not written by `callcentre install`, or changed since" in ours.why
    known = planned(files, ours={f"{ETC}/callcentre.conf": digest(b"; old\n")})
    assert all("was not written" not in change.why for change in known.changes)


def test_a_queue_that_is_not_in_the_files_is_reported_and_left_out() -> None:
    plan = planned(PLAIN | {"queues.conf": "[general]\n#exec /usr/bin/queues\n"})
    assert changed(plan) == {"callcentre.conf", "extensions.conf"}
    assert any("queue support: has no section" in note and "runs a program" in note for note in plan.notes)


def test_never_is_nothing_written_over_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialplan, "extensions", lambda *_: "\n")
    plan = planned(PLAIN | {"callcentre.conf": "[good]\n"})
    assert any("there is nothing to write into it" in problem for problem in plan.problems)


# --- ARI -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("files", "pbx", "name"), [
    (PLAIN, "plain", "ari.conf"), (FREEPBX, "freepbx", "ari_additional_custom.conf"),
])  # fmt: skip
def test_the_user_of_ari_comes_where_there_is_none_and_one_is_wanted(
    files: Mapping[str, str], pbx: Pbx, name: str
) -> None:
    changes = QUEUE_400 | {"ari": {"password": "se;cret\\;x"}}
    assert name not in changed(planned(files, pbx, changes))
    plan = planned(files, pbx, changes, ari_user=True)
    section = read("ari.conf", Texts(written(files, plan))).section("callcentre")
    assert section is not None
    assert {one.name: one.value for one in section.options} == {
        "type": "user", "password": "se;cret\\;x", "password_format": "plain", "read_only": "no",
    }  # fmt: skip
    assert ("asterisk", "module reload res_ari.so") in plan.commands
    assert not [line for line in shown(plan) if "cret" in line]


def test_a_user_of_ari_that_is_there_stays() -> None:
    plan = planned(PLAIN | {"ari.conf": "[callcentre]\npassword=other\n"}, ari_user=True)
    assert "ari.conf" not in changed(plan)
    assert f"{ETC}/ari.conf:1: ARI's user callcentre is there already, and stays as it is" in plan.notes


def test_a_password_that_ari_conf_cannot_hold_is_refused() -> None:
    plan = planned(PLAIN, changes={"ari": {"password": ">x"}}, ari_user=True)
    assert any(problem.startswith("ari.password: cannot be in ari.conf") for problem in plan.problems)


# --- the unit, and what is shown -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "ours", "written_anew"),
    [
        (None, None, True), ("old", "old", True), ("by hand", "old", False), ("by hand", None, False),
        ("new", None, False),
    ],
)  # fmt: skip
def test_a_unit_that_somebody_changed_stays(before: str | None, ours: str | None, written_anew: bool) -> None:
    known = {} if ours is None else {"/x/callcentre.service": digest(ours.encode())}
    plan = planning.plan_unit("/x/callcentre.service", before.encode() if before else None, "new", known)
    assert bool(plan.changes) == written_anew
    assert bool(plan.notes) == (before == "by hand")


def test_systemd_reads_the_words_of_the_command_as_they_are() -> None:
    text = unit_text(["/opt/my place/callcentre"], "/etc/100%/$x.yaml", secrets="/a%b")
    assert 'ExecStart="/opt/my place/callcentre" run -c /etc/100%%/$$x.yaml\n' in text
    assert "EnvironmentFile=-/a%%b\n" in text


def test_the_plan_is_shown_with_a_difference_for_what_changes_and_nothing_that_steers_a_terminal() -> None:
    files = PLAIN | {"extensions.conf": "[general]\n; \x1b[2J\n"}
    lines = list(shown(planned(files)))
    assert f"new: {ETC}/callcentre.conf" in "\n".join(lines)
    assert "    +#include callcentre.conf" in lines
    assert 'run: asterisk -rx "dialplan reload"' in lines
    assert not [line for line in lines if "\x1b" in line]
    assert printable("a\x1b\udcffä\t") == "a\\x1b\\xdcffä\t"


def test_where_calls_would_lead_nowhere_without_our_dialplan_is_named() -> None:
    files = PLAIN | {"extensions.conf": "[from-trunk]\nexten => 1,1,Goto(callcentre-queue,support,1)\n"}
    after = written(files, planned(files))
    assert list(planning.references(Texts(after), ETC)) == [
        f"{ETC}/extensions.conf:2: exten=1,1,Goto(callcentre-queue,support,1)"
    ]
