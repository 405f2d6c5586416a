"""The page of reports: each visitor sees and has made only what is theirs, and gets the last file."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcentre.features.reports.events import ReportRequested
from callcentre.features.reports.model import ReportRun
from tests.integration.features.reports.served import SUPERVISOR, Served, reports_served
from tests.unit.rehearsal import NOON

HOSTILE = "<script>alert(1)</script>"
VIEWER, OF_SUPPORT = "viewer", "supervisor:support"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with reports_served(tmp_path) as found:
        yield found


async def test_a_visitor_of_one_service_sees_its_reports_only(served: Served) -> None:
    for who, names in ((SUPERVISOR, ["all", "of-support", "of-sales"]), (OF_SUPPORT, ["of-support"])):
        body = (await served.get("/reports", who)).body.decode()
        assert re.findall(r'<th scope="row">([^<]*)</th>', body) == names
        assert ("Sales" in body) is (who == SUPERVISOR)


async def test_who_may_not_see_reports_gets_nothing(served: Served) -> None:
    for path in ("/reports", "/reports/all/file"):
        assert (await served.get(path, VIEWER)).status == 403
    assert (await served.run("all", VIEWER)).status == 403
    assert served.events == []


async def test_what_is_not_theirs_is_answered_as_what_does_not_exist(served: Served) -> None:
    served.folder.mkdir()
    file = served.folder / "all.csv"
    file.write_text("secret")
    served.made("all", file)
    for name in ("all", "of-sales", "nosuch"):
        assert (await served.get(f"/reports/{name}/file", OF_SUPPORT)).status == 404
        assert (await served.run(name, OF_SUPPORT)).status == 404
    assert served.events == []


async def test_a_report_is_made_now_with_who_asked_for_it(served: Served) -> None:
    answer = await served.run("of-support", OF_SUPPORT)
    assert (answer.status, answer.headers["Location"]) == (303, "/reports")
    [event] = served.events
    assert isinstance(event, ReportRequested)
    assert event.report == "of-support"
    assert event.actor is not None
    assert (event.actor.user, event.actor.why) == ("supervisor", "the meeting")


async def test_a_form_of_another_site_makes_nothing(served: Served) -> None:
    assert (await served.run("all", token="forged")).status == 403
    assert served.events == []


async def test_a_report_that_is_being_made_is_not_requested_again(served: Served) -> None:
    served.runs.put(ReportRun(report="all", began=NOON, by="anne"))
    body = (await served.get("/reports")).body.decode()
    assert "Being made" in body
    assert "/reports/all/run" not in body
    assert "/reports/of-sales/run" in body
    # The day comes before the month, as on charts.
    assert "since 3 Jun 2026 12:00" in body
    assert 'hx-trigger="every 2s"' in body
    await served.run("all")
    assert served.events == []


async def test_a_failure_is_shown_and_cannot_become_markup(served: Served) -> None:
    served.runs.put(ReportRun(report="all", began=NOON, ended=NOON, problem=f"disk full {HOSTILE}", by=HOSTILE))
    body = (await served.get("/reports")).body.decode()
    assert "Failed" in body
    assert "disk full &lt;script&gt;" in body
    assert HOSTILE not in body


async def test_the_last_file_is_handed_out_while_it_is_there(served: Served) -> None:
    served.folder.mkdir()
    file = served.folder / "all_2026-06-02.csv"
    file.write_text("agent,offered\n")
    served.made("all", file)
    assert b'href="/reports/all/file"' in (await served.get("/reports")).body
    answer = await served.get("/reports/all/file")
    assert (answer.status, answer.body) == (200, b"agent,offered\n")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''all_2026-06-02.csv"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    file.unlink()
    assert (await served.get("/reports/all/file")).status == 404
    assert b'href="/reports/all/file"' not in (await served.get("/reports")).body


async def test_a_file_outside_the_folder_of_the_report_is_not_handed_out(served: Served) -> None:
    served.folder.mkdir()
    other = served.folder.parent / "config.yaml"
    other.write_text("secret")
    served.made("all", other)
    assert (await served.get("/reports/all/file")).status == 404
    link = served.folder / "link.csv"
    link.symlink_to(other)
    served.made("all", link)
    assert (await served.get("/reports/all/file")).status == 404


async def test_without_reports_the_page_says_where_they_are_configured(served: Served) -> None:
    body = (await served.get("/reports", "supervisor:parcels")).body.decode()
    assert "There are no scheduled reports." in body
