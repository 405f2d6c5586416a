"""Checks combinations in the settings of gateways that are reached over the internet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol
from urllib.parse import urlsplit

from callcentre.config.addresses import is_loopback
from callcentre.config.check_context import CheckContext
from callcentre.config.findings import Finding, warning


class OverTheInternet(Protocol):
    """The section of a gateway that we reach at `url` and that reaches us at `report_url`."""

    url: str
    report_url: str


def over_the_internet(section: OverTheInternet, context: CheckContext) -> Iterator[Finding]:
    """Addresses without encryption, or that the gateway cannot reach."""
    url, report_url, path = urlsplit(section.url), urlsplit(section.report_url), context.path
    if url.scheme == "http" and not is_loopback(url.hostname or ""):
        yield warning((*path, "url"), "sends the password and every text over the network unencrypted; use https")
    if is_loopback(report_url.hostname or ""):
        yield warning(
            (*path, "report_url"), f"is this machine seen from itself: {path[-1]} needs an address of the internet"
        )
    elif report_url.scheme == "http":
        yield warning(
            (*path, "report_url"), "brings the token and every number over the network unencrypted; use https"
        )
