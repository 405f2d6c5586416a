"""The text that administrators include in Asterisk."""

from __future__ import annotations

import pytest

from callcentre.dialplan import extensions, major_version, queue_at, queues
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
def test_the_major_version_is_found_in_what_asterisk_says_of_itself(version, major):
    assert major_version(version) == major


@pytest.mark.parametrize(
    ("asterisk", "expected"),
    [
        (20, "Queue(support,,,,,,,,,1)"),
        (21, "Queue(support,,,,,,,,1)"),
        (22, "Queue(support,,,,,,,,1)"),
    ],
)
def test_the_position_argument_moved_when_the_macro_argument_went_away(asterisk, expected):
    assert queue_at("support", "1", asterisk) == expected


def test_every_service_has_a_way_in_that_does_not_need_us():
    text = extensions(settings(TWO), 22)
    for service, queue in (("support", "support"), ("sales", "sales.fi")):
        lines = text[text.index(f"exten => {service},1") :].splitlines()
        stasis = lines.index(f" same => n,Stasis(callcentre,enter,{service})")
        assert "CALLCENTRE_LEASE" in lines[stasis - 2]
        assert lines[stasis - 2].endswith("?waiting)")
        assert "TIMEOUT(absolute)=3" in lines[stasis - 1]
        assert lines[stasis + 1] == " same => n(waiting),Set(TIMEOUT(absolute)=0)"
        assert lines[stasis + 2] == f" same => n,Queue({queue})"


def test_each_queue_has_its_options_and_its_exit_once():
    both = settings(TWO | {"services": TWO["services"] | {"vip": {"queue": "support", "name": {"fi": "VIP"}}}})
    text = queues(both)
    assert [line for line in text.splitlines() if line.startswith("[")] == ["[support]", "[sales.fi]"]
    for option in ("setinterfacevar=yes", "setqueueentryvar=yes", "ringinuse=no", "context=callcentre-exit-support"):
        assert option in text
    assert extensions(both, 22).count("[callcentre-exit-support]") == 1
