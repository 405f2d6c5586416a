"""Our hooks from the gateways' side: the address that they get, and the fields that they send."""

from __future__ import annotations

import re
from collections.abc import Mapping

from yarl import URL

from callcentre.messaging.gateways.gateway import BadHook

_LONGEST_FIELD = 200
_IN_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def report_address(report_url: str, **query: str) -> str:
    """The address of our hook for delivery reports, with these fields in its query, percent-encoded."""
    return str(URL(report_url).with_fragment(None).update_query(query))


def field(fields: Mapping[str, str], name: str) -> str:
    """A field that must not be empty, at most 200 characters. Raises BadHook."""
    value = characters(fields, name)
    if not value:
        raise BadHook(f"{name} is empty")
    if len(value) > _LONGEST_FIELD:
        raise BadHook(f"{name} is longer than {_LONGEST_FIELD} characters")
    return value


def characters(fields: Mapping[str, str], name: str) -> str:
    """A field of any length with valid characters only. Raises BadHook."""
    value = fields.get(name)
    if value is None:
        raise BadHook(f"{name} is missing")
    if _IN_NO_TEXT.search(value):
        raise BadHook(f"{name} has a character that no text can have")
    return value
