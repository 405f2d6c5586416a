"""The effect of messaging: hands a text to the gateway, once the decision is on disk."""

from __future__ import annotations

from typing import Final

from callcentre.kernel.effect import Crash, Effect

MOST_AT_ONCE: Final = 50
"""Texts that are being handed over at the same time, each over a connection of its own.

Only a slow gateway gets more at once. Further texts wait, so that descriptors are left for other uses.
"""


class SendText(Effect, frozen=True, tag="send_text"):
    """Hand a text to the gateway. `number` is E.164, as formatted by us.

    It is never repeated automatically. The rules of texts count each try that may have arrived, and decide whether
    there is another.
    """

    message: str
    number: str
    sender: str
    body: str

    @property
    def lane(self) -> str:
        return self.number

    @property
    def on_crash(self) -> Crash:
        return Crash.AT_MOST_ONCE
