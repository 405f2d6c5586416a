"""The versions of the configuration file."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from callcentre.kernel.decision import Record
from callcentre.kernel.records import Records


class RuleVersion(Record, frozen=True, kw_only=True):
    """A text that the file of a daemon had, without its secrets.

    daemon: the name of the daemon, since each has a file of its own.
    user, organisation: who saved it; user is None where the file was changed outside the browser.
    why: the reason that the user wrote.
    restored: the version that it is a repetition of.
    """

    wall_times: ClassVar[frozenset[str]] = frozenset({"at"})

    version: str
    daemon: str
    at: datetime
    user: str | None
    organisation: str | None
    why: str | None
    restored: str | None
    sha256: str
    text: str

    @property
    def key(self) -> str:
        return self.version


class RuleVersions:
    """All versions. They are rows, read by pages; nothing is decided by them."""

    def __init__(self) -> None:
        self.records = Records(RuleVersion, table="rule_versions", key="version", indexes=("at",))


def version_of(daemon: str, at: datetime) -> str:
    """The id of the version that a daemon's file became at this time, such as `20260302T0900000000-main`."""
    return f"{at:%Y%m%dT%H%M%S%f}-{daemon}"
