"""The sections that several layers need: the numbers that may be reached, and opening hours.

The kernel's settings in force give every component the policy of `numbers`. `hours` are those of a `Service`, which
telephony, messaging and the features read. Every other section is a part of the component or layer that uses it.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from callcentre.config.scalars import (
    Maybe,
    Section,
)
from callcentre.config.telephone import (
    BlockedPattern,
    NumberType,
    Region,
)
from callcentre.config.times import CallHours, Date, HolidayPlace, OneDay
from callcentre.values.hours import DailyWindow, Interval


class Numbers(Section):
    """Which numbers may be dialled or texted: all others are refused."""

    regions: Annotated[tuple[Region, ...], Field(min_length=1)] = Field(
        examples=[["FI"]], description="The regions whose numbers may be reached."
    )
    dial: tuple[NumberType, ...] = Field(
        ("mobile", "fixed_line"), description="The types of numbers that may be dialled."
    )
    text: tuple[NumberType, ...] = Field(("mobile",), description="The types of numbers that may be texted.")
    blocked: tuple[BlockedPattern, ...] = Field(
        (), description="Numbers that are never dialled nor texted: E.164, or a prefix that ends in *."
    )
    call_hours: Maybe[CallHours] = Field(
        DailyWindow(8 * 60, 21 * 60),
        description="Outgoing calls ring only then, in the called person's own time; 00:00-24:00 or null: always.",
    )


class Weekdays(Section):
    """The opening hours of a week; a day that is left out is closed."""

    mon: OneDay = Field((), description="Monday.")
    tue: OneDay = Field((), description="Tuesday.")
    wed: OneDay = Field((), description="Wednesday.")
    thu: OneDay = Field((), description="Thursday.")
    fri: OneDay = Field((), description="Friday.")
    sat: OneDay = Field((), description="Saturday.")
    sun: OneDay = Field((), description="Sunday.")

    @property
    def in_order(self) -> tuple[tuple[Interval, ...], ...]:
        """Seven days from Monday."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)


class Hours(Section):
    """When a service is open. Hours that touch (24:00 and 00:00) are one; always open never closes."""

    weekdays: Weekdays = Field(
        examples=[{"mon": "08:00-16:00"}], description='"08:00-12:00, 13:00-16:00"; a day left out is closed.'
    )
    holidays: Maybe[HolidayPlace] = Field(
        None, description="The country whose public holidays are closed, such as FI or DE-BY; null: none."
    )
    exceptions: dict[Date, OneDay] = Field(
        default_factory=dict[date, tuple[Interval, ...]],
        description='Dates with hours of their own: "08:00-12:00", or closed.',
    )
