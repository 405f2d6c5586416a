"""What Asterisk is asked to dial: `dialling.endpoint` with a number in place of its placeholder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import phonenumbers
from phonenumbers import PhoneNumberType

from callcentre.domain.numbers import national, normalise

if TYPE_CHECKING:
    from callcentre.config.settings import Settings

_LOCAL: Final = "local/"
_DEFAULT_CONTEXT: Final = "default"
_DIGITS: Final = re.compile(r"\+?[0-9]+")
_PLACEHOLDER: Final = re.compile(r"\{[a-z]+\}")


def is_local(endpoint: str) -> bool:
    """Whether an endpoint is a Local channel, which runs the dialplan instead of ringing a device."""
    return endpoint.casefold().startswith(_LOCAL)


def endpoint_for(endpoint: str, e164: str, region: str) -> str:
    """What to dial for a number in E.164 with its plus; `region` (FI) is where {national} is dialled from."""
    return endpoint.format(number=e164, digits=e164.lstrip("+"), national=national(e164, region))


def sample_endpoint(settings: Settings) -> tuple[str, str] | None:
    """Context and extension that a call to a number of the region would run; None when no dialplan is run.

    The number is the example of phonenumbers for a mobile there, or for any number: it is for asking
    `DIALPLAN_EXISTS`, not for dialling.
    """
    dialling = settings.dialling
    if dialling is None or not is_local(dialling.endpoint):
        return None
    region = settings.region if settings.region in settings.numbers.regions else settings.numbers.regions[0]
    mobile = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    example = mobile or phonenumbers.example_number(region)
    if example is None:
        return None
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    dialled = endpoint_for(dialling.endpoint, e164, settings.region)
    return context_of(dialled), _place(dialled)[0]


def numbers_in(endpoint: str, region: str) -> Iterator[str]:
    """The telephone numbers that are written in an endpoint or an agent's interface, in E.164 with the plus.

    `region` (FI) is where a number without a country code belongs. A placeholder is none.
    """
    for written in _DIGITS.findall(_PLACEHOLDER.sub(" ", endpoint)):
        if (number := normalise(written, region)) is not None:
            yield number


def context_of(endpoint: str) -> str:
    """The context whose dialplan a Local endpoint runs."""
    return _place(endpoint)[1] or _DEFAULT_CONTEXT


def _place(local: str) -> tuple[str, str]:
    """Extension and context of a Local endpoint, without its options."""
    place, slash, options = local[len(_LOCAL) :].rpartition("/")
    extension, _, context = (place if slash else options).partition("@")
    return extension, context
