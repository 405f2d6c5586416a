"""The interface that every SMS gateway implements, and its declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding
from callcentre.config.scalars import Section
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import DeliveryReported, Handover, TextReceived

HookName = Literal["mo", "dlr"]
"""Our hooks: `mo` for texts from phones, `dlr` for delivery reports."""


class BadHook(ValueError):  # noqa: N818
    """The request at a hook is not one that the gateway sends; the text says what is wrong."""


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A request at a hook, with the parts that gateways sign.

    `query` is the query as sent, without its question mark; `form` has the fields of a posted form, none for GET;
    `headers` are case-insensitive.
    """

    hook: HookName
    query: str
    form: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """The answer to a gateway once the event is stored. It must not make the gateway send a text."""

    status: int = 200
    content_type: str = "text/plain"
    body: str = ""


class Gateway(Protocol):
    """Hands texts to the mobile network and reads what it reports.

    `send` never raises for errors of the network or the gateway: these are outcomes. The two `read_…` functions and
    `is_genuine` are pure; the former raise `BadHook`. `hook_answer` is the answer once a request is stored.
    """

    name: str
    hook_answer: HookAnswer

    async def send(self, text: SendText) -> Handover:
        """Hand over one text, within `timeout` seconds."""
        ...

    async def probe(self) -> str | None:
        """None when the gateway would accept a text now, else what is wrong and how to fix it."""
        ...

    def is_genuine(self, request: HookRequest) -> bool:
        """Whether the gateway signed it; True for a gateway that signs nothing, whose requests only need the token."""
        ...

    def read_report(self, query: Mapping[str, str], at: datetime) -> DeliveryReported | None:
        """The delivery report in the fields of a hook's query and form; None when it changes nothing."""
        ...

    def read_text(self, query: Mapping[str, str], at: datetime) -> TextReceived:
        """The text from a phone in the fields of a hook's query and form."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutByGateway:
    """The words that a gateway itself treats as an opt-out, whatever the configuration makes of them.

    `title` is the gateway's name in a sentence. `unless` says when it uses other words.
    """

    title: str
    words: tuple[str, ...]
    unless: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayType:
    """A gateway that `sms.gateway` may name, declared by its module as `GATEWAY`.

    `name` is the value of `sms.gateway`, the key of its section below `sms`, and the part of the path of its hooks.
    `make` makes the gateway from its section, which is None where it has none, and from the token of its hooks. `needs`
    lists the keys of the section that have no default, for the error message when the section is missing. The section
    has `report_url` when the gateway sends delivery reports, and `url` when it is reached over HTTP.

    `findings` checks combinations in the section. `has_hooks` is False for a gateway that never calls us.
    """

    name: str
    make: Callable[[Any, str], Gateway]
    section: type[Section] | None = None
    needs: str = ""
    findings: Callable[[Any, CheckContext], Iterable[Finding]] | None = None
    has_hooks: bool = True
    opt_out: OptOutByGateway | None = None
