"""An organisation uses no more of what all share than its caps allow, and others are not concerned by that."""

from __future__ import annotations

from typing import Any

from callcentre.features.callbacks.events import CallbackRequested
from callcentre.features.callbacks.open_callbacks import listed
from callcentre.messaging.events import TextNotCounted
from callcentre.messaging.facts import SmsRefused
from callcentre.telephony.dialling.interface import OF_ORGANISATION
from tests.cast import AINO, LIISA, MATTI, PEKKA
from tests.unit.features.callbacks.desk import ask_for, numbers_dialled
from tests.unit.messaging.desk import wanted
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

ALWAYS: dict[str, Any] = {"welcome": None, "notify": None, "hours": None, "callback": {"confirm_by_sms": None}}
OTHERS = {"queue": "sales", "name": {"fi": "Myynti"}, "language": "fi", **ALWAYS, "organisation": "posti"}


def begin(*agents: str, caps: dict[str, Any], **changes: Any) -> tuple[Rehearsal, Asterisk]:
    """Two organisations, one with caps, and a service of each with agents in these device states."""
    rehearsal = Rehearsal(
        {
            "organisations": {"kela": {"caps": caps}, "posti": {}},
            "services": {"support": ALWAYS | {"organisation": "kela"}, "sales": OTHERS},
        }
        | changes
    )
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    for queue in ("support", "sales"):
        asterisk.on_duty(*agents, queue=queue)
    return rehearsal, asterisk


def refused(rehearsal: Rehearsal) -> list[tuple[str | None, str | None]]:
    return [(fact.service, fact.reason) for fact in rehearsal.facts if isinstance(fact, SmsRefused)]


def tomorrow(rehearsal: Rehearsal) -> None:
    rehearsal.later(24 * 3600)


def test_texts_past_the_cap_are_refused_for_its_services_only_until_midnight() -> None:
    rehearsal, _ = begin(caps={"texts_per_day": "2"})
    for place, number in enumerate((MATTI, AINO, LIISA)):
        wanted(rehearsal, f"ours-{place}", number=number, service="support")
        wanted(rehearsal, f"theirs-{place}", number=number, service="sales")
    assert refused(rehearsal) == [("support", "cap")]
    assert "alarm.raised" not in rehearsal.names()
    tomorrow(rehearsal)
    wanted(rehearsal, "ours-next", service="support")
    assert len(refused(rehearsal)) == 1


def test_a_text_that_another_daemon_counted_first_is_refused_and_raises_no_alarm() -> None:
    rehearsal, _ = begin(caps={"texts_per_day": "2"})
    wanted(rehearsal, "ours", service="support")
    rehearsal.tell(TextNotCounted(at=rehearsal.at, message="ours", reason="cap"))
    assert refused(rehearsal) == [("support", "cap")]
    assert "alarm.raised" not in rehearsal.names()


def test_calls_past_the_cap_wait_until_midnight_and_say_why() -> None:
    rehearsal, asterisk = begin("NOT_INUSE", "NOT_INUSE", "NOT_INUSE", caps={"calls_per_day": "1"})
    for number in (MATTI, AINO):
        ask_for(asterisk, number)
    ask_for(asterisk, LIISA, service="sales")
    ask_for(asterisk, PEKKA, service="sales")
    asterisk.ticks(5)
    assert sorted(numbers_dialled(asterisk)) == sorted([MATTI, LIISA, PEKKA])
    waits = [one for one in listed(rehearsal.world.for_callbacks, "support", rehearsal.at) if one.phase == "waiting"]
    assert [(one.why, one.says) for one in waits] == [
        ("per_day", "no more calls of the organisation today (caps.calls_per_day), again at 2026-06-04T00:00+03:00")
    ]
    assert "alarm.raised" not in rehearsal.names()


def test_a_call_that_did_not_go_out_does_not_count() -> None:
    rehearsal, asterisk = begin("NOT_INUSE", caps={"calls_per_day": "1"})
    asterisk.way_out = "refused"
    ask_for(asterisk)
    asterisk.ticks()
    assert len(numbers_dialled(asterisk)) == 1
    assert rehearsal.world.bounds.used(OF_ORGANISATION, "kela", "2026-06-03") == 0


def test_past_the_cap_nobody_is_offered_a_callback_that_would_wait_until_tomorrow() -> None:
    rehearsal, asterisk = begin("NOT_INUSE", caps={"calls_per_day": "1"})
    ask_for(asterisk)
    asterisk.ticks(2)
    asterisk.on_duty("UNAVAILABLE")
    asterisk.enters(AINO)
    assert [fact.reason for fact in rehearsal.facts if fact.name == "callback.refused"] == ["no_dialling"]


def test_no_more_callbacks_are_open_than_the_cap_allows_in_all_queues_of_the_organisation() -> None:
    second = OTHERS | {"queue": "claims", "organisation": "kela"}
    two = {"support": ALWAYS | {"organisation": "kela"}, "claims": second, "sales": OTHERS}
    rehearsal, asterisk = begin("UNAVAILABLE", caps={"open_callbacks": "2"}, services=two)
    ask_for(asterisk, MATTI)
    ask_for(asterisk, AINO, service="claims")
    ask_for(asterisk, LIISA, service="claims")
    ask_for(asterisk, LIISA, service="sales")
    assert sorted((one.number, one.service) for one in rehearsal.world.callbacks.values()) == sorted(
        [(MATTI, "support"), (AINO, "claims"), (LIISA, "sales")]
    )
    request = rehearsal.world.callbacks.requests[f"request-claims-{LIISA}"]
    assert request.refusal == "full"
    asterisk.enters(PEKKA)
    assert [fact.reason for fact in rehearsal.facts if fact.name == "callback.refused"] == ["full"]


def test_without_caps_nothing_is_counted() -> None:
    rehearsal, asterisk = begin("NOT_INUSE", caps={})
    wanted(rehearsal, "ours", service="support")
    rehearsal.tell(
        CallbackRequested(at=rehearsal.at, request="r", service="support", number=MATTI, caller_name="", by="staff")
    )
    asterisk.ticks(2)
    assert len(numbers_dialled(asterisk)) == 1
    assert rehearsal.world.bounds.used(OF_ORGANISATION, "kela", "2026-06-03") == 0
