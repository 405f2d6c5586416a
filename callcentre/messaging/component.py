"""Text messages: when they are sent, their outcome, the answers to them, and people who want none."""

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, on, performs, provides
from callcentre.kernel.erasure.events import ErasureBegun
from callcentre.kernel.event import EffectInterrupted
from callcentre.kernel.known_numbers import KnowsNumber
from callcentre.kernel.limits.model import Bounds
from callcentre.kernel.nodes.model import FromNodes, Nodes
from callcentre.kernel.people import People
from callcentre.kernel.program import Measured, Program, Reloads, Resource
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging import hooks, metrics
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    DeliveryReported,
    OptedInByStaff,
    OptedOutByStaff,
    TextAgain,
    TextByStaff,
    TextHandedOver,
    TextNotCounted,
    TextReceived,
)
from callcentre.messaging.inbound import Claim, Inbound, OpenQuestions, OptOutExemption, TextForNode
from callcentre.messaging.interface import Texts
from callcentre.messaging.model import (
    Kinds,
    MessageKind,
    NextText,
    OpenTexts,
    TextDue,
    TextTurn,
    TextWanted,
    WithdrawText,
)
from callcentre.messaging.opt_out import OptOutRules, OptOuts
from callcentre.messaging.outbound import BUDGET_ALARM, UNCLEAR_ALARM, Outbound
from callcentre.messaging.retention import retentions
from callcentre.messaging.sending import GatewayInUse
from callcentre.messaging.staff import BY_STAFF, StaffTexts
from callcentre.web.ports import WebPorts
from callcentre.web.settings import HttpSettings


def _build(building: Building) -> Iterable[Any]:
    rules, people = building.need(SettingsInForce), building.need(People)
    texts, opt_outs = OpenTexts(), OptOuts()
    opt_out = OptOutRules(people, opt_outs)
    outbound = Outbound(rules, people, texts, Kinds(building.all(MessageKind)), opt_out, building.need(Bounds))
    inbound = Inbound(
        rules, people, texts, opt_out, building.all(Claim), building.all(OptOutExemption), building.need(Nodes),
        building.all(OpenQuestions),
    )  # fmt: skip
    yield from (
        texts.open,
        texts.failed,
        texts.pace,
        texts.budget,
        texts.exhausted,
        texts.doubt,
        texts.received,
        opt_outs,
    )
    yield from (BUDGET_ALARM, UNCLEAR_ALARM)
    yield from retentions(texts, opt_outs, rules)
    yield provides(Texts(rules, people, texts, opt_outs))
    staff = StaffTexts(rules, people, texts, opt_out)
    yield provides(staff)
    yield BY_STAFF
    yield on(TextByStaff, staff.written)
    yield on(TextAgain, staff.again)
    yield on(OptedOutByStaff, staff.opted_out)
    yield on(OptedInByStaff, staff.opted_in)
    yield KnowsNumber(texts.number_of)
    yield on(TextWanted, outbound.wanted)
    yield on(WithdrawText, outbound.withdrawn)
    yield on(NextText, outbound.next)
    yield on(TextTurn, outbound.turn)
    yield on(TextDue, outbound.due)
    yield on(TextHandedOver, outbound.handed_over)
    yield on(EffectInterrupted, outbound.interrupted)
    yield on(TextNotCounted, outbound.not_counted)
    yield on(DeliveryReported, outbound.reported)
    yield on(ErasureBegun, outbound.erased)
    yield on(TextReceived, inbound.received)
    yield FromNodes(TextForNode)
    yield on(TextForNode, inbound.passed_on)
    yield from _outside(building, rules, outbound)
    yield Measured(lambda: metrics.of_texts(texts))


def _outside(building: Building, rules: SettingsInForce, outbound: Outbound) -> Iterable[Any]:
    """The gateway, and its hooks."""
    sending = GatewayInUse(rules.settings, building.need(Program).clock, outbound.unwanted)
    yield performs(SendText, sending.send)
    yield Resource(sending.open)
    yield Reloads(sending.reloaded)
    yield from hooks.routes(
        building.need(WebPorts), lambda: sending.gateway, lambda: rules.settings.section(HttpSettings).token_of_hooks
    )


COMPONENT = Component(name="messaging", build=_build)
