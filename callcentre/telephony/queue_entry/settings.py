"""services.*: how callers get into the queue of a service, and out of it again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from callcentre.config.findings import Finding, error
from callcentre.config.parts import Keys
from callcentre.config.scalars import MAYBE, PermanentSection
from callcentre.config.settings import Service, Settings
from callcentre.config.telephone import ContextName, QueueEntry, QueueOptions
from callcentre.config.times import duration

LongestWait = Annotated[timedelta, duration(timedelta(seconds=1), timedelta(hours=24))]


class QueueEntrySettings(PermanentSection):
    """How callers get into the queue of a service, and out of it again. These are keys of the service itself."""

    queue_entry: Annotated[QueueEntry | None, MAYBE] = Field(
        None,
        description="How a caller gets into the queue instead of a Queue() of ours, as context,extension,priority: "
        "ext-queues,400,1. It gets the place in VQ_POSITION, and more in variables of such names.",
    )
    queue_options: Annotated[QueueOptions | None, MAYBE] = Field(
        None, description="The options that Queue() is given, such as tC; null: none."
    )
    max_wait: Annotated[LongestWait | None, MAYBE] = Field(
        None, description="The longest wait. After it the call goes on behind the queue; null: no limit."
    )
    exit_context: Annotated[ContextName | None, MAYBE] = Field(
        None, description="The exit context that the queue had before ours: its keys stay; null: none."
    )


def findings(settings: Settings) -> Iterator[Finding]:
    """Services of one queue that name different exit contexts."""
    named: dict[str, tuple[str, str]] = {}
    for name, service in settings.services.items():
        context = service.section(QueueEntrySettings).exit_context
        if context is None:
            continue
        first, theirs = named.setdefault(service.queue, (name, context))
        if context != theirs:
            yield error(
                ("services", name, "exit_context"),
                f"is another one than that of {first}, and queue {service.queue} has one exit context; write the same",
                ("services", first, "exit_context"),
            )


KEYS = (Keys(of=Service, section=QueueEntrySettings, before="numbers"),)
CHECKS = (findings,)
