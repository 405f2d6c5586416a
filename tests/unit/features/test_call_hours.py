"""The hours at which people are called: where they are, and what becomes of a call that may not be made yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.features.callbacks.model import MoveCallback
from callcentre.features.callbacks.open_callbacks import listed
from callcentre.features.callbacks.requests import Requests
from callcentre.kernel.event import SettingsChanged
from callcentre.messaging.events import TextReceived
from callcentre.values.call_hours import ALWAYS, next_call, zones_of
from callcentre.values.hours import DailyWindow
from tests.cast import AINO, MATTI, REPLY_NUMBER
from tests.unit.features.callbacks.desk import ask_for, callbacks, numbers_dialled, reasons, ring
from tests.unit.features.callbacks.states import until, why
from tests.unit.rehearsal import Rehearsal, settings
from tests.unit.telephone import Asterisk

HELSINKI, TOKYO = ZoneInfo("Europe/Helsinki"), ZoneInfo("Asia/Tokyo")
DAY = DailyWindow.parse("08:00-21:00")
NEW_YORK, FREE_PHONE, SATELLITE, RUSSIAN_MOBILE = "+12125551234", "+18005551234", "+881612345678", "+79161234567"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "hours", "zone", "moment", "rings"),
    [
        # Helsinki is at UTC+2 in winter and at UTC+3 in summer.
        (MATTI, "08:00-21:00", TOKYO, "2026-12-01 05:59", "2026-12-01 06:00"),
        (MATTI, "08:00-21:00", TOKYO, "2026-12-01 06:00", "2026-12-01 06:00"),
        (MATTI, "08:00-21:00", TOKYO, "2026-12-01 18:59", "2026-12-01 18:59"),
        (MATTI, "08:00-21:00", TOKYO, "2026-12-01 19:00", "2026-12-02 06:00"),
        (MATTI, "08:00-21:00", TOKYO, "2026-10-24 18:30", "2026-10-25 06:00"),
        (MATTI, "22:00-06:00", HELSINKI, "2026-12-01 12:00", "2026-12-01 20:00"),
        (NEW_YORK, "08:00-21:00", HELSINKI, "2026-12-01 10:00", "2026-12-01 13:00"),
        # From 08:00 in Kaliningrad to 21:00 in Anadyr.
        (RUSSIAN_MOBILE, "08:00-21:00", HELSINKI, "2026-12-01 12:00", "2026-12-02 06:00"),
        (RUSSIAN_MOBILE, "08:00-21:00", HELSINKI, "2026-12-02 07:00", "2026-12-02 07:00"),
        # No hour is within the hours of all, or nobody knows where the number is: the service's zone decides.
        (FREE_PHONE, "08:00-10:00", HELSINKI, "2026-12-01 12:00", "2026-12-02 06:00"),
        (SATELLITE, "08:00-21:00", HELSINKI, "2026-12-01 03:00", "2026-12-01 06:00"),
        (SATELLITE, "08:00-21:00", TOKYO, "2026-12-01 03:00", "2026-12-01 03:00"),
    ],
)
def test_a_number_rings_within_the_hours_of_the_place_where_it_is(
    number: str, hours: str, zone: ZoneInfo, moment: str, rings: str
) -> None:
    assert next_call(DailyWindow.parse(hours), number, at(moment), zone) == at(rings)


@pytest.mark.parametrize("hours", [None, ALWAYS])
def test_no_hours_and_the_whole_day_are_always(hours: DailyWindow | None) -> None:
    assert next_call(hours, MATTI, at("2026-12-01 00:00"), HELSINKI) == at("2026-12-01 00:00")


@pytest.mark.parametrize(("written", "hours"), [("00:00-24:00", ALWAYS), ("0:00 – 24:00", ALWAYS), (None, None)])
def test_always_is_written_as_the_whole_day_or_null(written: str | None, hours: DailyWindow | None) -> None:
    assert settings({"numbers": {"call_hours": written}}).numbers.call_hours == hours


@given(
    st.sampled_from([MATTI, NEW_YORK, FREE_PHONE, SATELLITE, RUSSIAN_MOBILE]),
    st.builds(DailyWindow, st.integers(0, 1439), st.integers(0, 1439)),
    st.integers(0, 7 * 1440),
)
def test_the_next_call_is_at_the_first_moment_within_the_hours_of_every_zone(
    number: str, hours: DailyWindow, minutes: int
) -> None:
    now = at("2026-06-03 00:00") + timedelta(minutes=minutes)
    rings = next_call(hours, number, now, HELSINKI)
    zones = zones_of(number)

    def all_within(moment: datetime, *zones: ZoneInfo) -> bool:
        return all(hours.contains(moment, zone) for zone in zones)

    if not zones or not all_within(rings, *zones):
        assert not any(all_within(now + timedelta(minutes=each), *zones) for each in range(0, 1440, 15) if zones)
        zones = (HELSINKI,)
    assert all_within(rings, *zones)
    between = range(0, int((rings - now).total_seconds() // 60), 15)
    assert not any(all_within(now + timedelta(minutes=each), *zones) for each in between)


# --- callbacks -------------------------------------------------------------------------------------


def evening(
    *, local: str = "22:00", hours: Any = None, notify: Any = None, changes: dict[str, Any] | None = None,
    **callback: Any,
) -> tuple[Rehearsal, Asterisk]:  # fmt: skip
    """A desk with these hours, else always open, at this time of a Wednesday in Helsinki, with a free agent."""
    support = {"welcome": None, "notify": notify, "hours": hours, "callback": callback}
    numbers = {"call_hours": "08:00-21:00", "regions": ["FI", "US"]}
    rehearsal = Rehearsal({"services": {"support": support}, "numbers": numbers} | (changes or {}))
    rehearsal.at = datetime.fromisoformat(f"2026-06-03 {local}").replace(tzinfo=HELSINKI).astimezone(UTC)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("NOT_INUSE")
    return rehearsal, asterisk


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ({"thu": "06:00-16:00"}, "closed until 2026-06-04T06:00+03:00, called at 2026-06-04T08:00+03:00"),
        ({"wed": "00:00-24:00", "thu": "09:00-16:00"}, "waits for the hours at which people are called"),
    ],
)  # fmt: skip
def test_a_callback_is_listed_for_when_the_service_is_open_and_the_customer_may_be_called(
    hours: dict[str, str], says: str
) -> None:
    rehearsal, asterisk = evening(hours={"weekdays": hours})
    ask_for(asterisk)
    (one,) = listed(rehearsal.world.for_callbacks, None, rehearsal.at)
    assert one.says.startswith(says)


@pytest.mark.parametrize("order", ["customer_first", "agent_first"])
def test_a_callback_waits_for_the_call_hours_and_nobody_waits_behind_it(order: str) -> None:
    rehearsal, asterisk = evening(dial={"order": order})
    ask_for(asterisk)
    ask_for(asterisk, NEW_YORK)
    asterisk.ticks(3)
    first, second = callbacks(rehearsal)
    assert (why(first), until(first), first.attempts) == ("call_hours", at("2026-06-04 05:00"), 0)
    assert second.calls, "the second is called, at 15:00 where it is"
    assert all(MATTI not in str(originate) for originate in asterisk.dialled)
    assert reasons(rehearsal, "postponed") == ["call_hours"], "once, not at each look"


def test_a_callback_that_waits_for_the_call_hours_is_listed_with_them_and_called_then() -> None:
    rehearsal, asterisk = evening()
    ask_for(asterisk)
    for _ in range(2):
        (one,) = listed(rehearsal.world.for_callbacks, None, rehearsal.at)
        assert (one.why, one.until) == ("call_hours", "2026-06-04T05:00:00.000Z")
        asterisk.ticks(2)
    rehearsal.at = at("2026-06-04 04:59")
    asterisk.ticks(59)
    assert asterisk.dialled == []
    asterisk.ticks(2)
    assert numbers_dialled(asterisk) == [MATTI]


@pytest.mark.parametrize(
    ("cap", "reason"), [({"per_number_per_day": "1"}, "per_number"), ({"per_day": "1"}, "call_hours")]
)
def test_what_was_postponed_to_midnight_rings_in_the_morning(cap: dict[str, str], reason: str) -> None:
    rehearsal, asterisk = evening(local="20:30", changes={"dialling": cap}, dial={"retry_after": {"busy": "5m"}})
    ask_for(asterisk)
    asterisk.ticks()
    asterisk.rings_in_vain(ring(asterisk), 17)
    asterisk.dialled.clear()
    rehearsal.later(20 * 60)
    asterisk.ticks()
    rehearsal.later(3 * 3600 + 9 * 60)
    for _ in range(4):
        asterisk.ticks(20)
    assert rehearsal.at.astimezone(HELSINKI).hour == 0
    assert asterisk.dialled == []
    assert until(callbacks(rehearsal)[0]) == at("2026-06-04 05:00")
    assert why(callbacks(rehearsal)[0]) == reason
    rehearsal.later(8 * 3600)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]


def test_no_pause_after_an_attempt_ends_outside_the_call_hours() -> None:
    rehearsal, asterisk = evening(local="20:55", dial={"retry_after": {"busy": "10m"}})
    ask_for(asterisk)
    asterisk.ticks()
    asterisk.rings_in_vain(ring(asterisk), 17)
    (callback,) = callbacks(rehearsal)
    assert (why(callback), until(callback)) == ("busy", at("2026-06-04 05:00"))


def test_a_customer_who_waits_for_call_hours_waits_for_the_present_ones() -> None:
    rehearsal, asterisk = evening()
    ask_for(asterisk)
    asterisk.ticks()
    before = {"services": {"support": {"hours": None, "notify": None}}}
    later = settings(before | {"numbers": {"call_hours": "09:30-21:00"}})
    rehearsal.tell(SettingsChanged(at=rehearsal.at, settings=later))
    assert until(callbacks(rehearsal)[0]) == at("2026-06-04 06:30")
    rehearsal.tell(SettingsChanged(at=rehearsal.at, settings=settings(before)))
    assert callbacks(rehearsal)[0].is_queued
    asterisk.ticks()
    assert numbers_dialled(asterisk) == [MATTI]


def test_a_caller_who_could_not_be_called_back_now_is_not_offered_it() -> None:
    rehearsal, asterisk = evening()
    asterisk.on_duty("UNAVAILABLE")
    for number in (MATTI, NEW_YORK):
        asterisk.enters(number)
    refused = [fact.reason for fact in rehearsal.facts if fact.name == "callback.refused"]
    assert refused == ["call_hours"]
    assert [fact.call for fact in rehearsal.facts if fact.name == "callback.offered"] == [*asterisk.heard]


AT_NIGHT = {"weekdays": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "21:30-24:00")}
OFFICE = {"weekdays": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-16:00")}
LOS_ANGELES = "+12135551234"


@pytest.mark.parametrize(
    ("hours", "local", "keyed", "taken"),
    [
        (AT_NIGHT, "22:00", "0401112222", False),
        (OFFICE, "10:00", "0012135551234", False),
        (OFFICE, "10:00", "0012125551234", True),
        (OFFICE, "10:00", "0401112222", True),
        (None, "22:00", "0401112222", True),
    ],
)
def test_no_callback_is_promised_to_a_number_that_may_never_be_called_while_the_service_is_open(
    hours: dict[str, dict[str, str]] | None, local: str, keyed: str, taken: bool
) -> None:
    rehearsal, asterisk = evening(hours=hours, local=local, offer={"until_closing": "0s"})
    asterisk.on_duty("UNAVAILABLE")
    call = asterisk.enters("")
    asterisk.key(call, "2", *f"{keyed}#", "1")
    assert bool(callbacks(rehearsal)) == taken
    assert asterisk.heard[call][-1 if taken else -2] == ("callback-taken" if taken else "number-refused")
    refused = [fact.reason for fact in rehearsal.facts if fact.name == "callback.refused"]
    assert refused == ([] if taken else ["call_hours"])


@pytest.mark.parametrize(("number", "moved"), [(LOS_ANGELES, False), (NEW_YORK, True)])
def test_no_callback_moves_to_a_number_that_may_never_be_called_while_the_service_is_open(
    number: str, moved: bool
) -> None:
    changes = {"sms": {"reply_number": REPLY_NUMBER}}
    rehearsal, asterisk = evening(hours=OFFICE, local="10:00", notify={"at_position": "9"}, changes=changes)
    asterisk.on_duty("UNAVAILABLE")
    ask_for(asterisk)
    asterisk.ticks()
    text = TextReceived(
        at=rehearsal.at, gateway="kannel", gateway_id="1", sender=MATTI, recipient=REPLY_NUMBER, body=number
    )
    rehearsal.tell(text)
    assert [callback.number for callback in callbacks(rehearsal)] == [number if moved else MATTI]
    answers = [fact.reason for fact in rehearsal.facts if fact.name == "notice.answered"]
    assert answers == ["number" if moved else "refused"]


def test_the_auto_agent_waits_for_the_call_hours() -> None:
    rehearsal, asterisk = evening(notify={"by": "voice"}, local="07:58")
    asterisk.on_duty("UNAVAILABLE")
    ask_for(asterisk)
    asterisk.ticks(100)
    assert asterisk.dialled == []
    assert not [fact for fact in rehearsal.facts if fact.name.startswith("notice.")]
    asterisk.ticks(30)
    assert numbers_dialled(asterisk) == [MATTI]
    assert [fact.name for fact in rehearsal.facts if fact.name.startswith("notice.")] == ["notice.sent"]


@pytest.mark.parametrize(("hours", "dialled"), [(10, [MATTI]), (-1, [])])
def test_a_clock_that_is_set_is_looked_at_anew(hours: int, dialled: list[str]) -> None:
    rehearsal, asterisk = evening()
    ask_for(asterisk)
    asterisk.ticks()
    rehearsal.step(hours * 3600)
    asterisk.ticks()
    assert numbers_dialled(asterisk) == dialled


@pytest.mark.parametrize(("number", "reason"), [(MATTI, "call_hours"), (NEW_YORK, None)])
def test_a_callback_that_moves_to_another_number_waits_for_the_hours_there(number: str, reason: str | None) -> None:
    rehearsal, asterisk = evening()
    name = ask_for(asterisk, AINO)
    asterisk.ticks()
    nothing: Any = None
    requests = Requests(rehearsal.world.for_callbacks, nothing, nothing, nothing, nothing, nothing)
    for change in requests.moved(MoveCallback(at=rehearsal.at, callback=name, number=number), rehearsal.at).changes:
        moved: Any = change.record
        rehearsal.world.callbacks.put(moved)
    asterisk.ticks()
    (callback,) = callbacks(rehearsal)
    assert (why(callback), bool(callback.calls)) == (reason, reason is None)


@pytest.mark.parametrize(("local", "said"), [("20:40", "call-postponed"), ("20:50", "goodbye")])
def test_nobody_is_promised_a_call_in_minutes_that_comes_in_the_morning(local: str, said: str) -> None:
    _, asterisk = evening(local=local)
    ask_for(asterisk)
    asterisk.ticks()
    call = ring(asterisk)
    asterisk.picks_up(call)
    asterisk.key(call, "3")
    assert asterisk.heard[call][-1] == said
