"""The texts that answer a customer's reply to a notice: the administrator's, or else ours."""

from __future__ import annotations

from enum import StrEnum
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec

from callcentre.config.templates import TextTemplate, compile_text
from callcentre.features.notices import kinds
from callcentre.messaging.model import MessageKind

if TYPE_CHECKING:
    from callcentre.features.notices.settings import NotifySettings

VARIABLES: Final = ("service", "number", "cancel_word", "keep_word", "why")
"""The variables of these texts. `why` is dialled, cancelled or over, for a callback that is no longer open."""


class Reply(StrEnum):
    """A text that answers a reply."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    REFUSED = "refused"
    HELP = "help"
    LATE = "late"

    @property
    def kind(self) -> MessageKind:
        """The kind of message, which decides how the text is sent."""
        return _KINDS[self]


ENDLESS: Final = frozenset({Reply.MOVED, Reply.REFUSED})
"""Texts that may be sent once for each number that a customer sends. The others are sent once or a few times."""

_KINDS: Final = {
    Reply.CANCELLED: kinds.CANCELLED,
    Reply.MOVED: kinds.MOVED,
    Reply.REFUSED: kinds.REFUSED,
    Reply.HELP: kinds.HELP,
    Reply.LATE: kinds.LATE,
}


def _read() -> dict[str, dict[Reply, TextTemplate]]:
    folder = files(__package__) / "locale"
    found = (each for each in folder.iterdir() if each.name.endswith(".toml"))
    return {each.name.removesuffix(".toml"): _compiled(each.read_bytes()) for each in found}


def _compiled(file: bytes) -> dict[Reply, TextTemplate]:
    texts = msgspec.toml.decode(file, type=dict[Reply, str])
    return {reply: compile_text(texts[reply], frozenset(VARIABLES)) for reply in Reply}


SHIPPED: Final = _read()
"""Our texts, by language and reply: one file for each language in `locale/`, named after its code."""


def template_for(rules: NotifySettings, reply: Reply, language: str) -> TextTemplate:
    """The administrator's text for a reply; without one, ours in the callback's language."""
    own: TextTemplate | None = getattr(rules, f"{reply.value}_text")
    return own or SHIPPED.get(language, SHIPPED["en"])[reply]
