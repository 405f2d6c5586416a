"""The target of an interface such as `PJSIP/1001` or `Local/1001@from-queue/n`, as Asterisk reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_SAFE: Final = re.compile(r"[A-Za-z0-9_./@:+#*-]+")
_DEFAULT_CONTEXT: Final = "default"


@dataclass(frozen=True, slots=True)
class Extension:
    """The target of a Local channel. `stays`: the channel is not optimised away once both of its ends are bridged."""

    context: str
    extension: str
    stays: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A device of a technology; `resource` is the endpoint for PJSIP, else everything after the technology."""

    technology: str
    resource: str


def is_safe(interface: str) -> bool:
    """Whether an interface may be part of an expression that Asterisk evaluates."""
    return _SAFE.fullmatch(interface) is not None


def target_of(interface: str) -> Extension | Device:
    """The target of a call to an interface."""
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
