"""Findings: the worst first."""

from __future__ import annotations

from datetime import UTC, datetime

from callcentre.features.system.findings import Examined, Finding, in_order

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FINDINGS = (
    Finding(what="a", state="ok"),
    Finding(what="b", state="warning", fix="x"),
    Finding(what="c", state="error", fix="y"),
    Finding(what="d", state="warning", fix="z"),
    Finding(what="e", state="error", fix="w"),
)


def test_errors_come_first_and_what_is_in_order_last() -> None:
    assert [finding.what for finding in in_order(FINDINGS)] == ["c", "e", "b", "d", "a"]


def test_findings_are_counted_by_state() -> None:
    examined = Examined(at=AT, findings=FINDINGS)
    assert (examined.count("error"), examined.count("warning"), examined.count("ok")) == (2, 2, 1)
