"""What is to be done outside, once the decision is on disk.

An effect is never exactly-once: each says what a crash between its commit and its outcome means.
"""

from __future__ import annotations

from callcentre.kernel.effect import Crash, Effect


class SendText(Effect, frozen=True, tag="send_text"):
    """Hand a text to the gateway. `number` is E.164 as we formatted it ourselves.

    It is never carried out again by itself: the rules of texts count each try that may have arrived, and decide
    whether there is another.
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
