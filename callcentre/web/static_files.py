"""The files that pages load: style sheets and scripts, compressed in memory, at addresses that change with them."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Final

from aiohttp import web

from callcentre.web.routes import Route

_TYPES: Final = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "ico": "image/x-icon",
    "png": "image/png",
    "woff2": "font/woff2",
    "webmanifest": "application/manifest+json",
}
_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _File:
    octets: bytes
    compressed: bytes
    kind: str
    version: str


class StaticFiles:
    """The files of a folder, without the folders in it."""

    def __init__(self, package: str = "callcentre.web", folder: str = "static") -> None:
        self._package = package
        self._folder = folder

    @cached_property
    def _files(self) -> dict[str, _File]:
        found: dict[str, _File] = {}
        for each in (files(self._package) / self._folder).iterdir():
            kind = _TYPES.get(each.name.rpartition(".")[2])
            if kind is None or not each.is_file():
                continue
            octets = each.read_bytes()
            version = hashlib.sha256(octets).hexdigest()[:12]
            found[each.name] = _File(octets, gzip.compress(octets, 9, mtime=0), kind, version)
        return found

    def address(self, name: str) -> str:
        """The address of a file, which changes with its content. Raises KeyError."""
        return f"/static/{name}?v={self._files[name].version}"

    def route(self) -> Route:
        """`/static/{name}`."""

        async def answer(request: web.Request) -> web.Response:
            file = self._files.get(request.match_info["name"])
            if file is None:
                raise web.HTTPNotFound
            headers = {"X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
            current = request.query.get("v") == file.version
            headers["Cache-Control"] = _FOR_A_YEAR if current else "no-cache"
            body = file.octets
            if "gzip" in request.headers.get("Accept-Encoding", "") and len(file.compressed) < len(file.octets):
                headers["Content-Encoding"] = "gzip"
                body = file.compressed
            charset = "utf-8" if file.kind.startswith("text/") else None
            return web.Response(body=body, content_type=file.kind, charset=charset, headers=headers)

        return Route(method="GET", path="/static/{name}", handler=answer)
