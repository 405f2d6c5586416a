"""A service that is closed for now is outside its opening hours for everybody who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import asdict

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.kernel.actor import Actor
from callcentre.kernel.closures.events import CloseService, OpenService
from callcentre.kernel.closures.model import Closures, ServiceClosed
from callcentre.kernel.closures.rules import Closing
from callcentre.kernel.decision import NOTHING, Put
from callcentre.kernel.event import SettingsChanged, Tick
from callcentre.kernel.records import Unreadable
from callcentre.kernel.settings_in_force.model import HeldSettings
from callcentre.values.hours import OpeningHours, parse_intervals
from tests.cast import MATTI
from tests.testbed.configuration import merged
from tests.unit.rehearsal import NOON, Rehearsal, settings
from tests.unit.telephone import Asterisk

HOUR = timedelta(hours=1)
TWO_SERVICES: dict[str, Any] = {
    "services": {
        "support": {"welcome": None, "notify": None, "survey": None, "hours": None},
        "sales": {"queue": "sales", "name": {"fi": "Myynti"}, "language": "fi"},
    }
}


@pytest.fixture
def rehearsal() -> Rehearsal:
    return Rehearsal(TWO_SERVICES)


def close(rehearsal: Rehearsal, until: datetime | None, service: str = "support") -> list[Any]:
    aino = Actor(user="aino", address="192.0.2.1", why="fire drill")
    return rehearsal.tell(CloseService(at=rehearsal.at, service=service, until=until, actor=aino))


def is_open(rehearsal: Rehearsal, service: str = "support") -> bool:
    now = rehearsal.world.settings
    by_hours = now.services[service].opening_hours.is_open(rehearsal.at)
    assert by_hours is (service in now.timetable.open_at(rehearsal.at)), "both ways to ask say the same"
    return by_hours


# --- opening hours -------------------------------------------------------------------------------


def hours(*closures: tuple[float, float]) -> OpeningHours:
    """Open from 9 to 17 on the Wednesday of the tests and always the same, closed from and to these hours of it."""
    day = parse_intervals("09:00-17:00")
    zone = settings().timezone
    midnight = NOON.astimezone(zone).replace(hour=0, minute=0)
    spans = tuple((midnight + HOUR * begin, midnight + HOUR * end) for begin, end in closures)
    return OpeningHours(zone, (day,) * 7, closures=spans)


@pytest.mark.parametrize(
    ("closures", "at", "is_open", "closes", "opens"),
    [
        ([], 12, True, 17, None),
        ([(12, 14)], 11, True, 12, None),
        ([(12, 14)], 12, False, None, 14),
        ([(12, 14)], 13.5, False, None, 14),
        ([(12, 14)], 14, True, 17, None),
        ([(12, 18)], 12, False, None, 24 + 9),
        ([(8, 10)], 9.5, False, None, 10),
        ([(10, 12), (12, 14)], 11, False, None, 14),
        ([(10, 11), (12, 14)], 11.5, True, 12, None),
        ([(18, 20)], 12, True, 17, None),
        ([(12, 24 * 1000)], 12, False, None, None),
    ],
)
def test_opening_hours_with_closures(
    closures: list[tuple[float, float]], at: float, is_open: bool, closes: float | None, opens: float | None
) -> None:
    known = hours(*closures)
    midnight = NOON.astimezone(known.zone).replace(hour=0, minute=0)

    def moment(hour: float | None) -> datetime | None:
        return None if hour is None else midnight + HOUR * hour

    now = midnight + HOUR * at
    assert known.is_open(now) is is_open
    assert known.closes_at(now) == moment(closes)
    if not is_open:
        assert known.next_opening(now) == moment(opens)
    assert known.is_open(known.stays_until(now) - timedelta(seconds=1)) is is_open


def test_a_service_without_hours_closes_and_opens_as_well() -> None:
    known = OpeningHours(settings().timezone, closures=((NOON, NOON + HOUR),))
    assert not known.never_closes
    assert not known.is_open(NOON)
    assert known.next_opening(NOON) == NOON + HOUR
    assert known.closes_at(NOON - HOUR) == NOON


# --- closing and opening -------------------------------------------------------------------------


def test_a_closed_service_is_closed_until_its_time_and_its_neighbour_is_not(rehearsal: Rehearsal) -> None:
    assert is_open(rehearsal)
    until = NOON + 2 * HOUR
    (fact,) = close(rehearsal, until)
    assert (fact.name, fact.service, fact.by, fact.until) == (
        "service.closed",
        "support",
        "staff",
        "2026-06-03T11:00:00.000Z",
    )
    assert not is_open(rehearsal)
    assert is_open(rehearsal, "sales")
    rehearsal.later(2 * 3600 - 1)
    assert not is_open(rehearsal)
    rehearsal.later(1)
    assert is_open(rehearsal)
    assert [(fact.name, fact.by) for fact in rehearsal.facts[1:]] == [("service.opened", "timer")]


def test_without_a_time_it_stays_closed_until_somebody_opens_it(rehearsal: Rehearsal) -> None:
    close(rehearsal, None)
    rehearsal.later(90 * 24 * 3600)
    assert not is_open(rehearsal)
    (fact,) = rehearsal.tell(OpenService(at=rehearsal.at, service="support"))
    assert (fact.name, fact.by) == ("service.opened", "staff")
    assert is_open(rehearsal)


def test_closing_again_moves_the_time(rehearsal: Rehearsal) -> None:
    close(rehearsal, NOON + HOUR)
    close(rehearsal, NOON + 3 * HOUR)
    rehearsal.later(2 * 3600)
    assert not is_open(rehearsal)
    rehearsal.later(3600)
    assert is_open(rehearsal)
    assert rehearsal.names().count("service.opened") == 1


@pytest.mark.parametrize("until", [NOON, NOON - HOUR])
def test_a_time_that_has_passed_closes_nothing(rehearsal: Rehearsal, until: datetime) -> None:
    assert close(rehearsal, until) == []
    assert close(rehearsal, None, service="nothing") == []
    assert is_open(rehearsal)
    assert rehearsal.tell(OpenService(at=rehearsal.at, service="support")) == []


def test_it_stays_closed_over_a_restart_and_with_other_settings(rehearsal: Rehearsal) -> None:
    close(rehearsal, NOON + HOUR)
    after = rehearsal.restarted()
    after.tell(Tick(at=after.at))
    assert not is_open(after)
    changed = settings(merged(TWO_SERVICES, {"services": {"sales": {"queue": "sales2"}}}))
    after.tell(SettingsChanged(at=after.at, settings=changed))
    assert not is_open(after)
    assert after.world.settings.queue_names[-1] == "sales2"
    after.later(3600)
    assert is_open(after)


def test_pages_see_until_when_and_why(rehearsal: Rehearsal) -> None:
    close(rehearsal, NOON + HOUR)
    world = rehearsal.world
    assert world.closed.of("sales") is None
    closure = world.closed.of("support")
    assert closure is not None
    assert (closure.until, closure.why, closure.by) == (NOON + HOUR, "fire drill", "aino")
    assert list(world.closed.all()) == [closure]


def test_callbacks_are_neither_offered_nor_dialled_meanwhile(rehearsal: Rehearsal) -> None:
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    asterisk.on_duty("NOT_INUSE")
    close(rehearsal, NOON + HOUR)
    request = CallbackRequested(
        at=rehearsal.at, request="1", service="support", number=MATTI, caller_name="", by="staff"
    )
    rehearsal.tell(request)
    asterisk.ticks(5)
    assert "callback.accepted" in rehearsal.names()
    assert "callback.dialled" not in rehearsal.names()
    rehearsal.tell(OpenService(at=rehearsal.at, service="support"))
    asterisk.ticks(5)
    assert "callback.dialled" in rehearsal.names()


# --- other daemons -------------------------------------------------------------------------------


class Rows:
    """The table of closures, as another daemon of the database has left it."""

    def __init__(self) -> None:
        self.stored: dict[str, ServiceClosed] = {}

    def rows(self, _column: Any, value: Any) -> Iterable[Mapping[str, Any]]:
        return [asdict(row) for name, row in self.stored.items() if name == value]

    def below(self, _column: Any, _value: Any, _most: int) -> Iterable[Mapping[str, Any]]:
        return [asdict(row) for row in self.stored.values()]


@pytest.mark.parametrize("shared", [True, False])
def test_what_another_daemon_closes_is_closed_here_within_a_second(shared: bool) -> None:
    held = HeldSettings(settings(TWO_SERVICES))
    closures, others = Closures(held), Rows()
    closures.rows.read_from(others)
    rules = Closing(closures, held, shared)

    def passes(at: datetime) -> bool:
        """A second passes; whether support is open then."""
        for change in rules.tick(Tick(at=at), at).changes:
            (closures.put if isinstance(change, Put) else closures.delete)(change.record)  # type: ignore[arg-type]
        closures.rows.committed(alone=False)
        return held.settings.services["support"].opening_hours.is_open(at)

    assert passes(NOON)
    others.stored["support"] = ServiceClosed(service="support", since=NOON, until=None, why="drill", by="aino")
    assert passes(NOON + HOUR) is not shared
    del others.stored["support"]
    assert passes(NOON + HOUR)


def test_while_the_database_cannot_be_read_it_stays_as_it_is() -> None:
    held = HeldSettings(settings(TWO_SERVICES))
    closures = Closures(held)

    class Broken(Rows):
        def below(self, _column: Any, _value: Any, _most: int) -> Iterable[Mapping[str, Any]]:
            raise Unreadable

    closures.rows.read_from(Broken())
    assert Closing(closures, held, shared=True).tick(Tick(at=NOON), NOON) is NOTHING


def test_one_that_another_daemon_has_closed_for_longer_does_not_open(rehearsal: Rehearsal) -> None:
    close(rehearsal, NOON + HOUR)
    longer = ServiceClosed(service="support", since=NOON, until=NOON + 3 * HOUR, why="", by="bo")
    rehearsal._dispatcher.put(longer)
    rehearsal.later(2 * 3600)
    assert "service.opened" not in rehearsal.names()
