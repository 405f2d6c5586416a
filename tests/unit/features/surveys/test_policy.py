"""The policy of surveys: which callers are asked, and when a question may go out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.features.surveys.model import sampled
from callcentre.features.surveys.policy import send_at, skip, stale_at
from callcentre.features.surveys.settings import SurveySettings
from callcentre.values.hours import DailyWindow
from tests.unit.features.surveys.people import SATISFACTION
from tests.unit.rehearsal import NOON

HELSINKI = ZoneInfo("Europe/Helsinki")
FREE = {"settings": SurveySettings.model_validate({"questions": [SATISFACTION]})}
DUE = datetime(2026, 6, 3, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("talk", "opted_out", "asked_days_ago", "open_already", "in_sample", "expected"),
    [
        (10.0, False, None, False, True, None),
        (9.999, False, None, False, True, "min_talk"),
        (10.0, True, None, False, True, "opted_out"),
        (10.0, False, 13.99, False, True, "quarantine"),
        (10.0, False, 14, False, True, None),
        (10.0, False, None, True, True, "quarantine"),
        (10.0, False, None, False, False, "sample"),
        (5.0, True, 1, True, False, "min_talk"),
    ],
)
def test_a_caller_is_asked_only_when_the_policy_says_so(
    talk: float,
    opted_out: bool,
    asked_days_ago: float | None,
    open_already: bool,
    in_sample: bool,
    expected: str | None,
) -> None:
    rules = FREE["settings"]
    last = None if asked_days_ago is None else DUE - timedelta(days=asked_days_ago)
    said = skip(
        rules, talk=talk, opted_out=opted_out, last_asked=last, open_already=open_already, sampled=in_sample, due=DUE
    )
    assert said == expected


@pytest.mark.parametrize("open_already", [True, False])
def test_without_quarantine_nobody_was_asked_too_recently(open_already: bool) -> None:
    rules = FREE["settings"].model_copy(update={"quarantine": timedelta(0)})
    assert (
        skip(rules, talk=60, opted_out=False, last_asked=DUE, open_already=open_already, sampled=True, due=DUE) is None
    )


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 2000), (0.25, 500)])
def test_the_sample_is_that_share_of_the_calls(share: float, expected: int) -> None:
    asked = sum(sampled(b"k" * 32, f"1795325295.{number}", share) for number in range(2000))
    assert abs(asked - expected) <= 60 * (0 < share < 1)


@given(st.text(), st.floats(0, 1), st.floats(0, 1))
def test_a_call_in_a_sample_is_in_every_larger_one_and_always_the_same(call: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    call = call.encode("utf-8", "replace").decode()
    assert sampled(b"key", call, small) <= sampled(b"key", call, large)
    assert sampled(b"key", call, small) == sampled(b"key", call, small)


@pytest.mark.parametrize(
    ("between", "quiet", "ready", "sent"),
    [
        (None, None, "2026-06-03T12:00", "2026-06-03T12:00"),
        ("09:00-19:00", None, "2026-06-03T18:59", "2026-06-03T18:59"),
        ("09:00-19:00", None, "2026-06-03T19:00", "2026-06-04T09:00"),
        ("09:00-19:00", None, "2026-06-03T08:00", "2026-06-03T09:00"),
        (None, "21:00-07:00", "2026-06-03T22:00", "2026-06-04T07:00"),
        ("06:00-23:00", "21:00-07:00", "2026-06-03T05:00", "2026-06-03T07:00"),
        ("09:00-12:00", "08:00-10:00", "2026-06-03T13:00", "2026-06-04T10:00"),
        ("09:00-10:00", "08:00-11:00", "2026-06-03T13:00", None),
        ("09:00-19:00", None, "2026-03-28T20:00", "2026-03-29T09:00"),
    ],
)
def test_a_question_goes_out_within_its_hours_and_never_in_quiet_hours(
    between: str | None, quiet: str | None, ready: str, sent: str | None
) -> None:
    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=HELSINKI).astimezone(UTC)

    said = send_at(
        DailyWindow.parse(between) if between else None, DailyWindow.parse(quiet) if quiet else None, moment(ready),
        zone=HELSINKI, quiet_zone=HELSINKI, before=moment(ready) + timedelta(days=2),
    )  # fmt: skip
    assert said == (None if sent is None else moment(sent))


@pytest.mark.parametrize(("expires", "hours"), [("2d", 24 + 1 / 60), ("5h", 5)])
def test_a_call_is_asked_about_for_a_day_at_most_and_no_longer_than_answers_count(expires: str, hours: float) -> None:
    rules = SurveySettings.model_validate({"questions": [SATISFACTION], "expires": expires})
    assert stale_at(rules, NOON) == NOON + timedelta(hours=hours)
