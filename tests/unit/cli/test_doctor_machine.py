"""What the doctor says of the machine, of the service, and of findings as rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from callcentre.cli.doctor.finding import COLUMNS, Finding, about, warning
from callcentre.cli.doctor.machine import FEW_FILES, LEAST, LITTLE, FreeSpace, disk, time_synchronisation
from callcentre.cli.doctor.rights import judged as judged_rights
from callcentre.cli.doctor.service import rotation, unit
from callcentre.cli.installing.unit import unit_text

OURS = unit_text(["/opt/callcentre/bin/callcentre"], "/etc/callcentre/config.yaml")
PACKAGED = unit_text(["/usr/bin/callcentre"], "/etc/callcentre/config.yaml", user="pbx", secrets="/etc/secrets")
GOOD = {"LoadState": "loaded", "UnitFileState": "enabled", "ActiveState": "active", "NeedDaemonReload": "no",
        "WatchdogUSec": "30s"}  # fmt: skip
PATTERNS = ["/var/log/syslog", "/var/log/callcentre/*.log"]
LOG = Path("/var/log/callcentre/facts.log")


@pytest.mark.parametrize(
    ("free", "state"),
    [
        (FreeSpace(LITTLE, None), "ok"), (FreeSpace(LITTLE, FEW_FILES), "ok"), (FreeSpace(LITTLE - 1, None), "warning"),
        (FreeSpace(LEAST, None), "warning"), (FreeSpace(LEAST - 1, None), "error"),
        (FreeSpace(LITTLE, FEW_FILES - 1), "error"),
    ],
)  # fmt: skip
def test_a_disk_that_fills_is_a_warning_and_one_that_is_full_an_error(free: FreeSpace, state: str) -> None:
    assert disk(Path("/var/lib/callcentre"), free).state == state


@pytest.mark.parametrize(
    ("said", "states"), [("yes", ["ok"]), ("no", ["warning"]), (None, []), ("", []), ("Failed to connect", [])]
)
def test_a_clock_without_ntp_is_a_warning_where_systemd_knows_of_it(said: str | None, states: list[str]) -> None:
    assert [finding.state for finding in time_synchronisation(said)] == states


@pytest.mark.parametrize(
    ("changes", "text", "states", "word"),
    [
        ({}, OURS, ["ok"], ""),
        ({}, PACKAGED, ["ok"], ""),
        ({}, f"{OURS}\n# /etc/systemd/system/callcentre.service.d/own.conf\n[Service]\nMemoryMax=1G\n", ["ok"], ""),
        ({}, OURS.replace("WatchdogSec=30\n", "").replace("PrivateTmp=yes\n", ""), ["warning"],
         "lacks WatchdogSec=30, PrivateTmp=yes"),
        ({}, OURS.replace("ProtectClock=yes", "ProtectClock=no"), ["ok"], ""),
        ({"LoadState": "not-found"}, "", ["warning"], "there is none"),
        ({"ActiveState": "inactive"}, OURS, ["ok"], ""),
        ({"ActiveState": "failed"}, OURS, ["error"], "journalctl"),
        ({"NeedDaemonReload": "yes"}, OURS, ["error"], "daemon-reload"),
        ({"UnitFileState": "disabled"}, OURS, ["warning"], "systemctl enable"),
        ({"WatchdogUSec": "0"}, OURS, ["warning"], "hangs"),
        ({"WatchdogUSec": "infinity", "UnitFileState": "masked"}, OURS, ["warning", "warning"], "hangs"),
    ],
)  # fmt: skip
def test_a_unit_of_another_version_or_without_a_watchdog_is_found(
    changes: dict[str, str], text: str, states: list[str], word: str
) -> None:
    findings = unit(GOOD | changes, text, OURS)
    assert [finding.state for finding in findings] == states
    assert word in " ".join(finding.fix or "" for finding in findings)


def test_a_machine_that_says_nothing_of_the_unit_has_none() -> None:
    assert [finding.state for finding in unit({}, "", OURS)] == ["warning"]


@pytest.mark.parametrize(
    ("patterns", "has_program", "state"),
    [(PATTERNS, True, "ok"), (PATTERNS, False, "warning"), (PATTERNS[:1], True, "warning"), ([], True, "warning"),
     ([str(LOG)], True, "ok")],
)  # fmt: skip
def test_a_log_that_nothing_rotates_is_a_warning(patterns: list[str], has_program: bool, state: str) -> None:
    assert rotation(LOG, patterns, has_program=has_program).state == state


@pytest.mark.parametrize(
    ("kind", "mode", "fault"),
    [("folder of the log", 0o750, False), ("folder of the log", 0o777, True), ("folder of the log", 0o1777, False),
     ("folder of the configuration", 0o755, False), ("folder of the configuration", 0o757, True)],
)  # fmt: skip
def test_a_folder_in_which_everybody_may_write_is_found(kind: str, mode: int, fault: bool) -> None:
    assert (judged_rights(kind, Path("/x"), mode) is not None) == fault  # type: ignore[arg-type]


def test_a_row_says_what_it_is_about_and_how_bad_it_is() -> None:
    found = about("machine", [Finding("a"), warning("b", "do"), Finding("c", "do", area="service")])
    rows = [finding.row() for finding in found]
    assert [(row["area"], row["state"], row["ok"]) for row in rows] == [
        ("machine", "ok", True), ("machine", "warning", False), ("service", "error", False),
    ]  # fmt: skip
    assert all(tuple(row) == COLUMNS for row in rows)
