"""Text messages: when they go out, what becomes of them, which answers come, and who wants none."""

from collections.abc import Iterable
from typing import Any

from callcentre.kernel.component import Building, Component, on, provides
from callcentre.kernel.event import EffectInterrupted
from callcentre.messaging import undeclared
from callcentre.messaging.events import DeliveryReported, TextHandedOver, TextReceived
from callcentre.messaging.inbound import Claim, Inbound, OptOutExemption
from callcentre.messaging.interface import Texts
from callcentre.messaging.model import Kinds, MessageKind, TextDue, TextTurn, TextWanted, WithdrawText
from callcentre.messaging.opt_out import OptOutRules
from callcentre.messaging.outbound import Outbound
from callcentre.world import World


def _build(building: Building) -> Iterable[Any]:
    world = building.need(World)
    texts, opt_outs = world.texts, world.suppressions
    opt_out = OptOutRules(world, opt_outs)
    outbound = Outbound(world, world, texts, Kinds(building.all(MessageKind)), opt_out, world.bounds)
    inbound = Inbound(world, world, texts, opt_out, building.all(Claim), building.all(OptOutExemption))
    yield from (texts.open, texts.pace, texts.budget, texts.doubt, texts.received, opt_outs)
    yield from undeclared.kinds()
    yield provides(Texts(world, world, texts, opt_outs))
    yield provides(outbound)
    yield on(TextWanted, outbound.wanted)
    yield on(WithdrawText, outbound.withdrawn)
    yield on(TextTurn, outbound.due)
    yield on(TextDue, outbound.due)
    yield on(TextHandedOver, outbound.handed_over)
    yield on(EffectInterrupted, outbound.interrupted)
    yield on(DeliveryReported, outbound.reported)
    yield on(TextReceived, inbound.received)


COMPONENT = Component(name="messaging", build=_build)
