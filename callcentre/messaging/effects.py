"""The effect of messaging: a text is handed to the gateway once the decision is on disk."""

from __future__ import annotations

from callcentre.kernel.effect import Crash, Effect


class SendText(Effect, frozen=True, tag="send_text"):
    """Hand a text to the gateway. `number` is E.164 as we formatted it ourselves.

    It is never repeated by itself. The rules of texts count each try that may have arrived, and decide whether there
    is another.
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
