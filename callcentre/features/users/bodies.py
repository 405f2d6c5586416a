"""The request and response bodies of `/api/users` and `/api/keys`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from callcentre.features.users.model import LONGEST_NAME
from callcentre.values.lines import LINE
from callcentre.web.rights import Role

_Name = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=LONGEST_NAME, extra_json_schema={"pattern": LINE},
        description="Letters, digits and _.@+- with single blanks between them.",
    ),
]  # fmt: skip
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100, extra_json_schema={"pattern": LINE})]
_Services = Annotated[
    tuple[_Word, ...], msgspec.Meta(max_length=200, description="Keys of services; empty: all of the organisation.")
]
_Password = Annotated[str, msgspec.Meta(min_length=8, max_length=200)]


class NewUser(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account that is to be made. Without an organisation: that of who asks, or the only one.

    agent: the phone of a person who answers calls, such as `PJSIP/agent1`.
    """

    name: _Name
    role: Role
    password: _Password
    services: _Services = ()
    organisation: _Word | None = None
    agent: _Word | None = None


class NewPassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The new password of an account."""

    password: _Password


class ListedUser(msgspec.Struct, frozen=True, kw_only=True):
    """An account, without its secrets."""

    id: str
    name: str
    organisation: str
    role: str
    services: Sequence[str]
    mail: str | None
    second_factor: bool
    disabled: bool
    made_at: datetime


class NewKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An API key that is to be made. `rights`: null: all of its role. `expires_in` is in seconds; null: never."""

    name: _Name
    role: Role
    services: _Services = ()
    organisation: _Word | None = None
    rights: Annotated[tuple[_Word, ...], msgspec.Meta(max_length=200)] | None = None
    expires_in: Annotated[int, msgspec.Meta(ge=1, le=315_360_000)] | None = None


class ListedKey(msgspec.Struct, frozen=True, kw_only=True):
    """An API key, without what it consists of."""

    id: str
    name: str
    organisation: str
    role: str
    services: Sequence[str]
    rights: Sequence[str] | None
    made_at: datetime
    expires: datetime | None
    used_at: datetime | None


class MadeKey(msgspec.Struct, frozen=True, kw_only=True):
    """A new API key. It is shown only here: callcentre keeps its hash."""

    key: str
    listed: ListedKey
