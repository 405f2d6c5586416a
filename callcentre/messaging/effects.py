"""The effect of messaging: hands a text to the gateway, once the decision is on disk."""

from __future__ import annotations

from callcentre.kernel.effect import Crash, Effect


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
