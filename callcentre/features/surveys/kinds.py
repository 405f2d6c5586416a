"""The texts that surveys send, and how they are delivered."""

from datetime import timedelta
from typing import Final

from callcentre.kernel.effect import Crash
from callcentre.messaging.model import DeliveryPolicy, Lane, MessageKind

SURVEY: Final = MessageKind(
    name="survey", policy=DeliveryPolicy(crash=Crash.AT_MOST_ONCE, fresh=timedelta(hours=12), lane=Lane.OFFERED)
)
"""A question, the link to a page, or what follows an answer. Nobody is asked the same question twice."""
