"""Each raised alarm is shown with what its component declares, in each language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callcentre.features.live.interface import RaisedAlarm
from callcentre.features.system.remedies import with_remedies
from callcentre.kernel.alarm import Alarm
from callcentre.values.languages import LANGUAGES
from callcentre.web.words import ENGLISH, translations
from scripts.reference.program import declared

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BUDGET = Alarm(reason="sms_budget", when="it is used up", until="tomorrow", remedy="raise it")
RINGS = Alarm(reason="nobody_rings_", each="the queue's name", when="x", until="y", remedy="z")


def known(reason: str) -> tuple[Alarm | None, str]:
    (one,) = with_remedies([RaisedAlarm(reason=reason, since=AT)], [BUDGET, RINGS])
    return one.declared, one.one


@pytest.mark.parametrize(
    ("reason", "alarm", "about"),
    [
        ("sms_budget", BUDGET, ""),
        ("sms_budget_of_another", None, ""),
        ("nobody_rings_support", RINGS, "support"),
        ("gone", None, ""),
    ],
)
def test_an_alarm_has_its_declaration_and_what_it_is_about(reason: str, alarm: Alarm | None, about: str) -> None:
    assert known(reason) == (alarm, about)


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != ENGLISH])
@pytest.mark.parametrize("alarm", declared(Alarm), ids=lambda alarm: alarm.reason)
def test_the_remedy_of_each_alarm_is_translated(alarm: Alarm, language: str) -> None:
    words = translations({"callcentre.features.system"})[language]
    assert words.gettext(alarm.remedy) != alarm.remedy
    assert words.gettext(alarm.until) != alarm.until
