"""The person behind an event, for events that a user of the pages or of `/api` brings about."""

from __future__ import annotations

import msgspec


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who did something, from where, and why.

    user: the name of an account, `key:NAME` for an API key, `token` for `http.token`.
    organisation: the key of the user's organisation; None: of every organisation.
    address: the address of the client.
    why: the reason that the user wrote, at most 200 characters.
    """

    user: str
    organisation: str | None = None
    address: str | None = None
    why: str | None = None
