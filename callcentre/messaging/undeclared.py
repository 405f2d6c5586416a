"""Kinds of texts, and what cancels a notice, until the features declare them; then this module goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callcentre.kernel.effect import Crash
from callcentre.messaging.model import DeliveryPolicy, Kind, MessageKind, Text

if TYPE_CHECKING:
    from callcentre.messaging.inbound import ReceivedText
    from callcentre.world import World

_AGAIN = DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=12))


def kinds(world: World) -> Iterator[MessageKind]:
    """The kinds of callbacks, notices and surveys. A declaration of the feature itself replaces that of here."""

    def announces(text: Text, at: datetime) -> str | None:
        from callcentre.features.notices.interface import why_not_announced

        return why_not_announced(world, text.callback, at)

    yield MessageKind(name=Kind.CALLBACK_CONFIRMATION.value, policy=_AGAIN)
    yield MessageKind(
        name=Kind.CALLBACK_GIVEN_UP.value, policy=DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=24))
    )
    yield MessageKind(name=Kind.CALLBACK_NOTICE.value, policy=_AGAIN, still_wanted=announces)
    yield MessageKind(name=Kind.CALLBACK_CANCELLED.value, policy=_AGAIN)
    yield MessageKind(name=Kind.CALLBACK_MOVED.value, policy=_AGAIN)
    yield MessageKind(name=Kind.NOTICE_REFUSED.value, policy=_AGAIN)
    yield MessageKind(
        name=Kind.NOTICE_HELP.value, policy=DeliveryPolicy(crash=Crash.AT_MOST_ONCE, fresh=timedelta(hours=1))
    )
    yield MessageKind(name=Kind.NOTICE_LATE.value, policy=_AGAIN)
    yield MessageKind(
        name=Kind.SURVEY.value, policy=DeliveryPolicy(crash=Crash.AT_MOST_ONCE, fresh=timedelta(hours=12))
    )


def cancels(world: World, text: ReceivedText) -> bool:
    """Whether a text cancels the callback of the notice that it answers."""
    from callcentre.features.notices.interface import may_cancel

    return may_cancel(world, text.number, text.recipient, text.body)
