"""Texts: when they go out, whether again, what becomes of them, and who wants none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.kernel.event import EffectInterrupted
from callcentre.kernel.limits.model import Bounded
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    Handover,
    Refused,
    TextHandedOver,
    TextReceived,
    Unclear,
)
from callcentre.messaging.facts import NumberOptedIn, NumberOptedOut, SmsReceived, SmsRefused
from callcentre.messaging.model import Budget, Kind, Received, State, Suppression, TextWanted
from callcentre.messaging.outbound import pause_before, quiet_until, spend
from callcentre.messaging.words import OPT_OUT, OPT_OUT_UNLESS_CANCELS
from callcentre.values.hours import DailyWindow
from callcentre.values.numbers import caller_hash
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import MATTI, Asterisk

HELSINKI = ZoneInfo("Europe/Helsinki")
EVERYBODY = {"services": {"support": {"welcome": {"min_waiting": "1", "cooldown": "0s", "text": "Hei"}}}}


def begin(**changes: object) -> tuple[Rehearsal, Asterisk]:
    rehearsal = Rehearsal(EVERYBODY | changes)
    asterisk = Asterisk(rehearsal)
    asterisk.connect()
    return rehearsal, asterisk


def handed(rehearsal: Rehearsal, text: SendText, outcome: Handover) -> None:
    rehearsal.tell(TextHandedOver(at=rehearsal.at, message=text.message, outcome=outcome))


def reported(rehearsal: Rehearsal, message: str, delivery: Delivery) -> None:
    rehearsal.tell(DeliveryReported(at=rehearsal.at, message=message, delivery=delivery))


def says(rehearsal: Rehearsal, body: str, sender: str = MATTI, gateway_id: str = "1") -> list[str]:
    facts = rehearsal.tell(
        TextReceived(
            at=rehearsal.at, gateway="kannel", gateway_id=gateway_id, sender=sender, recipient="18222", body=body
        )
    )
    return [fact.name for fact in facts]


def refusals(rehearsal: Rehearsal) -> list[str | None]:
    return [fact.reason for fact in rehearsal.facts if isinstance(fact, SmsRefused)]


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-06-03T20:59", "2026-06-03T20:59"),
        ("2026-06-03T21:00", "2026-06-04T07:00"),
        ("2026-06-04T06:59", "2026-06-04T07:00"),
        ("2026-06-04T07:00", "2026-06-04T07:00"),
        ("2026-03-28T23:00", "2026-03-29T07:00"),
    ],
)
def test_quiet_hours_hold_a_text_until_they_end(at: str, until: str) -> None:
    quiet = DailyWindow.parse("21:00-07:00")
    moment = datetime.fromisoformat(at).replace(tzinfo=HELSINKI)
    assert quiet_until(quiet, moment, HELSINKI) == datetime.fromisoformat(until).replace(tzinfo=HELSINKI)


def test_tries_are_further_and_further_apart_up_to_five_minutes() -> None:
    pauses = [pause_before(attempt).total_seconds() for attempt in range(1, 13)]
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (None, (Budget(day="2026-06-03", used=1), True)),
        (Budget(day="2026-06-03", used=1), (Budget(day="2026-06-03", used=2), True)),
        (Budget(day="2026-06-03", used=2), (Budget(day="2026-06-03", used=2, exhausted=True), False)),
        (Budget(day="2026-06-02", used=2, exhausted=True), (Budget(day="2026-06-03", used=1), True)),
    ],
)
def test_a_day_has_its_budget(budget: Budget | None, expected: tuple[bool | Budget, ...]) -> None:
    assert spend(budget, "2026-06-03", 2) == expected


def test_past_the_budget_texts_are_refused_and_an_alarm_tells_once() -> None:
    rehearsal, asterisk = begin(sms={"per_day": "1"})
    for number in (MATTI, "+358402223333", "+358403334444"):
        asterisk.calls_in(number)
    assert len(rehearsal.take(SendText)) == 1
    assert refusals(rehearsal) == ["budget", "budget"]
    assert rehearsal.names().count("alarm.raised") == 1
    rehearsal.later(24 * 3600)
    asterisk.calls_in("+358404445555")
    assert rehearsal.names().count("alarm.cleared") == 1


def test_the_gateway_gets_no_more_than_so_many_a_second() -> None:
    rehearsal, asterisk = begin(sms={"per_second": "2"})
    for number in (MATTI, "+358402223333", "+358403334444", "+358404445555"):
        asterisk.calls_in(number)
    handed_over = [len(rehearsal.take(SendText))]
    for _ in range(3):
        rehearsal.later(0.5)
        handed_over.append(len(rehearsal.take(SendText)))
    assert handed_over == [1, 1, 1, 1]


def test_what_was_surely_refused_is_tried_again_while_it_is_wanted() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Refused("unreachable"))
    rehearsal.later(0.9)
    assert rehearsal.take(SendText) == []
    rehearsal.later(0.1)
    (again,) = rehearsal.take(SendText)
    assert again == text
    handed(rehearsal, again, Accepted())
    assert rehearsal.names().count("sms.accepted") == 1


def test_what_the_gateway_will_never_take_is_not_tried_again() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Refused("rejected", permanent=True))
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    assert refusals(rehearsal) == ["rejected"]


def test_a_welcome_that_may_have_gone_out_is_not_sent_again() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Unclear("no answer"))
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    reported(rehearsal, text.message, Delivery.DELIVERED)
    assert rehearsal.names()[-1] == "sms.delivered"


def test_a_welcome_interrupted_by_a_crash_is_not_sent_again_and_its_report_counts() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    rehearsal.tell(EffectInterrupted(at=rehearsal.at, effect=text))
    rehearsal.later(60)
    assert rehearsal.take(SendText) == []
    reported(rehearsal, text.message, Delivery.FAILED)
    assert rehearsal.names()[-1] == "sms.failed"


def test_a_text_of_which_nothing_is_ever_heard_fails_in_the_end() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    asterisk.calls_in("+358402223333")
    rehearsal.later(1)
    first, second = rehearsal.take(SendText)
    handed(rehearsal, first, Accepted())
    handed(rehearsal, second, Unclear("no answer"))
    rehearsal.later(3 * 24 * 3600)
    failed = [fact.reason for fact in rehearsal.facts if fact.name == "sms.failed"]
    assert failed == ["no_report", "unclear"]
    assert not rehearsal.world.texts.open


# --- an unclear outcome --------------------------------------------------------------------------


def wanted(rehearsal: Rehearsal, message: str = "m", *, number: str = MATTI, **more: Any) -> None:
    """A text that must arrive."""
    requested = TextWanted(
        at=rehearsal.at, message=message, kind=Kind.CALLBACK_CONFIRMATION, number=number, sender="N", body="Hei", **more
    )
    rehearsal.tell(requested)  # type: ignore[arg-type]


def alarms(rehearsal: Rehearsal) -> list[tuple[str, str | None]]:
    return [(fact.name, fact.reason) for fact in rehearsal.facts if fact.name.startswith("alarm.")]


def unclear(rehearsal: Rehearsal, hours: float = 24, *, crash: bool = False) -> list[float]:
    """Every hand-over ends unclear for so long; when they were, in seconds."""
    began, times = rehearsal.at, []
    for _ in range(int(hours * 3600)):
        for text in rehearsal.take(SendText):
            times.append((rehearsal.at - began).total_seconds())
            if crash:
                rehearsal.tell(EffectInterrupted(at=rehearsal.at, effect=text))
            else:
                handed(rehearsal, text, Unclear("504"))
        rehearsal.later(1)
    return times


@pytest.mark.parametrize("delivery", [Delivery.BUFFERED, Delivery.ACCEPTED])
@pytest.mark.parametrize("first", ["report", "answer"])
def test_a_report_that_the_gateway_has_the_text_saves_the_next_try(delivery: Delivery, first: str) -> None:
    # A phone that is off: the operator takes the text at once, and delivers it hours later.
    rehearsal, _ = begin()
    wanted(rehearsal)
    (text,) = rehearsal.take(SendText)
    if first == "report":
        reported(rehearsal, "m", delivery)
    handed(rehearsal, text, Unclear("504"))
    if first == "answer":
        reported(rehearsal, "m", delivery)
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    reported(rehearsal, "m", Delivery.DELIVERED)
    assert rehearsal.names() == ["sms.queued", "sms.accepted", "sms.delivered"]
    assert rehearsal.world.texts.budget.only == Budget(day="2026-06-03", used=1 if first == "report" else 2)


@pytest.mark.parametrize("crash", [False, True])
def test_a_text_that_must_arrive_is_tried_three_times_when_nobody_knows_whether_it_did(crash: bool) -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    assert unclear(rehearsal, hours=1, crash=crash) == [0, 5, 15]
    assert rehearsal.names() == ["sms.queued", "sms.failed"]
    assert rehearsal.facts[-1].reason == "unclear"
    assert rehearsal.world.texts.budget.only == Budget(day="2026-06-03", used=3)
    assert rehearsal.world.bounds.used(Bounded.TEXTS, caller_hash(rehearsal.world.key, MATTI), "2026-06-03") == 3
    assert not rehearsal.world.texts.open


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_a_report_after_an_unclear_try_saves_the_next(tries: int) -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    for number in range(1, tries + 1):
        (text,) = rehearsal.take(SendText)
        handed(rehearsal, text, Unclear("504"))
        rehearsal.later(0 if number == tries else 10)
    reported(rehearsal, "m", Delivery.DELIVERED)
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    assert rehearsal.names() == ["sms.queued", "sms.delivered"]


@pytest.mark.parametrize(
    ("sms", "tries"), [({"per_day": "2"}, 2), ({"per_number_per_day": "2"}, 2), ({"per_day": "1"}, 1)]
)
def test_no_cap_is_passed_by_tries_that_may_have_arrived(sms: dict[str, str], tries: int) -> None:
    rehearsal, _ = begin(sms=sms)
    wanted(rehearsal)
    assert len(unclear(rehearsal, hours=1)) == tries
    assert rehearsal.facts[-1].reason == "unclear"


def test_a_try_that_surely_did_not_arrive_is_not_counted_and_goes_on_until_it_is_stale() -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    tries = 0
    while rehearsal.world.texts.open:
        for text in rehearsal.take(SendText):
            tries += 1
            handed(rehearsal, text, Refused("503"))
        rehearsal.later(10)
    assert (refusals(rehearsal), rehearsal.world.texts.budget.only) == (["stale"], Budget(day="2026-06-03", used=1))
    assert 144 < tries < 160


@pytest.mark.parametrize("after", [Refused("no", permanent=True), Refused("503")])
def test_what_is_refused_after_a_try_that_may_have_arrived_is_unclear(after: Refused) -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Unclear("504"))
    for _ in range(13 * 60):
        rehearsal.later(60)
        for again in rehearsal.take(SendText):
            handed(rehearsal, again, after)
    assert [(fact.name, fact.reason) for fact in rehearsal.facts] == [("sms.queued", None), ("sms.failed", "unclear")]


def test_two_texts_with_an_unclear_outcome_raise_the_alarm_until_one_is_accepted() -> None:
    rehearsal, asterisk = begin()
    wanted(rehearsal, "a")
    unclear(rehearsal, hours=0.1)
    assert alarms(rehearsal) == []
    asterisk.calls_in("+358402223333")
    (welcome,) = rehearsal.take(SendText)
    handed(rehearsal, welcome, Unclear("504"))
    assert alarms(rehearsal) == [("alarm.raised", "sms_unclear")]
    again = rehearsal.restarted()
    wanted(again, "b")
    unclear(again, hours=0.1)
    wanted(again, "c")
    (text,) = again.take(SendText)
    handed(again, text, Accepted())
    assert alarms(again) == [("alarm.raised", "sms_unclear"), ("alarm.cleared", "sms_unclear")]
    assert again.world.texts.doubt.only is None


def test_one_text_in_between_that_is_accepted_makes_no_alarm() -> None:
    rehearsal, _ = begin()
    for message, outcome in (("a", Unclear("504")), ("b", Accepted()), ("c", Unclear("504"))):
        wanted(rehearsal, message)
        while texts := rehearsal.take(SendText):
            for text in texts:
                handed(rehearsal, text, outcome)
            rehearsal.later(10)
    assert alarms(rehearsal) == []


@given(st.lists(st.sampled_from(["refused", "unclear", "crash", "restart", "accepted", "never"]), max_size=30))
def test_no_more_than_three_tries_may_arrive_and_each_is_counted(outcomes: list[str]) -> None:
    rehearsal, _ = begin()
    wanted(rehearsal)
    may_have_arrived = 0
    for outcome in outcomes:
        rehearsal.later(400)
        texts = rehearsal.take(SendText)
        if outcome == "restart":
            rehearsal = rehearsal.restarted()
            rehearsal.effects.extend(texts)
            continue
        for text in texts:
            may_have_arrived += outcome in {"unclear", "crash", "accepted"}
            match outcome:
                case "crash":
                    rehearsal = rehearsal.restarted()
                    rehearsal.tell(EffectInterrupted(at=rehearsal.at, effect=text))
                case "unclear":
                    handed(rehearsal, text, Unclear("504"))
                case "accepted":
                    handed(rehearsal, text, Accepted())
                case _:
                    handed(rehearsal, text, Refused("no", permanent=outcome == "never"))
    assert may_have_arrived <= 3
    budget = rehearsal.world.texts.budget.only
    assert budget is not None
    assert may_have_arrived <= budget.used <= 3


# --- how many to one number ----------------------------------------------------------------------


def test_a_number_gets_so_many_texts_a_day_and_others_are_not_concerned() -> None:
    rehearsal, _ = begin(sms={"per_number_per_day": "2"})
    for message in "abc":
        wanted(rehearsal, message)
    wanted(rehearsal, "d", number="+358402223333")
    assert refusals(rehearsal) == ["per_number"]
    rehearsal.later(3)
    assert [text.message for text in rehearsal.take(SendText)] == ["a", "b", "d"]
    assert rehearsal.world.texts.budget.only == Budget(day="2026-06-03", used=3)
    again = rehearsal.restarted()
    wanted(again, "e")
    assert again.facts[-1].reason == "per_number"
    again.later(24 * 3600)
    wanted(again, "f")
    assert again.facts[-1].name == "sms.queued"


def test_answers_to_what_a_number_wrote_leave_half_for_promises() -> None:
    rehearsal, _ = begin(sms={"per_number_per_day": "5"})
    for message in "abcd":
        wanted(rehearsal, message, answers=True)
    for message in "efgh":
        wanted(rehearsal, message)
    assert [fact.message for fact in rehearsal.facts if isinstance(fact, SmsRefused)] == ["c", "d", "h"]


def test_a_welcome_that_waits_for_the_gateway_is_not_sent_once_its_caller_left() -> None:
    rehearsal, asterisk = begin()
    call = asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Refused("unreachable"))
    asterisk.hangs_up(call)
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    assert refusals(rehearsal) == ["left"]


def test_a_caller_who_opts_out_while_the_text_waits_gets_none() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Refused("unreachable"))
    says(rehearsal, "STOP")
    rehearsal.later(60)
    assert rehearsal.take(SendText) == []
    assert refusals(rehearsal) == ["opted_out"]


def test_a_welcome_that_quiet_hours_hold_back_too_long_is_stale() -> None:
    rehearsal, asterisk = begin(sms={"quiet_hours": "11:00-20:00"})
    asterisk.calls_in()
    assert rehearsal.take(SendText) == []
    assert refusals(rehearsal) == ["stale"]


@pytest.mark.parametrize("answer", [Accepted(), Refused("x"), Refused("x", permanent=True), Unclear("x")])
def test_a_report_before_the_answer_is_the_last_word(answer: Accepted | Refused | Unclear) -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    reported(rehearsal, text.message, Delivery.DELIVERED)
    handed(rehearsal, text, answer)
    rehearsal.later(3600)
    assert rehearsal.take(SendText) == []
    assert rehearsal.names()[-1] == "sms.delivered"


@pytest.mark.parametrize("first", [Delivery.DELIVERED, Delivery.FAILED, Delivery.REJECTED, Delivery.EXPIRED])
@pytest.mark.parametrize("second", list(Delivery))
def test_an_end_state_never_goes_back(first: Delivery, second: Delivery) -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Accepted())
    reported(rehearsal, text.message, first)
    before = rehearsal.names()
    reported(rehearsal, text.message, second)
    assert rehearsal.names() == before


def test_reports_on_the_way_and_for_nobody_change_nothing() -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    handed(rehearsal, text, Accepted())
    before = rehearsal.names()
    reported(rehearsal, text.message, Delivery.BUFFERED)
    reported(rehearsal, text.message, Delivery.ACCEPTED)
    reported(rehearsal, "welcome-of-nobody", Delivery.DELIVERED)
    assert rehearsal.names() == before
    assert rehearsal.world.texts.open[text.message].state is State.ACCEPTED


@pytest.mark.parametrize("word", sorted(OPT_OUT | OPT_OUT_UNLESS_CANCELS))
def test_opt_out_words_are_obeyed_and_answered_by_nothing(word: str) -> None:
    rehearsal, _ = begin()
    assert says(rehearsal, word.upper()) == ["sms.received", "number.opted_out"]
    assert rehearsal.take(SendText) == []
    assert says(rehearsal, word, gateway_id="2") == ["sms.received"]


@pytest.mark.parametrize(
    "body",
    [
        "STOP.", "Stop", " stop\n", "“STOP”", "'stop'", "*STOP*", "S.T.O.P.", "S T O P", "ＳＴＯＰ", "st\u00adop",
        "STOP!!! 🛑", "STOP!!! STOP", "<stop>", "Stop tack", "Kiitos, lopeta", "Please STOP", "stop now, thank you",
        "Opt-out",
        "stop stop stop", "Peruuta tilaus!", "STOP 18222", "Lopeta heti!", "stop viestit", "Älä lähetä enää",
        "ÄLÄ LÄHETÄ VIESTEJÄ", "a\u0308la\u0308 la\u0308heta\u0308 viesteja\u0308",
    ],
)  # fmt: skip
def test_people_write_stop_in_many_ways(body: str) -> None:
    rehearsal, _ = begin()
    assert says(rehearsal, body) == ["sms.received", "number.opted_out"]


@pytest.mark.parametrize(
    "body",
    [
        "PERU", "EI", "stop that", "5", "", "🛑", "kiitos", "Älä lopeta", "don't stop", "the end", "non-stop", "stops",
        "s t",
    ],
)  # fmt: skip
def test_other_words_opt_nobody_out(body: str) -> None:
    rehearsal, _ = begin()
    assert says(rehearsal, body) == ["sms.received"]


def test_who_opted_out_can_come_back() -> None:
    rehearsal, _ = begin()
    says(rehearsal, "STOP")
    assert says(rehearsal, "Start", gateway_id="2") == ["sms.received", "number.opted_in"]
    assert says(rehearsal, "Start", gateway_id="3") == ["sms.received"]


def lifted(rehearsal: Rehearsal, by: str) -> bool:
    requested = Suppression(caller=caller_hash(rehearsal.world.key, MATTI), at=rehearsal.at, by=by)
    rehearsal.world.suppressions.put(requested)
    return says(rehearsal, "START", gateway_id=by) == ["sms.received", "number.opted_in"]


def test_a_text_lifts_only_what_came_by_text() -> None:
    rehearsal, _ = begin()
    assert {by: lifted(rehearsal, by) for by in ("sms", "gateway", "staff")} == {
        "sms": True, "gateway": True, "staff": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("taken_as", "body", "expected"),
    [
        ("stop", "seis", ["sms.received", "number.opted_out"]),
        ("start", "jatka", ["sms.received"]),
        ("start", "STOP", ["sms.received", "number.opted_out"]),
        (None, "seis", ["sms.received"]),
    ],
)
def test_what_the_gateway_takes_for_stop_counts_as_if_it_had_been_written(
    taken_as: Literal["stop", "start"] | None, body: str, expected: list[str]
) -> None:
    rehearsal, _ = begin()
    event = TextReceived(
        at=rehearsal.at, gateway="twilio", gateway_id="1", sender=MATTI, recipient="18222", body=body, taken_as=taken_as
    )
    assert [fact.name for fact in rehearsal.tell(event)] == expected


def test_what_the_gateway_takes_for_start_allows_texts_again() -> None:
    rehearsal, _ = begin()
    orders: tuple[Literal["stop", "start"], ...] = ("stop", "start")
    for gateway_id, taken_as in zip("12", orders, strict=True):
        rehearsal.tell(
            TextReceived(
                at=rehearsal.at, gateway="twilio", gateway_id=gateway_id, sender=MATTI, recipient="1", body="x",
                taken_as=taken_as,
            )
        )  # fmt: skip
    assert rehearsal.names() == ["sms.received", "number.opted_out", "sms.received", "number.opted_in"]
    assert {fact.by for fact in rehearsal.facts if fact.by} == {"gateway"}


@pytest.mark.parametrize("way", ["answer", "report"])
def test_whom_the_gateway_sends_nothing_has_opted_out(way: str) -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in()
    (text,) = rehearsal.take(SendText)
    if way == "answer":
        handed(rehearsal, text, Refused("twilio answered 400, error 21610", permanent=True, opted_out=True))
    else:
        handed(rehearsal, text, Accepted())
        rehearsal.tell(
            DeliveryReported(at=rehearsal.at, message=text.message, delivery=Delivery.FAILED, opted_out=True)
        )
    (opted_out,) = [fact for fact in rehearsal.facts if isinstance(fact, NumberOptedOut)]
    assert opted_out.by == "gateway"
    asterisk.calls_in()
    assert rehearsal.take(SendText) == []
    assert says(rehearsal, "START")[-1] == "number.opted_in"


STRANGE = ["EI", "K", "1", "0401112209", "CANCEL", "hei", "STOP", "START", "", "PERU", "5", "+358401112209"]


@pytest.mark.parametrize("body", STRANGE)
def test_a_text_from_a_phone_with_nothing_open_changes_nothing_but_stop(body: str) -> None:
    rehearsal, asterisk = begin()
    asterisk.calls_in("+358402223333")
    before, others = dict(rehearsal.disk), len(rehearsal.effects)
    says(rehearsal, body)
    changed = {kind for kind, key in rehearsal.disk.keys() ^ before.keys()} | {
        kind for kind, key in before if rehearsal.disk.get((kind, key)) != before[kind, key]
    }
    assert changed <= {Received, Suppression}
    assert len(rehearsal.effects) == others


def test_the_same_text_told_twice_is_one_text() -> None:
    rehearsal, _ = begin()
    assert says(rehearsal, "STOP") == ["sms.received", "number.opted_out"]
    assert says(rehearsal, "STOP") == []
    rehearsal.later(timedelta(days=4).total_seconds())
    says(rehearsal, "x", gateway_id="2")
    assert list(rehearsal.world.texts.received) == ["kannel 2"]


def test_a_sender_of_letters_opts_nobody_out() -> None:
    rehearsal, _ = begin()
    assert says(rehearsal, "STOP", sender="Elisa") == ["sms.received"]


def test_facts_of_texts_from_phones_hide_the_number_and_the_words() -> None:
    rehearsal, _ = begin()
    says(rehearsal, "STOP")
    assert {type(fact) for fact in rehearsal.facts} == {SmsReceived, NumberOptedOut}
    assert MATTI not in repr(rehearsal.facts)
    assert all(fact.number == "+35840•••22" and len(fact.caller) == 16 for fact in rehearsal.facts)
    says(rehearsal, "START", gateway_id="2")
    assert isinstance(rehearsal.facts[-1], NumberOptedIn)


def test_utc_is_not_needed_for_the_day_of_the_budget() -> None:
    rehearsal, asterisk = begin(sms={"per_day": "1"})
    rehearsal.at = datetime(2026, 6, 3, 20, 59, tzinfo=UTC)
    asterisk.calls_in()
    rehearsal.at = datetime(2026, 6, 3, 21, 1, tzinfo=UTC)
    asterisk.calls_in("+358402223333")
    assert refusals(rehearsal) == []
