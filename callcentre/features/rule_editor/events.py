"""What a user did with the configuration file."""

from __future__ import annotations

from datetime import datetime

import msgspec

from callcentre.kernel.event import Event


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text of the file without its secrets. `sha256` is that of this text, in hexadecimal digits."""

    at: datetime
    sha256: str
    text: str


class RulesWritten(Event, frozen=True, kw_only=True):
    """A user has replaced the file by `text`.

    before: the text that was there, if it is no version yet: the file was changed outside the browser.
    restored: the version that the user went back to; None: the user wrote the text.
    """

    daemon: str
    text: Text
    before: Text | None = None
    restored: str | None = None
