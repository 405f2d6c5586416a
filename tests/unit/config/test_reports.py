"""Scheduled reports in the file: what may be there, what does not go together, and when they come."""
# ruff: noqa: E501, a table is read by its rows

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.config.cron import CRON, next_time
from callcentre.features.reports.settings import ReportSettings
from tests.unit.config.files import SMALLEST, mistakes, settings

HELSINKI = ZoneInfo("Europe/Helsinki")
SMTP = "smtp: {host: localhost, sender: callcentre@example.fi}\n"


def file(report: str, more: str = "") -> str:
    return f"{SMALLEST}{more}reports:\n  - {{{report}}}\n"


GOOD = 'name: agents, cron: "0 7 * * mon", kind: stats by agent'


def test_a_report_needs_a_name_a_time_a_kind_and_somewhere_to_go() -> None:
    [report] = settings(file(f"{GOOD}, folder: reports")).sections(ReportSettings)
    assert (report.group, report.period, report.format) == ("agent", "yesterday", "csv")
    mailed = 'name: all, cron: "0 7 * * *", kind: export surveys, email: {to: [a@b.fi]}'
    [report] = settings(file(mailed, SMTP)).sections(ReportSettings)
    assert (report.group, report.rows) == (None, "surveys")


@pytest.mark.parametrize(
    ("report", "mistake"),
    [
        (GOOD, "reports[0]: goes nowhere: give it a folder, email or both"),
        (f"{GOOD}, folder: x, email: {{to: [a@b.fi]}}", "reports[0].email: needs smtp: there is no mail server to send it by"),
        (f"{GOOD}, email: {{to: []}}", "reports[0].email.to: needs at least one entry"),
        (f"{GOOD}, folder: x, email: {{to: [a@b.fi, boss]}}", 'reports[0].email.to[1]: is not a mail address: "boss"; write e.g. manager@example.fi'),
        (f"{GOOD}, folder: x, email: {{to: [a@b.fi, \"a@b.fi\\nBcc: c@d.fi\"]}}", 'reports[0].email.to[1]: is not a mail address: "a@b.fi�Bcc: c@d.fi"; write e.g. manager@example.fi'),
        (f"{GOOD}, folder: x, service: suport", 'reports[0].service: is no service of this file: "suport"; did you mean support?'),
        (f"{GOOD}, folder: x, format: pdf", 'reports[0].format: must be csv, xlsx or json, not "pdf"'),
        (f"{GOOD}, folder: x, period: week", 'reports[0].period: must be yesterday, last_week, last_month, today, this_week, this_month or all, not "week"; did you mean this_week?'),
        (f'{GOOD}, folder: ""', "reports[0]: goes nowhere: give it a folder, email or both"),
        ('name: a, cron: "0 7 * * mon", kind: export calls, format: json, folder: x', "reports[0].format: json is for stats; an export is csv or xlsx"),
        (f"{GOOD}, folder: x, format: xlsx, spreadsheet: fi", "reports[0].spreadsheet: is for csv; the format is xlsx"),
        (f"{GOOD}, folder: x, spreadsheet: de", 'reports[0].spreadsheet: must be en, fi or sv, not "de"'),
        ('name: a, cron: "0 7 * * mon", kind: stats by agents, folder: x', "reports[0].kind: "),
        ('name: a/b, cron: "0 7 * * mon", kind: export calls, folder: x', "reports[0].name: is not a name"),
        ('name: a, cron: "0 7 * *", kind: export calls, folder: x', "reports[0].cron: needs five fields (minute hour day month weekday), not 4"),
        ('name: a, cron: "0 7 * * 1", kind: export calls, folder: x', "reports[0].cron: numbers weekdays, which some programs count from Sunday"),
        ('name: a, cron: "61 7 * * *", kind: export calls, folder: x', 'reports[0].cron: is not a cron expression: "61 7 * * *" (Error validating'),
        ('name: a, cron: "0 7 31 2 *", kind: export calls, folder: x', 'reports[0].cron: never comes: "0 7 31 2 *"'),
    ],
)  # fmt: skip
def test_a_mistake_in_a_report_is_named(report: str, mistake: str) -> None:
    found = mistakes(file(report, "" if "needs smtp" in mistake else SMTP))
    assert [each[: len(mistake)] for each in found] == [mistake]


def test_two_reports_of_one_name_would_overwrite_each_other() -> None:
    [mistake] = mistakes(f"{file(f'{GOOD}, folder: x')}  - {{{GOOD}, folder: y}}\n")
    assert mistake == 'reports[1].name: "agents" is the name of an earlier report; take another'


@pytest.mark.parametrize(
    ("smtp", "mistake"),
    [
        ("{host: a b, sender: c@d.fi}", 'smtp.host: is not a host name: "a b"; write e.g. smtp.example.fi'),
        ("{host: a, sender: c@d.fi, username: u}", "smtp: needs username and password, or neither"),
        ("{host: a, sender: c@d.fi, port: 0}", "smtp.port: must be from 1 to 65535, not 0"),
        ("{host: a}", "smtp.sender: is missing"),
    ],
)
def test_a_mistake_in_smtp_is_named(smtp: str, mistake: str) -> None:
    [found] = mistakes(f"{SMALLEST}smtp: {smtp}\n")
    assert found.startswith(mistake)


def test_the_password_of_the_mail_server_is_shown_nowhere() -> None:
    known = settings(f"{SMALLEST}smtp: {{host: a, sender: c@d.fi, username: u, password: hush-hush}}\n")
    assert "hush-hush" not in repr(known)


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        # The clock is put forward from 3:00 to 4:00 on 29 March, and back from 4:00 to 3:00 on 25 October.
        ("0 7 * * *", "2026-03-28T06:00Z", "2026-03-29T04:00Z"),
        ("30 3 * * *", "2026-03-28T12:00Z", "2026-03-29T01:30Z"),
        ("30 3 * * *", "2026-10-24T12:00Z", "2026-10-25T00:30Z"),
        ("30 3 * * *", "2026-10-25T00:30Z", "2026-10-26T01:30Z"),
        ("30 * * * *", "2026-10-25T00:30Z", "2026-10-25T01:30Z"),
        ("0 7 * * mon", "2026-06-08T04:00Z", "2026-06-15T04:00Z"),
    ],
)
def test_a_report_comes_by_the_clock_on_the_wall(cron: str, after: str, expected: str) -> None:
    found = next_time(cron, HELSINKI, datetime.fromisoformat(after))
    assert found == datetime.fromisoformat(expected)


@given(
    st.text(max_size=30)
    | st.lists(st.sampled_from(["*", "*/5", "1-5", "mon", "last", "7", "x"]), max_size=6).map(" ".join)
)
def test_reading_a_cron_expression_raises_nothing_but_a_sentence(text: str) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    with suppress(ValueError):
        assert next_time(CRON.typed(text), HELSINKI, begin)


@given(
    st.sampled_from(["30 3 * * *", "0 * * * *", "0 0 1 * *", "59 2-4 * * sat,sun"]), st.integers(0, 2 * 365 * 24 * 60)
)
def test_the_next_time_is_later(cron: str, minutes: int) -> None:
    after = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = next_time(cron, HELSINKI, after)
    assert found is not None
    assert found > after
