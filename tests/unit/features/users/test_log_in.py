"""Who may log in: passwords, codes, and how many wrong ones count."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from callcentre.features.users.events import Confirmed, Match, SessionSeen, SessionsEnded
from callcentre.features.users.limits import CLOSED_FOR, WITHIN, WRONG, after_wrong, closed_until
from callcentre.features.users.model import Tries, tries_of
from callcentre.features.users.sessions import is_valid, why_not
from tests.unit.features.users.desk import ELSEWHERE, HOME, NOON, Desk, account, session

ANNA = account("Anna")
CODED = replace(ANNA, totp="SECRET", totp_step=100, recovery=("r1", "r2"))


def match(**more: object) -> Match:
    return Match(user=ANNA.id, generation=0, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("user", "given_", "reason"),
    [
        (ANNA, match(), None),
        (None, match(), "wrong"),
        (replace(ANNA, generation=1), match(), "wrong"),
        (replace(ANNA, disabled=True), match(), "disabled"),
        (CODED, match(), "code"),
        (CODED, match(step=101), None),
        (CODED, match(step=100), "code_used"),
        (CODED, match(step=99), "code_used"),
        (CODED, match(recovery="r2"), None),
        (CODED, match(recovery="r3"), "code"),
        (replace(CODED, disabled=True), match(step=101), "disabled"),
        (ANNA, match(step=5), None),
    ],
)
def test_why_somebody_with_the_password_is_not_logged_in(user: object, given_: Match, reason: str | None) -> None:
    assert why_not(user, given_) == reason  # type: ignore[arg-type]


def test_a_log_in_begins_a_session_of_the_account_and_is_one_fact() -> None:
    desk = Desk()
    desk.has(ANNA)
    (fact,) = desk.tries(ANNA)
    assert (fact.name, fact.user, fact.account, fact.organisation, fact.address, fact.by) == (
        "user.logged_in", "Anna", "Anna", "main", HOME, "password"
    )  # fmt: skip
    (begun,) = desk.accounts.sessions.find("user", ANNA.id)
    assert is_valid(begun, ANNA, NOON)
    assert not is_valid(begun, ANNA, begun.expires)


def test_a_wrong_password_names_an_account_only_where_there_is_one() -> None:
    desk = Desk()
    desk.has(ANNA)
    (known,) = desk.tries()
    (unknown,) = desk.tries(name="hunter2-typed-as-the-name")
    assert (known.account, known.reason) == ("Anna", "wrong")
    assert (unknown.account, unknown.reason) == (None, "wrong")
    assert "hunter2" not in repr([desk.accounts.tries._changed, unknown])


def test_ten_wrong_passwords_in_ten_minutes_close_the_log_in_for_fifteen() -> None:
    desk = Desk()
    desk.has(ANNA)
    for _ in range(WRONG - 1):
        assert [fact.name for fact in desk.tries()] == ["user.refused"]
        desk.later(seconds=60)
    refused, locked = desk.tries()
    assert (refused.name, locked.name, locked.account, locked.address) == ("user.refused", "user.locked", "Anna", HOME)
    assert locked.until == (desk.at + CLOSED_FOR).isoformat(timespec="seconds")
    desk.later(minutes=14)
    assert desk.tries(ANNA) == []
    assert desk.accounts.sessions.find("user", ANNA.id) == []
    assert [fact.name for fact in desk.tries(ANNA, address=ELSEWHERE)] == ["user.logged_in"]
    desk.later(minutes=2)
    assert [fact.name for fact in desk.tries(ANNA)] == ["user.logged_in"]


def test_wrong_passwords_for_a_name_that_nobody_has_close_it_too() -> None:
    desk = Desk()
    names = [fact.name for _ in range(WRONG) for fact in desk.tries(name="nobody")]
    assert names.count("user.locked") == 1
    assert desk.tries(name="nobody") == []


def test_the_right_password_makes_earlier_wrong_ones_forgotten() -> None:
    desk = Desk()
    desk.has(ANNA)
    for _ in range(WRONG - 1):
        desk.tries()
    desk.tries(ANNA)
    assert [fact.name for fact in desk.tries()] == ["user.refused"]


def test_capitals_of_the_name_and_addresses_of_one_customer_are_one_place() -> None:
    assert tries_of("ANNA ", "2001:db8:1:2::1") == tries_of("anna", "2001:db8:1:2:ffff::2")
    assert tries_of("anna", HOME) != tries_of("anna", ELSEWHERE)
    assert tries_of("anna", HOME) != tries_of("bo", HOME)


@given(st.lists(st.integers(0, 3000), max_size=60))
def test_the_log_in_is_closed_only_after_ten_wrong_ones_within_ten_minutes(gaps: list[int]) -> None:
    tries: Tries | None = None
    counted: list[datetime] = []
    at = NOON
    for gap in gaps:
        at += timedelta(seconds=gap)
        if closed_until(tries, at) is not None:
            continue
        counted = [each for each in counted if at - each < WITHIN] + [at]
        tries = after_wrong(tries, "x", at)
        assert (tries.closed_until is not None) == (len(counted) >= WRONG)
        assert len(tries.wrong) < WRONG
        counted = [] if tries.closed_until else counted


def test_a_closed_log_in_is_open_when_the_clock_is_set_back() -> None:
    tries = Tries(hash="x", at=NOON, closed_until=NOON + CLOSED_FOR)
    assert closed_until(tries, NOON) is not None
    assert closed_until(tries, NOON - timedelta(days=1)) is None


def test_accounts_of_two_organisations_with_one_name_and_password_are_refused() -> None:
    desk = Desk()
    other = account("anna", organisation="other")
    desk.has(ANNA, other)
    (fact,) = desk.tries(ANNA, other)
    assert (fact.reason, fact.account) == ("ambiguous", None)
    (fact,) = desk.tries(other)
    assert (fact.name, fact.organisation) == ("user.logged_in", "other")


def test_a_code_and_a_recovery_code_count_once() -> None:
    desk = Desk()
    desk.has(CODED)
    assert [fact.name for fact in desk.tries(CODED, step=101)] == ["user.logged_in"]
    assert [fact.reason for fact in desk.tries(CODED, step=101)] == ["code_used"]
    assert [fact.name for fact in desk.tries(CODED, recovery="r1")] == ["user.logged_in"]
    assert [fact.reason for fact in desk.tries(CODED, recovery="r1")] == ["code"]
    assert desk.now(CODED).recovery == ("r2",)


def test_the_password_once_more_confirms_a_session_and_a_wrong_one_counts() -> None:
    desk = Desk()
    desk.has(ANNA)
    begun = desk.logged_in(ANNA, "s")
    at = desk.later(hours=1)
    tries = tries_of("Anna", HOME)
    desk.tell(Confirmed(at=at, session=begun.hash, tries=tries, address=HOME, right=True))
    found = desk.accounts.sessions.get(begun.hash)
    assert found is not None
    assert found.confirmed_at == at
    wrong = Confirmed(at=at, session=begun.hash, tries=tries, address=HOME, right=False)
    assert [fact.name for _ in range(WRONG) for fact in desk.tell(wrong)][-1] == "user.locked"
    later = desk.later(minutes=1)
    desk.tell(Confirmed(at=later, session=begun.hash, tries=tries, address=HOME, right=True))
    assert desk.accounts.sessions.get(begun.hash) == found


def test_when_a_session_was_seen_is_written_once_a_minute() -> None:
    desk = Desk()
    begun = desk.logged_in_first(ANNA, "s")
    for seconds, seen in ((59, NOON), (60, NOON + timedelta(seconds=60)), (100, NOON + timedelta(seconds=60))):
        desk.tell(SessionSeen(at=NOON + timedelta(seconds=seconds), session=begun.hash))
        found = desk.accounts.sessions.get(begun.hash)
        assert found is not None
        assert found.seen_at == seen


def test_sessions_that_are_ended_are_gone_and_one_fact_says_how_many() -> None:
    desk = Desk()
    first, second = desk.logged_in_first(ANNA, "one"), desk.logged_in(ANNA, "two")
    (fact,) = desk.tell(SessionsEnded(at=NOON, sessions=(first.hash, second.hash, "gone"), by="other"))
    assert (fact.name, fact.sessions, fact.by, fact.account) == ("user.logged_out", 2, "other", "Anna")
    assert desk.accounts.sessions.find("user", ANNA.id) == []
    assert desk.tell(SessionsEnded(at=NOON, sessions=(first.hash,), by="user")) == []


@pytest.mark.parametrize(
    "change", [{"user": "other"}, {"generation": 1}, {"expires": NOON}], ids=lambda change: next(iter(change))
)
def test_a_session_lasts_only_for_its_account_generation_and_time(change: dict[str, object]) -> None:
    good = session("s", user=ANNA.id, organisation="main")
    assert is_valid(good, ANNA, NOON)
    assert not is_valid(replace(good, **change), ANNA, NOON)
    assert not is_valid(good, replace(ANNA, disabled=True), NOON)
    assert not is_valid(good, None, NOON)
    assert not is_valid(None, ANNA, NOON)
