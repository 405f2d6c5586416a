"""The interface that every SMS gateway fulfils."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from callcentre.domain.effects import SendText
from callcentre.domain.events import DeliveryReported, Handover, TextReceived


class BadHook(ValueError):  # noqa: N818
    """What came to a hook is not what the gateway sends; the text says what is wrong."""


class Gateway(Protocol):
    """Hands texts to the mobile network and reads what it tells back.

    `send` never raises for what the network or the gateway does: that is an outcome. The two `read_…`
    functions are pure; they raise `BadHook`.
    """

    name: str

    async def send(self, text: SendText) -> Handover:
        """Hand over one text; at most `timeout` seconds."""
        ...

    async def probe(self) -> str | None:
        """None when the gateway would take a text now, else what is wrong and how to mend it."""
        ...

    def read_report(self, query: Mapping[str, str], at: datetime) -> DeliveryReported | None:
        """A delivery report from the hook's query; None when it says nothing we keep."""
        ...

    def read_text(self, query: Mapping[str, str], at: datetime) -> TextReceived:
        """A text from a phone from the hook's query."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
