"""Configuration files in memory."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Mapping, Sequence

ETC = "/etc/asterisk"


class Texts:
    """Files below /etc/asterisk by their names, as `Sources`."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {posixpath.join(ETC, name): text for name, text in files.items()}

    def matching(self, pattern: str) -> Sequence[tuple[str, str]]:
        whole = posixpath.join(ETC, pattern)
        return sorted((path, text) for path, text in self.files.items() if fnmatch.fnmatchcase(path, whole))
