"""What the customer answers, and what follows an attempt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcentre.features.callbacks.model import Phase
from callcentre.messaging.effects import SendText
from callcentre.telephony.events import KeyPressed
from tests.cast import AINO, ANNA, LIISA, MATTI, PEKKA
from tests.unit.features.callbacks.desk import answering, ask_for, begin, callbacks, reasons, ring
from tests.unit.features.callbacks.states import until, why

# --- in vain -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cause", "reason", "minutes"), [(17, "busy", 3), (16, "no_answer", 10), (19, "no_answer", 10), (38, "failed", 5)]
)
def test_an_attempt_in_vain_is_made_again_after_the_pause_of_its_cause(cause: int, reason: str, minutes: int) -> None:
    rehearsal, asterisk = begin("INUSE")
    ask_for(asterisk)
    asterisk.ticks()
    asterisk.rings_in_vain(ring(asterisk), cause)
    assert reasons(rehearsal, "postponed") == [reason]
    assert (why(callbacks(rehearsal)[0]), callbacks(rehearsal)[0].call) == (reason, None)
    rehearsal.later(minutes * 60 - 2)
    asterisk.ticks()
    assert len(asterisk.dialled) == 1
    asterisk.ticks(2)
    assert len(asterisk.dialled) == 2
    assert callbacks(rehearsal)[0].attempts == 2


@pytest.mark.parametrize("cause", [1, 21, 28])
def test_an_impossible_or_rejected_number_fails_at_once_with_the_text(cause: int) -> None:
    rehearsal, asterisk = begin("INUSE", give_up_text="Emme tavoittaneet sinua, {{ name }}.")
    callback = ask_for(asterisk, name="Matti")
    rehearsal.take(SendText)
    asterisk.ticks()
    asterisk.rings_in_vain(ring(asterisk), cause)
    assert reasons(rehearsal, "failed") == ["impossible"]
    assert [fact.callback for fact in rehearsal.facts if fact.name == "sms.queued"][-1] == callback
    assert [text.body for text in rehearsal.take(SendText)] == ["Emme tavoittaneet sinua, Matti."]
    assert callbacks(rehearsal) == []


def test_after_the_last_attempt_it_fails_with_the_text() -> None:
    rehearsal, asterisk = begin("INUSE", dial={"attempts": "2"}, give_up_text="Emme tavoittaneet sinua.")
    ask_for(asterisk)
    rehearsal.take(SendText)
    for _ in range(2):
        rehearsal.later(600)
        asterisk.ticks()
        asterisk.rings_in_vain(ring(asterisk), 16)
    assert reasons(rehearsal, "postponed") == ["no_answer"]
    assert reasons(rehearsal, "failed") == ["no_answer"]
    assert [text.body for text in rehearsal.take(SendText)] == ["Emme tavoittaneet sinua."]
    rehearsal.later(3600)
    asterisk.ticks(2)
    assert len(asterisk.dialled) == 2
    assert rehearsal.timers == {key: due for key, due in rehearsal.timers.items() if "callback" not in key}


def test_an_attempt_of_which_nothing_is_heard_is_over_at_last() -> None:
    rehearsal, asterisk = begin("INUSE")
    ask_for(asterisk)
    asterisk.ticks()
    call = ring(asterisk)
    rehearsal.later(59)
    assert callbacks(rehearsal)[0].phase is Phase.DIALLING
    rehearsal.later(2)
    asterisk.perform()
    assert reasons(rehearsal, "postponed") == ["no_answer"]
    assert call not in asterisk.channels


def test_a_retry_is_before_nobody_and_keeps_its_joining_time() -> None:
    rehearsal, asterisk = begin("INUSE")
    ask_for(asterisk, MATTI)
    joined = callbacks(rehearsal)[0].joined_at
    ask_for(asterisk, AINO)
    asterisk.ticks()
    asterisk.rings_in_vain(ring(asterisk), 17)
    assert rehearsal.world.place(callbacks(rehearsal)[1]) == 1
    rehearsal.later(180)
    assert callbacks(rehearsal)[0].joined_at == joined
    assert rehearsal.world.place(callbacks(rehearsal)[1]) == 2


# --- what the customer answers -----------------------------------------------------------------------


def test_the_customer_hears_who_calls_and_why() -> None:
    rehearsal, asterisk, call = answering()
    assert asterisk.heard[call] == ["call-intro", "call-accept"]
    assert callbacks(rehearsal)[0].phase is Phase.ASKING


def test_one_leads_into_the_queue_as_the_customer_and_on_to_the_end() -> None:
    rehearsal, asterisk, call = answering()
    asterisk.key(call, "1")
    assert asterisk.queues["support"] == [call]
    assert (asterisk.channels[call].number, asterisk.channels[call].caller_name) == (MATTI, "Matti Meikäläinen")
    assert callbacks(rehearsal)[0].phase is Phase.ACCEPTED
    assert rehearsal.world.calls.calls[call].joined_at == callbacks(rehearsal)[0].joined_at
    rehearsal.later(12)
    asterisk.answered(call, ANNA, name="Anna")
    assert callbacks(rehearsal)[0].phase is Phase.CONNECTED
    rehearsal.later(60)
    asterisk.hangs_up(call)
    assert callbacks(rehearsal) == []
    steps = [fact for fact in rehearsal.facts if fact.name.startswith("callback.")]
    assert [fact.name.removeprefix("callback.") for fact in steps] == [
        "accepted", "dialled", "confirmed", "queued", "connected", "completed",
    ]  # fmt: skip
    assert (steps[4].agent, steps[4].agent_name, steps[4].wait) == (ANNA, "Anna", 12.0)


def test_two_cancels() -> None:
    rehearsal, asterisk, call = answering()
    asterisk.key(call, "2")
    assert asterisk.heard[call][-1] == "call-cancelled"
    assert callbacks(rehearsal) == []
    asterisk.says_all(call)
    assert call not in asterisk.channels
    assert [fact.by for fact in rehearsal.facts if fact.name == "callback.cancelled"] == ["customer"]


def test_three_postpones_by_a_quarter_of_an_hour_and_costs_no_attempt() -> None:
    rehearsal, asterisk, call = answering()
    asterisk.key(call, "3")
    assert asterisk.heard[call][-1] == "call-postponed"
    asterisk.says_all(call)
    assert call not in asterisk.channels
    (later,) = callbacks(rehearsal)
    assert (later.attempts, why(later), until(later)) == (0, "customer", rehearsal.at + timedelta(minutes=15))
    rehearsal.later(15 * 60)
    asterisk.ticks()
    assert len(asterisk.dialled) == 2


@pytest.mark.parametrize("way", ["silence", "another key", "hangs up"])
def test_without_one_of_the_keys_nobody_answered(way: str) -> None:
    rehearsal, asterisk, call = answering()
    match way:
        case "silence":
            asterisk.says_all(call)
            asterisk.silence(call, 9.9)
            assert callbacks(rehearsal)[0].phase is Phase.ASKING
            asterisk.silence(call, 0.2)
        case "another key":
            asterisk.key(call, "7")
        case _:
            asterisk.hangs_up(call)
    assert reasons(rehearsal, "postponed") == ["no_answer"]
    assert call not in asterisk.channels
    assert callbacks(rehearsal)[0].attempts == 1


def test_where_no_key_is_asked_for_the_customer_hears_who_calls_and_has_accepted() -> None:
    rehearsal, asterisk, call = answering(dial={"press_to_accept": False})
    assert asterisk.heard[call] == ["call-intro"]
    assert "callback.confirmed" not in rehearsal.names()
    asterisk.says_all(call)
    assert asterisk.queues["support"] == [call]
    assert "callback.confirmed" in rehearsal.names()


def test_a_customer_who_accepts_enters_behind_the_live_callers_who_joined_earlier() -> None:
    rehearsal, asterisk = begin("INUSE", dial={"at_position": "2"})
    first = asterisk.calls_in(LIISA)
    ask_for(asterisk)
    later = asterisk.calls_in(PEKKA)
    asterisk.ticks()
    call = ring(asterisk)
    asterisk.picks_up(call)
    asterisk.key(call, "1")
    assert asterisk.queues["support"] == [first, call, later]
    assert list(rehearsal.world.calls.waiting("support")) == [first, call, later]


def test_a_customer_who_accepts_and_hangs_up_while_waiting_has_cancelled() -> None:
    rehearsal, asterisk, call = answering()
    asterisk.key(call, "1")
    asterisk.hangs_up(call)
    assert callbacks(rehearsal) == []
    assert [fact.by for fact in rehearsal.facts if fact.name == "callback.cancelled"] == ["customer"]


def test_a_customer_who_accepts_and_hangs_up_after_the_exit_key_has_cancelled_too() -> None:
    rehearsal, asterisk, call = answering()
    asterisk.key(call, "1")
    asterisk.asks(call)
    asterisk.hangs_up(call)
    assert callbacks(rehearsal) == []
    assert [fact.by for fact in rehearsal.facts if fact.name == "callback.cancelled"] == ["customer"]
    assert reasons(rehearsal, "postponed") == []


@pytest.mark.parametrize("status", ["TIMEOUT", "LEAVEEMPTY", "LEAVEUNAVAIL"])
def test_any_other_end_without_an_agent_opens_the_callback_again(status: str) -> None:
    rehearsal, asterisk, call = answering()
    asterisk.key(call, "1")
    asterisk.gives_up(call, status)
    assert reasons(rehearsal, "postponed") == ["failed"]
    asterisk.destroyed(call)
    assert [callback.phase for callback in callbacks(rehearsal)] == [Phase.WAITING]


def test_an_accepted_call_that_never_came_into_the_queue_opens_the_callback_again() -> None:
    rehearsal, asterisk, call = answering()
    rehearsal.effects.clear()
    rehearsal.tell(KeyPressed(at=rehearsal.at, call=call, key="1"))
    rehearsal.effects.clear()
    asterisk.destroyed(call)
    assert reasons(rehearsal, "postponed") == ["failed"]
