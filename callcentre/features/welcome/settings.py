"""services.*.welcome: a text to callers who join a busy queue."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from callcentre.config.parts import ConfiguredText, Part
from callcentre.config.scalars import Section, template, whole
from callcentre.config.settings import Service
from callcentre.config.templates import TextTemplate
from callcentre.config.times import Duration


class WelcomeSettings(Section):
    """A text to callers who join a busy queue."""

    min_waiting: Annotated[int, whole(1)] = Field(
        3, description="The fewest waiting callers at which it is sent, the new one included."
    )
    cooldown: Duration = Field(
        timedelta(hours=1), description="How long the same number gets no further welcome text; 0s: always."
    )
    text: Annotated[TextTemplate, template("name", "position", "waiting", "service", "wait_minutes")] = Field(
        examples=["Thank you for calling. {{ waiting }} callers are waiting."],
        description="The text; it may use name, position, waiting, service, wait_minutes.",
    )


def texts(welcome: WelcomeSettings) -> Iterator[ConfiguredText]:
    """The texts that callers get."""
    yield ConfiguredText(("text",), welcome.text, answerable=False)


PARTS = (
    Part(
        of=Service, key="welcome", section=WelcomeSettings, texts=texts, before="callback",
        description="A text to callers who join a busy queue; null: none.",
    ),
)  # fmt: skip
