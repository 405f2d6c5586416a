"""JSON that is nested without end is nonsense like any other: it ends nothing that goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from callcentre.configuration import read
from callcentre.kernel.event import Event
from callcentre.kernel.program import Program
from callcentre.messaging.events import Handover, Unclear
from callcentre.messaging.gateways import elks, twilio
from callcentre.telephony.ari.connection import _is_replaced
from callcentre.telephony.ari.link import AsteriskLink
from callcentre.telephony.ari.operation import _message
from tests.testbed.configuration import write_configuration
from tests.unit.world import World

DEEP = '{"type":"StasisStart","x":' + "[" * 100_000


def test_an_event_of_asterisk_is_left_out(tmp_path: Path) -> None:
    file = write_configuration(tmp_path / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=1)
    world = World(settings=read(file).settings, key=b"")
    events: list[Event] = []
    link = AsteriskLink(world, world.queue_view, Program(submit=events.append), is_wanted=lambda _call: True)
    link.hear(DEEP.encode())
    assert events == []
    assert not _is_replaced(DEEP.encode())


def test_a_refusal_of_asterisk_is_shown_as_it_came() -> None:
    assert _message(DEEP.encode()).startswith('{"type":"StasisStart"')


@pytest.mark.parametrize("outcome", [elks.outcome, twilio.outcome], ids=["elks", "twilio"])
def test_what_a_gateway_made_of_a_text_is_unclear(outcome: Callable[[int, str], Handover]) -> None:
    assert isinstance(outcome(200, DEEP), Unclear)
