"""What becomes of an account by what the provider of single sign-on says."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from callcentre.features.users.events import SignedOn
from callcentre.features.users.model import User
from callcentre.features.users.signing_on import account_name, role_of, values_of
from callcentre.web.rights import Role
from tests.unit.features.users.desk import HOME, NOON, Desk, account, session

SAID = account("Alice", role="agent", password=None)
ROLES = {"cc-admins": "administrator", "cc-agents": "agent", "cc-leads": "supervisor"}


def signed_on(desk: Desk, account: User = SAID, *, allowed: bool = True, name: str = "s") -> list[Any]:
    begun = session(name, desk.at, by="oidc")
    return desk.tell(
        SignedOn(at=desk.at, subject="alice", account=account, allowed=allowed, address=HOME, session=begun)
    )


def names(facts: list[Any]) -> list[str]:
    return [fact.name for fact in facts]


@pytest.mark.parametrize(
    ("claim", "values"),
    [("a", ("a",)), (["a", "b"], ("a", "b")), (["a", 1, None], ("a",)), (None, ()), (1, ()), ({"a": "b"}, ())],
)
def test_the_values_of_a_claim_are_texts(claim: Any, values: tuple[str, ...]) -> None:
    assert values_of({"groups": claim}, "groups") == values


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["cc-agents"], Role.AGENT),
        (["cc-agents", "cc-leads"], Role.SUPERVISOR),
        (["cc-leads", "cc-admins", "cc-agents"], Role.ADMINISTRATOR),
        (["administrator"], None),
        ("cc-agents", Role.AGENT),
        (None, None),
    ],
)
def test_of_several_roles_the_first_one_counts_and_only_what_the_configuration_names(groups: Any, role: Any) -> None:
    assert role_of({"groups": groups}, "groups", ROLES) is role


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "alice", "email": "a@example.fi"}, "alice"),
        ({"preferred_username": "<script>", "email": "a@example.fi"}, "a@example.fi"),
        ({"preferred_username": 7, "name": "Alice Äijä"}, "Alice Äijä"),
    ],
)
def test_an_account_gets_the_first_name_that_can_be_one(claims: Any, name: str) -> None:
    assert account_name(claims, "subject") == name


def test_without_a_name_an_account_is_named_after_the_subject() -> None:
    assert account_name({}, "one") != account_name({}, "other")
    assert account_name({}, "one").startswith("sso-")


def test_the_first_time_makes_the_account_and_later_times_find_it() -> None:
    desk = Desk()
    assert names(signed_on(desk)) == ["user.added", "user.logged_in"]
    again = replace(SAID, id="another", name="Alice B.", folded="alice b.")
    (fact,) = signed_on(desk, again, name="t")
    assert (fact.name, fact.account, fact.user, fact.by, fact.address) == (
        "user.logged_in", "Alice", "Alice", "oidc", HOME
    )  # fmt: skip
    assert len(desk.accounts.sessions.find("user", SAID.id)) == 2
    assert desk.now(SAID).subject == "alice"


def test_another_role_holds_at_once_and_ends_the_other_sessions() -> None:
    desk = Desk()
    signed_on(desk)
    changed, logged_in = signed_on(desk, replace(SAID, role="viewer", services=("support",)), name="t")
    assert (changed.name, changed.what, changed.by) == ("user.changed", "role services", "oidc")
    assert logged_in.role == "viewer"
    (left,) = desk.accounts.sessions.find("user", SAID.id)
    now = desk.now(SAID)
    assert (now.role, now.services, left.generation) == ("viewer", ("support",), now.generation)
    assert names(signed_on(desk, replace(now, mail="a@b.fi"), name="u")) == ["user.changed", "user.logged_in"]
    assert len(desk.accounts.sessions.find("user", SAID.id)) == 2


def test_who_has_no_role_any_more_is_refused_and_logged_out() -> None:
    desk = Desk()
    assert [fact.reason for fact in signed_on(desk, allowed=False)] == ["no_role"]
    assert desk.accounts.named("alice") == []
    signed_on(desk)
    (refused,) = signed_on(desk, allowed=False, name="t")
    assert (refused.reason, refused.account) == ("no_role", "Alice")
    assert desk.accounts.sessions.find("user", SAID.id) == []


def test_a_name_of_a_local_account_opens_nothing_and_a_disabled_account_stays_disabled() -> None:
    desk = Desk()
    local = account("ALICE", role="administrator")
    desk.has(local)
    assert [fact.reason for fact in signed_on(desk)] == ["other_account"]
    assert desk.accounts.sessions.find("user", local.id) == []
    desk = Desk()
    desk.has(replace(SAID, subject="alice", disabled=True))
    assert [fact.reason for fact in signed_on(desk)] == ["disabled"]
    assert desk.accounts.sessions.find("user", SAID.id) == []
    assert desk.at == NOON
