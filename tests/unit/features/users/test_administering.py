"""Who has an account or a key: what is added, changed and taken away, and which sessions end by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from callcentre.features.users.events import (
    Changes,
    InvitationRequested,
    InvitationUsed,
    KeyAddRequested,
    KeyRevokeRequested,
    KeyUsed,
    PasswordChosen,
    SecondFactorChosen,
    UserAddRequested,
    UserChangeRequested,
)
from callcentre.features.users.model import Invitation, browser_of, digest, folded, name_of, short_browser
from callcentre.features.users.sessions import is_usable
from tests.unit.features.users.desk import NOON, Desk, account, key, session

ANNA = account("Anna", role="administrator")
BO = account("Bo")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("anna", "anna"),
        ("  anna ", "anna"),
        ("Äijä Öhman", "Äijä Öhman"),
        ("anna@example.fi", "anna@example.fi"),
        ("A\u0308ija\u0308", "Äijä"),
        ("", None),
        ("token", None),
        ("TOKEN", None),
        ("key:x", None),
        ("<script>", None),
        ("a/b", None),
        ("a  b", None),
        ("a\nb", None),
        ("a\u202eb", None),
        ("x" * 64, "x" * 64),
        ("x" * 65, None),
    ],
)
def test_what_can_be_a_name(text: str, name: str | None) -> None:
    assert name_of(text) == name


def test_the_name_of_a_browser_is_short_and_printable() -> None:
    assert browser_of("Fire\x1b[31mfox\r\n" + "x" * 500) == ("Fire[31mfox" + "x" * 500)[:120]


def test_a_name_is_had_once_in_an_organisation_whatever_its_capitals() -> None:
    desk = Desk()
    assert [fact.name for fact in desk.tell(UserAddRequested(at=NOON, account=ANNA))] == ["user.added"]
    again = replace(account("ANNA"), id="other")
    assert desk.tell(UserAddRequested(at=NOON, account=again)) == []
    elsewhere = account("anna", organisation="other")
    assert [fact.name for fact in desk.tell(UserAddRequested(at=NOON, account=elsewhere))] == ["user.added"]
    assert len(desk.accounts.named("anna")) == 2
    assert desk.accounts.named("aNNA", "main") == [ANNA]


@pytest.mark.parametrize(
    ("changes", "what", "ends"),
    [
        (Changes(role="viewer"), "role", True),
        (Changes(services=("support",)), "services", True),
        (Changes(agent="PJSIP/bo"), "agent", True),
        (Changes(language="fi"), "language", False),
        (Changes(mail="bo@example.fi"), "mail", False),
        (Changes(role="viewer", mail="bo@example.fi"), "role mail", True),
    ],
)
def test_a_change_of_what_somebody_may_ends_the_other_sessions(changes: Changes, what: str, ends: bool) -> None:
    desk = Desk()
    one, other = desk.logged_in_first(BO, "one"), desk.logged_in(BO, "other")
    event = UserChangeRequested(at=desk.later(minutes=1), account=BO.id, changes=changes, keeps=one.hash)
    (fact,) = desk.tell(event)
    assert (fact.name, fact.account, fact.what) == ("user.changed", "Bo", what)
    left = {each.hash: each.generation for each in desk.accounts.sessions.find("user", BO.id)}
    now = desk.now(BO)
    assert left == ({one.hash: now.generation} if ends else {one.hash: 0, other.hash: 0})
    assert (now.generation == BO.generation + 1) is ends
    assert now.changed_at == desk.at
    assert desk.tell(event) == []


def test_another_password_or_second_factor_ends_all_sessions_but_one() -> None:
    desk = Desk()
    kept = desk.logged_in_first(BO, "kept")
    for number, event in enumerate(
        (
            PasswordChosen(at=NOON, account=BO.id, password="new", keeps=kept.hash),
            SecondFactorChosen(at=NOON, account=BO.id, totp="SECRET", step=7, recovery=("r",), keeps=kept.hash),
        ),
        1,
    ):
        desk.logged_in(BO, f"other {number}")
        (fact,) = desk.tell(event)
        assert (fact.name, fact.what) == ("user.changed", ("password", "second_factor")[number - 1])
        assert [each.hash for each in desk.accounts.sessions.find("user", BO.id)] == [kept.hash]
        assert desk.now(BO).generation == number
    assert desk.now(BO) == replace(
        BO, password="new", totp="SECRET", totp_step=7, recovery=("r",), generation=2, changed_at=NOON
    )


def test_a_disabled_account_has_no_session_and_can_be_enabled() -> None:
    desk = Desk()
    desk.logged_in_first(BO, "one")
    off = UserChangeRequested(at=NOON, account=BO.id, changes=Changes(disabled=True))
    assert [fact.name for fact in desk.tell(off)] == ["user.disabled"]
    assert desk.accounts.sessions.find("user", BO.id) == []
    assert [fact.reason for fact in desk.tries(desk.now(BO), name="bo")] == ["disabled"]
    on = UserChangeRequested(at=NOON, account=BO.id, changes=Changes(disabled=False))
    assert [fact.name for fact in desk.tell(on)] == ["user.enabled"]
    assert [fact.name for fact in desk.tries(desk.now(BO), name="bo")] == ["user.logged_in"]


@pytest.mark.parametrize("changes", [Changes(role="viewer"), Changes(disabled=True)])
def test_the_last_administrator_of_an_organisation_stays_one(changes: Changes) -> None:
    desk = Desk()
    gone = account("Gone", role="administrator", disabled=True)
    foreign = account("Anna", role="administrator", organisation="other")
    desk.has(ANNA, BO, gone, foreign)
    event = UserChangeRequested(at=NOON, account=ANNA.id, changes=changes)
    assert desk.tell(event) == []
    desk.has(account("Cia", role="administrator"))
    assert len(desk.tell(event)) == 1


def invitation(**more: object) -> Invitation:
    known = {"organisation": "main", "role": "agent", "made_at": NOON, "expires": NOON + timedelta(hours=72)}
    return Invitation(hash=digest("token"), **known | more)  # type: ignore[arg-type]


def test_an_invitation_makes_one_account_with_its_role_and_logs_in() -> None:
    desk = Desk()
    made = invitation(services=("support",), mail="bo@example.fi")
    (fact,) = desk.tell(InvitationRequested(at=NOON, invitation=made, by="link"))
    assert (fact.name, fact.role, fact.by) == ("user.invited", "agent", "link")
    claims_more = account("Bo", role="administrator", organisation="other")
    used = InvitationUsed(at=NOON, invitation=made.hash, account=claims_more, session=session("s", by="invitation"))
    assert [fact.name for fact in desk.tell(used)] == ["user.added", "user.logged_in"]
    now = desk.now(claims_more)
    assert (now.role, now.organisation, now.services, now.mail) == ("agent", "main", ("support",), "bo@example.fi")
    (begun,) = desk.accounts.sessions.find("user", now.id)
    assert (begun.organisation, begun.by) == ("main", "invitation")
    other = account("Cia")
    assert desk.tell(InvitationUsed(at=NOON, invitation=made.hash, account=other, session=session("t"))) == []


def test_an_invitation_counts_neither_late_nor_for_a_name_that_is_taken() -> None:
    desk = Desk()
    desk.has(BO)
    made = invitation()
    desk.tell(InvitationRequested(at=NOON, invitation=made, by="mail"))
    taken = InvitationUsed(at=NOON, invitation=made.hash, account=replace(BO, id="new"), session=session("s"))
    assert desk.tell(taken) == []
    late = InvitationUsed(at=made.expires, invitation=made.hash, account=account("Cia"), session=session("s"))
    assert desk.tell(late) == []
    assert desk.accounts.sessions._changed == {}


def test_the_first_start_invites_only_while_there_is_no_account() -> None:
    desk = Desk()
    event = InvitationRequested(at=NOON, invitation=invitation(role="administrator"), by="start")
    assert [fact.by for fact in desk.tell(event)] == ["start"]
    desk.has(BO)
    assert desk.tell(event) == []


def test_the_link_of_the_first_start_counts_only_while_there_is_no_account() -> None:
    desk = Desk()
    first = invitation(role="administrator", expires=NOON + timedelta(hours=1))
    desk.tell(InvitationRequested(at=NOON, invitation=first, by="start"))
    desk.has(BO)
    used = InvitationUsed(at=NOON, invitation=first.hash, account=account("Eve"), session=session("s"))
    assert desk.tell(used) == []
    other = invitation(role="administrator")
    desk.tell(InvitationRequested(at=NOON, invitation=other, by="link"))
    assert [fact.name for fact in desk.tell(used)] == ["user.added", "user.logged_in"]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
         "Chrome, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
         "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge, Windows"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_people_say_it(agent: str, name: str) -> None:
    assert short_browser(agent) == name


def test_a_key_is_added_once_by_its_name_and_counts_until_it_is_revoked() -> None:
    desk = Desk()
    (fact,) = desk.tell(KeyAddRequested(at=NOON, key=key()))
    assert (fact.name, fact.key, fact.role) == ("key.added", "wallboard", "device")
    assert desk.tell(KeyAddRequested(at=NOON, key=replace(key(), hash="other", id="other"))) == []
    assert folded("WallBoard") == folded("wallboard")
    (fact,) = desk.tell(KeyRevokeRequested(at=NOON, key=key().hash))
    assert (fact.name, fact.key) == ("key.revoked", "wallboard")
    assert desk.tell(KeyRevokeRequested(at=NOON, key=key().hash)) == []


def test_when_a_key_was_used_is_written_once_a_minute() -> None:
    desk = Desk()
    desk.has(key())
    for seconds, used in ((0, 0), (59, 0), (61, 61)):
        desk.tell(KeyUsed(at=NOON + timedelta(seconds=seconds), key=key().hash))
        found = desk.accounts.keys.get(key().hash)
        assert found is not None
        assert found.used_at == NOON + timedelta(seconds=used)


@pytest.mark.parametrize(
    ("known", "maker", "usable"),
    [
        (key(), None, True),
        (key(expires=NOON + timedelta(seconds=1)), None, True),
        (key(expires=NOON), None, False),
        (key(maker=BO.id), BO, True),
        (key(maker=BO.id), replace(BO, disabled=True), False),
        (key(maker=BO.id), None, False),
    ],
)
def test_a_key_counts_until_its_end_and_while_its_maker_may_log_in(known: object, maker: object, usable: bool) -> None:
    assert is_usable(known, maker, NOON) is usable  # type: ignore[arg-type]
