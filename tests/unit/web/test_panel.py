"""Panels: what they are about, and which facts may change them."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from callcentre.web.live.hub import Facts, Hub
from callcentre.web.live.panel import AsAgent, Panel, Subject, concerns
from callcentre.web.ports import _no_rows
from callcentre.web.rights import PEOPLE, Right, Role
from callcentre.web.visitor import Identity, Visitor
from tests.cast import ANNA

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEE = Right("agent.page", "See", PEOPLE)
BOTH = frozenset({"support", "sales"})


class Shown(msgspec.Struct, frozen=True):
    """What a panel shows."""

    words: str


def of_service(service: str, _at: datetime) -> Shown:
    return Shown(f"service {service}")


def of_agent(who: AsAgent, _at: datetime) -> Shown:
    return Shown(f"{who.agent} of {' '.join(sorted(who.services))}")


PANELS = (
    Panel(name="waiting", right=SEE, template="", state=of_service),
    Panel(name="alarms", right=SEE, template="", state=of_service, of_program=True),
    Panel(name="caller", right=SEE, template="", of_agent=of_agent),
)


def visitor(services: frozenset[str], agent: str | None = ANNA, *, may: bool = True) -> Visitor:
    return Visitor(
        identity=Identity(user="anna", role=Role.AGENT, organisation="main", agent=agent),
        rights=frozenset({SEE.name} if may else ()), services=services, reach=_no_rows("main", None), language="en",
        address="192.0.2.1",
    )  # fmt: skip


def hub() -> Hub:
    return Hub(
        PANELS,
        node=lambda: "main",
        clock=lambda: AT,
        render=lambda _panel, name, state, _language: f"{name}: {state.words}",
    )


def all_of(who: Visitor) -> str:
    live = hub()
    return live.all_panels(live.join(who, Facts.NONE)).decode()


@pytest.mark.parametrize(
    ("subject", "services", "changes"),
    [
        ("support", {"support"}, True),
        ("support", {"sales", ""}, False),
        ("", set(), True),
        (AsAgent(ANNA, BOTH), {"sales"}, True),
        (AsAgent(ANNA, frozenset({"support"})), {"sales"}, False),
        (AsAgent(ANNA, frozenset()), {""}, True),
        (AsAgent(ANNA, BOTH), set(), False),
    ],
)
def test_facts_of_its_services_may_change_what_is_shown(subject: Subject, services: set[str], changes: bool) -> None:
    assert concerns(subject, services) is changes


def test_a_visitor_with_a_phone_gets_the_panels_of_an_agent() -> None:
    shown = all_of(visitor(BOTH))
    assert f"{ANNA}: {ANNA} of sales support" in shown
    assert "service support" in shown
    assert "service sales" in shown


@pytest.mark.parametrize("who", [visitor(BOTH, None), visitor(BOTH, may=False)], ids=["without a phone", "no right"])
def test_nobody_else_gets_them(who: Visitor) -> None:
    assert ANNA not in all_of(who)


def test_two_accounts_with_one_phone_get_what_is_of_their_services() -> None:
    live = hub()
    support = live.join(visitor(frozenset({"support"})), Facts.NONE)
    sales = live.join(visitor(frozenset({"sales"})), Facts.NONE)
    live.paint()
    octets = [b"".join(chunk for _, chunk in viewer.waiting).decode() for viewer in (support, sales)]
    assert f"{ANNA} of support" in octets[0]
    assert f"{ANNA} of sales" in octets[1]
    assert "sales" not in octets[0]
    assert "support" not in octets[1]
