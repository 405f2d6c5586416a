"""What an interface such as `PJSIP/1001` or `Local/1001@from-queue/n` leads to, as Asterisk reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_SAFE: Final = re.compile(r"[A-Za-z0-9_./@:+#*-]+")
_DEFAULT_CONTEXT: Final = "default"


@dataclass(frozen=True, slots=True)
class Extension:
    """A Local channel runs the dialplan there. `stays`: it is not removed once both of its ends are bridged."""

    context: str
    extension: str
    stays: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A channel of a technology; `resource` is its endpoint where the technology is PJSIP, else all of it."""

    technology: str
    resource: str


def is_safe(interface: str) -> bool:
    """Whether an interface may be part of an expression that Asterisk evaluates."""
    return _SAFE.fullmatch(interface) is not None


def target_of(interface: str) -> Extension | Device:
    """Where a call to an interface goes."""
    technology, _, resource = interface.partition("/")
    if technology.casefold() == "local":
        place, _, options = resource.partition("/")
        extension, _, context = place.partition("@")
        return Extension(context or _DEFAULT_CONTEXT, extension, stays="n" in options)
    if technology.casefold() == "pjsip":
        endpoint, slash, _ = resource.partition("/")
        # PJSIP/number@endpoint calls a number through an endpoint, PJSIP/endpoint/sip:… an address.
        return Device("PJSIP", endpoint if slash else endpoint.rpartition("@")[2])
    return Device(technology, resource)
