"""The whole file as typed settings. Attributes have the names of its keys.

Building `Settings` checks every value by itself. `callcentre.config.checks` checks combinations.

Only what several layers need is here: the timezone, region and language by which values of all sections are read, the
numbers that may be reached, and a service with its queue, numbers, names and hours. Every other section is a part that
the component or layer that uses it declares in its `settings.py` (`callcentre.config.parts`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import Field, ModelWrapValidatorHandler, model_validator

from callcentre.config.inherited import Inherited, inherited, inheriting
from callcentre.config.scalars import MAYBE, Language, Maybe, Scalar, Section, Text, choice
from callcentre.config.sections import Hours, Numbers
from callcentre.config.telephone import (
    REGION,
    Number,
    OrganisationKey,
    QueueName,
    Region,
    ServiceName,
)
from callcentre.config.times import ZONE, Timezone
from callcentre.values.hours import OpeningHours, Timetable
from callcentre.values.languages import LANGUAGES
from callcentre.values.numbers import NumberPolicy, normalise

__all__ = [
    "Hours", "Numbers", "Organisation", "Service", "Settings",
]  # fmt: skip

T = TypeVar("T")

Closures = tuple[tuple[datetime, datetime], ...]
"""Times at which a service is closed, each from the first to before the second."""

MAIN: Final = "main"
"""The organisation of a service that names none."""


def _top_language() -> str:
    return inherited().language or "en"


class Organisation(Section):
    """A closed group of people who share this daemon with others, and see nothing of them."""

    name: Maybe[Text] = Field(None, description="The name that its people see on the pages; null: its key.")


class Service(Section):
    """What people call for. It has a queue, and settings for what is done for callers who wait."""

    queue: QueueName = Field(
        examples=["support"], description="The queue of app_queue behind the service. Services may share one."
    )
    numbers: tuple[Number, ...] = Field(
        (), description="The numbers that people dial for the service. They distinguish services of one queue."
    )
    name: Annotated[dict[Language, Text], Field(min_length=1)] = Field(
        examples=[{"en": "Customer service"}], description="The name that people know the service by, in each language."
    )
    language: Language = Field(
        default_factory=_top_language,
        description="The language of its prompts and texts; left out: that of the whole file.",
    )
    timezone: Timezone = Field(
        default_factory=lambda: inherited().timezone or ZONE.read("UTC"),
        description="The timezone of its times of day; left out: that of the whole file.",
    )
    organisation: Maybe[OrganisationKey] = Field(
        None, description="The organisation that the service belongs to; null: the only one, or main."
    )
    hours: Annotated[Hours | None, MAYBE] = Field(None, description="Opening hours; null: always open.")

    @property
    def title(self) -> str:
        """The service's name in its language, for texts."""
        return self.name[self.language]

    @cached_property
    def opening_hours(self) -> OpeningHours:
        """Its opening hours, in its timezone; always open when the file has none."""
        if self.hours is None:
            return OpeningHours(self.timezone)
        return OpeningHours(self.timezone, self.hours.weekdays.in_order, self.hours.holidays, self.hours.exceptions)

    def closed(self, closures: Closures) -> Self:
        """The same service, closed at these times whatever its opening hours say."""
        copy = self.model_copy()
        copy.__dict__["opening_hours"] = replace(self.opening_hours, closures=closures)
        return copy


