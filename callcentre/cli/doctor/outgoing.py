"""Examines `dialling.endpoint`: whether outgoing calls have a destination."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

import phonenumbers
from phonenumbers import PhoneNumberType

from callcentre.cli.doctor.finding import Finding
from callcentre.cli.doctor.questions import Questions
from callcentre.cli.doctor.targets import Device, Extension, target_of
from callcentre.config.settings import Settings
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.values.endpoints import context_of, endpoint_for, is_local, place_of

ROUTES: Final = {"from-internal": "outbound-allroutes"}
"""FreePBX answers any number in from-internal with an announcement; only its outbound routes dial it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The destination of a call to a sample number. `exists`: there is an endpoint, or an extension, for it.

    `routed`: where the context answers every number, whether an outbound route takes it; None where it does not.
    """

    target: Extension | Device
    exists: bool
    state: str = ""
    routed: bool | None = None


async def way(questions: Questions, settings: Settings) -> Way | None:
    """Read where outgoing calls go; None when there are none, or Asterisk cannot say."""
    dialling = settings.section(DiallingSettings)
    if dialling is None:
        return None
    place = sample_endpoint(settings)
    if place is not None:
        context, extension = place
        routes = ROUTES.get(context)
        routed = None
        if routes is not None and await questions.exists(routes):
            routed = await questions.exists(routes, extension)
        exists = await questions.exists(context, extension)
        return Way(target=Extension(context, extension, stays=True), exists=exists, routed=routed)
    match target_of(dialling.endpoint):
        case Device("PJSIP", resource) as target:
            state = await questions.endpoint_state("PJSIP", resource)
            return Way(target=target, exists=state is not None, state=state or "")
        case _:
            return None


def judged(found: Way | None) -> list[Finding]:
    """The findings about `dialling.endpoint`."""
    if found is None:
        return []
    match found.target:
        case Extension(context, extension):
            fix, note = _extension(context, extension, found)
        case Device(technology, resource):
            fix, note = _device(technology, resource, found)
        case other:
            assert_never(other)
    return [Finding("dialling.endpoint", fix, note)]


_PLACEHOLDERS: Final = "{number} (+358…), {digits} (358…) or {national} (as dialled in region)"


def _extension(context: str, extension: str, way: Way) -> tuple[str | None, str | None]:
    example = f"{extension}, an example of a number"
    if not way.exists:
        return (
            f"leads nowhere: context {context} of the dialplan has no extension for {example}. Write a context that "
            f"dials such numbers, and {_PLACEHOLDERS} as its patterns want it"
        ), None
    if way.routed is False:
        return (
            f"leads nowhere: no outbound route of FreePBX takes {example}. Add a route for such numbers, or write "
            f"{_PLACEHOLDERS} as one wants it"
        ), None
    return None, f"{example}, has a way in context {context}"


def _device(technology: str, resource: str, way: Way) -> tuple[str | None, str | None]:
    if not way.exists:
        fix = f"leads nowhere: there is no {technology} endpoint {resource}. Write one of `pjsip show endpoints`"
        return fix, None
    offline = f"endpoint {resource} is offline now: see `pjsip show endpoint {resource}`"
    return None, offline if way.state == "offline" else None


def sample_endpoint(settings: Settings) -> tuple[str, str] | None:
    """Context and extension that a call to a number of the region would run; None when no dialplan is run.

    The number is the example of phonenumbers for a mobile there, or for any number: it is for asking
    `DIALPLAN_EXISTS`, not for dialling.
    """
    dialling = settings.section(DiallingSettings)
    if dialling is None or not is_local(dialling.endpoint):
        return None
    region = settings.region if settings.region in settings.numbers.regions else settings.numbers.regions[0]
    mobile = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    example = mobile or phonenumbers.example_number(region)
    if example is None:
        return None
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    dialled = endpoint_for(dialling.endpoint, e164, settings.region)
    return context_of(dialled), place_of(dialled)[0]
