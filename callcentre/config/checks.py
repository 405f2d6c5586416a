"""Checks combinations of settings, each of which is valid by itself."""

from collections import defaultdict
from collections.abc import Iterator

from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, Path, error, warning
from callcentre.config.scalars import listed, shown
from callcentre.config.settings import Service, Settings
from callcentre.config.templates import suggestion


def findings(settings: Settings) -> Iterator[Finding]:
    """Combinations of services that cannot work, or that were probably not meant."""
    yield from _service_names(settings)
    yield from _service_numbers(settings)
    yield from _organisations(settings)
    yield from _shared_queues(settings)
    for name, service in settings.services.items():
        yield from _service(settings, service, ("services", name))


def _service_names(settings: Settings) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in settings.services:
        # Asterisk ignores a hyphen in an extension: it finds my-desk and mydesk at the same place.
        plain = name.replace("-", "")
        if plain in seen:
            yield error(
                ("services", name), f"is the same extension as {seen[plain]} to Asterisk, which overlooks hyphens"
            )
        seen.setdefault(plain, name)


def _service_numbers(settings: Settings) -> Iterator[Finding]:
    owners: dict[str, tuple[str, Path]] = {}
    for name, service in settings.services.items():
        for place, number in enumerate(service.numbers):
            path: Path = ("services", name, "numbers", place)
            if number in owners:
                owner, first = owners[number]
                whose = "is here twice" if owner == name else f"is a number of {owner} too"
                yield error(path, f"{shown(number)} {whose}; a call can belong to one service only", first)
            owners.setdefault(number, (name, path))


def _organisations(settings: Settings) -> Iterator[Finding]:
    known = settings.organisation_keys
    for name, service in settings.services.items():
        path: Path = ("services", name, "organisation")
        if service.organisation is None:
            if settings.organisation_of(name) not in known:
                yield error(path, f"is missing: there are several organisations, {listed(known, 'and')}; name one")
        elif service.organisation not in known:
            near = suggestion(service.organisation, list(known))
            there = (
                "is not in organisations" if settings.organisations else "is not main, and organisations is left out"
            )
            yield error(path, f"{shown(service.organisation)} {there}{'; ' + near if near else ''}", ("organisations",))
    for key in settings.organisations:
        if not settings.services_of(key):
            yield warning(("organisations", key), "has no service: its people will see nothing")


def _shared_queues(settings: Settings) -> Iterator[Finding]:
    sharing: defaultdict[str, list[str]] = defaultdict(list)
    for name, service in settings.services.items():
        sharing[service.queue].append(name)
    for queue, (first, *others) in sharing.items():
        for name in others:
            if settings.organisation_of(name) != settings.organisation_of(first):
                yield error(
                    ("services", name, "queue"),
                    f"is also the queue of {first}, which belongs to another organisation: the callers of both would "
                    "wait in one line, and be seen by both; give each a queue of its own",
                    ("services", first, "queue"),
                )
            elif not settings.services[name].numbers:
                yield warning(
                    ("services", name, "queue"),
                    f"is also the queue of {first}: without numbers, only calls that enter {queue} by "
                    f"callcentre-queue,{name} are told apart from those of {first}",
                    ("services", name, "numbers"),
                    ("services", first, "queue"),
                )


def _service(settings: Settings, service: Service, path: Path) -> Iterator[Finding]:
    if service.language not in service.name:
        yield error(
            (*path, "name"),
            f"lacks {service.language}, the service's language; there is {listed(service.name, 'and')}",
            (*path, "language"),
            ("language",),
        )
    if service.hours is not None and not CheckContext(path, settings).openings:
        yield warning((*path, "hours"), "are never open: write null for always, or give a weekday its hours")
