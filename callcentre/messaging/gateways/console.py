"""A gateway for tests and demonstrations: every text is printed, none is sent."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NoReturn, TextIO

from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Handover, Refused
from callcentre.messaging.gateways.gateway import BadHook, GatewayType, HookAnswer, HookRequest
from callcentre.values.sms_text import measure


class ConsoleGateway:
    """Implements `Gateway` by printing one line for each text to `stream`, by default standard error.

    Characters that are not printable (line breaks, escapes of a terminal) are printed as Python escapes.
    """

    name = "console"
    hook_answer = HookAnswer()

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    async def send(self, text: SendText) -> Handover:
        """Print the text; `Refused` when there is no stream."""
        parts = measure(text.body).parts
        counted = "1 part" if parts == 1 else f"{parts} parts"
        line = f"SMS to {_printable(text.number)} from {_printable(text.sender)}, {counted}: {text.body!r}"
        try:
            print(line, file=self._stream or sys.stderr, flush=True)
        except (OSError, UnicodeEncodeError) as error:
            return Refused(f"cannot print: {type(error).__name__}")
        return Accepted()

    async def probe(self) -> str | None:
        """Printing needs nothing."""
        return None

    def is_genuine(self, request: HookRequest) -> bool:  # noqa: ARG002
        """Nothing is signed."""
        return True

    def read_report(self, query: Mapping[str, str], at: datetime) -> NoReturn:  # noqa: ARG002
        """The console has no network behind it."""
        raise BadHook("the console gateway gets no delivery reports")

    def read_text(self, query: Mapping[str, str], at: datetime) -> NoReturn:  # noqa: ARG002
        """The console has no network behind it."""
        raise BadHook("the console gateway gets no texts from phones")

    async def close(self) -> None:
        """There is nothing to close."""


def _printable(value: str) -> str:
    return repr(value)[1:-1]


GATEWAY: Final = GatewayType(name="console", make=lambda _nothing, _token: ConsoleGateway(), has_hooks=False)
