"""Routes of the web server, which components declare."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from callcentre.web.rights import Right

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Guards = Literal["open", "api", "page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path.

    `guard` says who may call it (`guard.py`): `api` and `page` find out who makes the request before anything else of
    it is looked at, and ask for `right`; `open` leaves that to the handler. `longest_body` is the most octets of a form
    of a page. `operation` describes it in `/api/openapi.json` (OpenAPI 3.1), `parameters` are those of its path, and
    `types` are the bodies that the operation refers to by their names.
    """

    method: str
    path: str
    handler: Handler
    guard: Guards = "open"
    right: Right | None = None
    longest_body: int = 64 * 1024
    key_in_query: bool = False
    """The address may have `key=`, an API key of a device: a screen on a wall logs in nowhere."""
    allow_head: bool = True
    operation: Mapping[str, Any] | None = None
    parameters: tuple[Mapping[str, Any], ...] = ()
    types: tuple[type[Any], ...] = ()
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Additions to the schemas of types, by the name of the type."""
    public_names: Mapping[str, str] = field(default_factory=dict)
    """Names of schemas that differ from the names of their types. Other systems make code from the names of schemas, so
    a schema keeps its name when its type gets another one."""
