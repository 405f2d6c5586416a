"""The request and response bodies of `/api/callbacks`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from callcentre.features.callbacks.listing import ListedCallback
from callcentre.values.lines import LINE

LONGEST_KEY: Final = 255

# These are checked by hand, so that all mistakes are reported at once. The API description takes them from here.
_A_LINE: Final = {"pattern": LINE}


By = Literal["api", "staff"]


class NewCallback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A callback that is requested. `by` says who requests it: another system, or staff."""

    number: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=40, extra_json_schema=_A_LINE, description="E.164, or as dialled at home."
        ),
    ]
    service: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=60, extra_json_schema=_A_LINE, description="A service of the configuration."
        ),
    ]
    name: Annotated[
        str,
        msgspec.Meta(
            max_length=80, extra_json_schema=_A_LINE, description="Who is called; the agent's phone shows it."
        ),
    ] = ""
    by: By = "api"


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A callback that is open, or was at its first request. `place` is its place now, null when it has none."""

    id: str
    service: str
    place: int | None


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One callback: its present state (null when it has ended), and all its facts in their order."""

    id: str
    open: ListedCallback | None
    facts: Sequence[Mapping[str, Any]]
