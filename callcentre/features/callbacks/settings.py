"""services.*.callback: calling people back instead of letting them wait. limits: how many one caller may have."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, error, warning
from callcentre.config.parts import ConfiguredText, Keys, Part
from callcentre.config.scalars import Maybe, PermanentSection, Section, Switch, one_of, template, whole
from callcentre.config.settings import Service, Settings
from callcentre.config.templates import TextTemplate
from callcentre.config.times import Duration, duration, format_duration
from callcentre.kernel.limits.settings import CapsSettings
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.queue_view.settings import WaitEstimateSettings

Order = Literal["customer_first", "agent_first"]
AtClosing = Literal["carry_over", "expire"]
Retry = Annotated[timedelta, duration(timedelta(seconds=10))]

LONG_ON_THE_LINE = timedelta(minutes=10)
"""A customer whom we call should not wait longer than this for an agent."""


class OfferSettings(Section):
    """When a caller is offered a callback."""

    min_wait: Duration = Field(
        timedelta(minutes=5),
        description="Offered only when the estimated wait is longer. No agent on duty counts as long.",
    )
    until_closing: Duration = Field(
        timedelta(minutes=30), description="Not offered when the service closes within this time."
    )
    max_open: Annotated[int, whole(1)] = Field(50, description="The most callbacks that wait in the queue at once.")
    other_number: Switch = Field(default=True, description="The caller may key in another number.")


class CallbackCaps(PermanentSection):
    """How many callbacks the services of an organisation may have. It is a key of its `caps`."""

    open_callbacks: Maybe[Annotated[int, whole(1)]] = Field(
        None,
        description="The most callbacks that wait at once in all its queues of a daemon; null: only offer.max_open "
        "limits them.",
    )


class RetrySettings(Section):
    """How long after an attempt the next one comes."""

    busy: Retry = Field(timedelta(minutes=3), description="After a busy line.")
    no_answer: Retry = Field(timedelta(minutes=10), description="After nobody answered.")
    failed: Retry = Field(timedelta(minutes=5), description="After a call that could not be put through.")

    def after(self, reason: str) -> timedelta:
        """The pause after an attempt that ended with this reason: busy, no_answer, or anything else."""
        return {"busy": self.busy, "no_answer": self.no_answer}.get(reason, self.failed)


class DialSettings(Section):
    """How a callback is dialled."""

    order: Annotated[Order, one_of(Order)] = Field(
        "customer_first", description="Who is rung first: customer_first, or agent_first."
    )
    at_position: Annotated[int, whole(1)] = Field(
        1, description="The place from which a callback is dialled. 1 is the head of the queue."
    )
    attempts: Annotated[int, whole(1, 20)] = Field(3, description="How often the customer is called.")
    retry_after: RetrySettings = Field(RetrySettings(), description="How long after an attempt the next one comes.")
    press_to_accept: Switch = Field(
        default=True, description="The customer must press a key first. An answering machine presses none."
    )


class CallbackSettings(Section):
    """Calling people back instead of letting them wait on the line."""

    offer: OfferSettings = Field(OfferSettings(), description="When a caller is offered a callback.")
    confirm_by_sms: Maybe[
        Annotated[TextTemplate, template("name", "position", "service", "wait_minutes", "number")]
    ] = Field(
        None,
        description="Sent when the callback is taken down; null: no message. "
        "It may use name, position, service, wait_minutes, number.",
    )
    dial: DialSettings = Field(DialSettings(), description="How a callback is dialled.")
    at_closing: Annotated[AtClosing, one_of(AtClosing)] = Field(
        "carry_over", description="Open callbacks at closing time: carry_over to the next day, or expire."
    )
    give_up_text: Maybe[Annotated[TextTemplate, template("name", "service", "number")]] = Field(
        None, description="Sent after the last attempt; null: no message. It may use name, service, number."
    )
    cancelled_text: Maybe[Annotated[TextTemplate, template("name", "service", "number")]] = Field(
        None,
        description="Sent when staff cancels the callback; null: no message. It may use name, service, number.",
    )


class LimitSettings(PermanentSection):
    """What one caller may have us do in a day. A bound that is reached withdraws no promise that was given.

    Callers who withhold their number cannot be told apart: together they count as one caller.
    """

    callbacks_per_caller_per_day: Annotated[int, whole(1)] = Field(
        6, description="The most callbacks that one calling number may take in a day."
    )
    other_numbers_per_caller_per_day: Annotated[int, whole(0)] = Field(
        3, description="The most of these for a number that was keyed in; 0: none."
    )
    moves_per_caller_per_day: Annotated[int, whole(0)] = Field(
        3, description="The most moves of a callback to another number by text, for one number in a day; 0: none."
    )
    by_others_per_number_per_day: Annotated[int, whole(1)] = Field(
        3, description="How often others may key in one number or move a callback to it, in a day."
    )


def findings(callback: CallbackSettings, within: CheckContext) -> Iterator[Finding]:
    """Combinations that cannot work, in this part and with the settings around it."""
    if within.settings.section(DiallingSettings) is None:
        yield error(within.path, "needs dialling: nobody can be called back without", ("dialling",))
    yield from _call_hours(within)
    until_closing = callback.offer.until_closing
    shortest = within.shortest_opening
    if shortest is not None and until_closing >= shortest:
        yield warning(
            (*within.path, "offer", "until_closing"),
            f"is no shorter than the shortest opening hours ({format_duration(shortest)}): no callback is offered then",
            (*within.service_path, "hours"),
        )
    at_position = callback.dial.at_position
    handle_time = within.service.section(WaitEstimateSettings).handle_time
    on_the_line = at_position * handle_time
    if at_position > 1 and on_the_line > LONG_ON_THE_LINE:
        yield warning(
            (*within.path, "dial", "at_position"),
            f"lets a customer whom we call wait on the line for {format_duration(on_the_line)} while one agent is on "
            f"duty: {at_position} × wait_estimate.handle_time ({format_duration(handle_time)})",
            (*within.service_path, "wait_estimate", "handle_time"),
        )
    if not callback.dial.press_to_accept:
        yield warning(
            (*within.path, "dial", "press_to_accept"),
            "without a key press an answering machine takes the callback and waits for an agent",
        )


def _call_hours(within: CheckContext) -> Iterator[Finding]:
    hours, openings = within.settings.numbers.call_hours, within.openings
    if hours is not None and openings and not any(hours.meets(opening) for opening in openings):
        yield warning(
            within.path, f"calls nobody back: the service is never open within the call hours {hours}",
            ("numbers", "call_hours"), (*within.service_path, "hours"),
        )  # fmt: skip


def texts(callback: CallbackSettings) -> Iterator[ConfiguredText]:
    """The texts that customers get."""
    for key in ("confirm_by_sms", "give_up_text", "cancelled_text"):
        text = getattr(callback, key)
        if text:
            yield ConfiguredText((key,), text, answerable=False)


def rules_of(service: Service | None) -> CallbackSettings | None:
    """The callback settings of a service. None where it has none, or where the service no longer exists."""
    return None if service is None else service.section(CallbackSettings)


KEYS = (Keys(of=CapsSettings, section=CallbackCaps),)
PARTS = (
    Part(
        of=Settings, key="limits", section=LimitSettings, before="services",
        description="What one caller may have us do in a day.",
    ),
    Part(
        of=Service, key="callback", section=CallbackSettings, findings=findings, texts=texts,
        needs=frozenset({"exit_key", "agents"}),
        description="Calling people back instead of letting them wait; null: never.",
    ),
)  # fmt: skip
