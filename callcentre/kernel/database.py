"""Which database the daemon uses, and the name of the daemon among those that share it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

SQLITE = "sqlite:///"

MAIN: Final = "main"
"""The name of a daemon that is not given another."""


@dataclass(frozen=True, slots=True)
class Database:
    """A SQLite file, or a database of a PostgreSQL server.

    `url` is SQLAlchemy's URL; the path of a file in it is absolute or relative to the working directory. `node` is the
    daemon: one with its own Asterisk. Printed, it is the file or the server, without the password.
    """

    url: str
    node: str = MAIN

    @classmethod
    def of_file(cls, path: Path, node: str = MAIN) -> Database:
        """A SQLite file."""
        return cls(f"{SQLITE}{path}", node)

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database; None for a server."""
        return Path(self.url.removeprefix(SQLITE)) if self.url.startswith(SQLITE) else None

    def why_not_by_us(self) -> str | None:
        """Why a command must not write it as this user of the system; None when it may.

        Files that another user makes beside the database would keep the daemon from starting.
        """
        path = self.path
        if path is None:
            return None
        found = path if path.exists() else path.parent
        if not found.exists() or (owner := found.stat().st_uid) == os.geteuid():
            return None
        if found != path and os.geteuid() != 0 and os.access(found, os.W_OK):
            return None
        return f"{found} belongs to the user {owner}: run this command as that user"

    def __str__(self) -> str:
        path = self.path
        if path is not None:
            return str(path)
        url = urlsplit(self.url)
        user, _, hosts = url.netloc.rpartition("@")
        name = user.partition(":")[0]
        return f"postgresql://{unquote(name)}{'@' if name else ''}{hosts}{url.path}"

    def __repr__(self) -> str:
        # The default would show the password.
        return f"Database({str(self)!r}, node={self.node!r})"
