"""Kinds of texts, until the features declare them; then this module goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callcentre.kernel.effect import Crash
from callcentre.messaging.model import DeliveryPolicy, Kind, MessageKind

_AGAIN = DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=12))


def kinds() -> Iterator[MessageKind]:
    """The kinds of callbacks. A declaration of the feature itself replaces that of here."""
    yield MessageKind(name=Kind.CALLBACK_CONFIRMATION.value, policy=_AGAIN)
    yield MessageKind(
        name=Kind.CALLBACK_GIVEN_UP.value, policy=DeliveryPolicy(crash=Crash.AT_LEAST_ONCE, fresh=timedelta(hours=24))
    )
