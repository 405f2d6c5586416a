"""The gateway in use: what it gets, and how another takes its place."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from callcentre.config.settings import Settings
from callcentre.kernel.records import Unreadable
from callcentre.messaging import sending
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Handover, Refused, TextHandedOver
from callcentre.messaging.gateways.console import ConsoleGateway
from callcentre.messaging.sending import GatewayInUse
from tests.cast import MATTI
from tests.unit.rehearsal import NOON, settings

TEXT = SendText(message="m", number=MATTI, sender="N", body="Hei")


class Gateway(ConsoleGateway):
    """Takes every text."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[SendText] = []
        self.closed = asyncio.Event()

    async def send(self, text: SendText) -> Handover:
        self.sent.append(text)
        return Accepted()

    async def close(self) -> None:
        self.closed.set()


@pytest.fixture
def gateways(monkeypatch: pytest.MonkeyPatch) -> list[Gateway]:
    """The gateways that were made, in order."""
    made: list[Gateway] = []

    def gateway_of(_settings: Settings) -> Gateway:
        made.append(Gateway())
        return made[-1]

    monkeypatch.setattr(sending, "gateway_of", gateway_of)
    return made


def in_use(reason: str | None = None, error: Exception | None = None) -> GatewayInUse:
    def unwanted(_message: str, _at: datetime) -> str | None:
        if error is not None:
            raise error
        return reason

    return GatewayInUse(settings(), lambda: NOON, unwanted)


async def test_a_text_that_is_still_wanted_goes_to_the_gateway(gateways: list[Gateway]) -> None:
    assert await in_use().send(TEXT) == TextHandedOver(at=NOON, message="m", outcome=Accepted())
    assert gateways[0].sent == [TEXT]


@pytest.mark.parametrize(
    ("reason", "error", "outcome"),
    [
        ("opted_out", None, Refused("opted_out", permanent=True, not_asked=True)),
        (None, Unreadable("locked"), Refused("the database cannot be read: locked", not_asked=True)),
    ],
)
async def test_a_text_that_is_not_or_may_not_be_wanted_does_not_go_out(
    gateways: list[Gateway], reason: str | None, error: Exception | None, outcome: Refused
) -> None:
    assert await in_use(reason, error).send(TEXT) == TextHandedOver(at=NOON, message="m", outcome=outcome)
    assert gateways[0].sent == []


async def test_other_settings_of_texts_bring_another_gateway_and_close_the_first(gateways: list[Gateway]) -> None:
    using = in_use()
    using.reloaded(settings(), settings({"services": {"support": {"welcome": None}}}))
    assert using.gateway is gateways[0]
    using.reloaded(settings(), settings({"sms": {"sender": "Toinen"}}))
    assert using.gateway is gateways[1]
    await asyncio.wait_for(gateways[0].closed.wait(), 5)
    assert not gateways[1].closed.is_set()


async def test_the_gateway_is_closed_at_the_end(gateways: list[Gateway]) -> None:
    async with in_use().open():
        assert not gateways[0].closed.is_set()
    assert gateways[0].closed.is_set()
