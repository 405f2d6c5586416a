"""What Asterisk dials: `dialling.endpoint` with a number in place of its placeholder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from callcentre.values.numbers import national, normalise

_LOCAL: Final = "local/"
_DEFAULT_CONTEXT: Final = "default"
_DIGITS: Final = re.compile(r"\+?[0-9]+")
_PLACEHOLDER: Final = re.compile(r"\{[a-z]+\}")
_OF_A_CHANNEL: Final = re.compile(r"-[0-9a-f]{8,}(;[12])?$")


def is_local(endpoint: str) -> bool:
    """Whether an endpoint is a Local channel, which runs the dialplan instead of ringing a device."""
    return endpoint.casefold().startswith(_LOCAL)


def endpoint_for(endpoint: str, e164: str, region: str) -> str:
    """What to dial for a number in E.164 with its plus; `region` (FI) is the region for {national}."""
    return endpoint.format(number=e164, digits=e164.lstrip("+"), national=national(e164, region))


def numbers_in(endpoint: str, region: str) -> Iterator[str]:
    """The telephone numbers in an endpoint or an agent's interface, in E.164 with the plus.

    `region` (FI) is that of numbers without a country code. A placeholder is not a number.
    """
    for written in _DIGITS.findall(_PLACEHOLDER.sub(" ", endpoint)):
        if (number := normalise(written, region)) is not None:
            yield number


def context_of(endpoint: str) -> str:
    """The context whose dialplan a Local endpoint runs."""
    return place_of(endpoint)[1] or _DEFAULT_CONTEXT


def place_of(local: str) -> tuple[str, str]:
    """Extension and context of a Local endpoint, without its options."""
    place, slash, options = local[len(_LOCAL) :].rpartition("/")
    extension, _, context = (place if slash else options).partition("@")
    return extension, context


def device_of(channel: str) -> str:
    """The device of a channel: `PJSIP/agent1-0000002a` → `PJSIP/agent1`; `;1` of a Local channel is removed too."""
    return _OF_A_CHANNEL.sub("", channel)