class Settings(Section):
    """The whole file."""

    timezone: Timezone = Field(
        examples=["Europe/Helsinki"], description="The timezone of times of day, such as Europe/Helsinki."
    )
    region: Region = Field(examples=["FI"], description="The country of numbers without a country code, such as FI.")
    language: Language = Field(examples=["en"], description="The language of prompts and texts: en, fi or sv.")
    numbers: Numbers = Field(
        examples=[{"regions": ["FI"]}], description="Which numbers may be dialled or texted: all others are refused."
    )
    organisations: dict[OrganisationKey, Organisation] = Field(
        default_factory=dict[str, Organisation],
        description="The organisations that share this daemon, by a key of your choice; left out: one, main.",
    )
    services: Annotated[dict[ServiceName, Service], Field(min_length=1)] = Field(
        examples=[{"support": {"queue": "support", "name": {"en": "Customer service"}}}],
        description="What people call for, by a name of your choice.",
    )

    @model_validator(mode="wrap")
    @classmethod
    def _by_what_the_top_says(cls, data: Any, build: ModelWrapValidatorHandler["Settings"]) -> "Settings":
        if not isinstance(data, Mapping):
            return build(data)
        top = Inherited(
            _if_readable(REGION, data.get("region")),
            _if_readable(choice(*LANGUAGES), data.get("language")),
            _if_readable(ZONE, data.get("timezone")),
        )
        with inheriting(top):
            return build(data)

    @cached_property
    def organisation_keys(self) -> tuple[str, ...]:
        """Every organisation, in the order of the file. There is at least one."""
        return tuple(self.organisations) or (MAIN,)

    def organisation_of(self, service: str | None) -> str | None:
        """The organisation that a service belongs to; None for no service, and for one that is not in the file."""
        found = None if service is None else self.services.get(service)
        if found is None:
            return None
        return found.organisation or (self.organisation_keys[0] if len(self.organisation_keys) == 1 else MAIN)

    def services_of(self, organisation: str) -> frozenset[str]:
        """The services of an organisation; none where it is not in the file."""
        return frozenset(name for name in self.services if self.organisation_of(name) == organisation)

    def organisation(self, key: str | None) -> Organisation | None:
        """An organisation of the file; None where the file says nothing of it."""
        return None if key is None else self.organisations.get(key)

    def closed(self, closures: Mapping[str, Closures]) -> Self:
        """The same settings, with services closed at these times whatever their opening hours say."""
        services = {
            name: service.closed(closures[name]) if name in closures else service
            for name, service in self.services.items()
        }
        copy = self.model_copy(update={"services": services})
        for cached in ("queues", "queue_names", "timetable", "number_policy", "own_numbers"):
            copy.__dict__.pop(cached, None)
        return copy

    @cached_property
    def queues(self) -> Mapping[str, Mapping[str, Service]]:
        """Every queue with its services by name, in the order of the file."""
        queues: dict[str, dict[str, Service]] = {}
        for name, service in self.services.items():
            queues.setdefault(service.queue, {})[name] = service
        return queues

    @cached_property
    def queue_names(self) -> tuple[str, ...]:
        """Every queue, in the order of the file."""
        return tuple(self.queues)

    @cached_property
    def timetable(self) -> Timetable:
        """Which services are open at a time."""
        return Timetable({name: service.opening_hours for name, service in self.services.items()})

    @cached_property
    def number_policy(self) -> NumberPolicy:
        """Which numbers may be dialled or texted."""
        return NumberPolicy(
            region=self.region,
            regions=frozenset(self.numbers.regions),
            dial=frozenset(self.numbers.dial),
            text=frozenset(self.numbers.text),
            blocked=frozenset(self.numbers.blocked),
            own=self.own_numbers,
            call_hours=self.numbers.call_hours,
        )

    @cached_property
    def own_numbers(self) -> frozenset[str]:
        """Our own numbers in E.164: those of the services, and those that parts name, such as the sender of texts."""
        ours = [number for service in self.services.values() for number in service.numbers]
        for part in self._parts.values():
            if part.own_numbers is not None and (section := getattr(self, part.name)) is not None:
                ours += part.own_numbers(section)
        # An alphanumeric sender ID is not a number.
        return frozenset(filter(None, (normalise(own, self.region) for own in ours)))


def _if_readable(scalar: Scalar[T], value: object) -> T | None:
    try:
        return scalar.typed(value)
    except ValueError:
        return None
