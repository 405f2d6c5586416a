"""The answers of ARI: the objects of its REST interface, and the errors.

The fields have the API's own names. Only the id of an object is required. So an older Asterisk, which leaves out newer
fields, and a newer one, which adds some, are both understood. States are texts: Asterisk adds new ones between
versions.

Source: `/ari/api-docs/*.json` of Asterisk 22, and its answers.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec


class CallerID(msgspec.Struct, frozen=True, kw_only=True):
    """Number and name of a party; both empty when unknown."""

    name: str = ""
    number: str = ""


class DialplanCEP(msgspec.Struct, frozen=True, kw_only=True):
    """The place of a channel in the dialplan, and the application that it runs there."""

    context: str = ""
    exten: str = ""
    priority: int = 0
    app_name: str = ""
    app_data: str = ""


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One leg of a call. `state` is `Down`, `Ring`, `Ringing`, `Up`, `Busy` …; `creationtime` is aware."""

    id: str
    name: str = ""
    state: str = ""
    protocol_id: str = ""
    caller: CallerID = CallerID()
    connected: CallerID = CallerID()
    accountcode: str = ""
    dialplan: DialplanCEP = DialplanCEP()
    creationtime: datetime | None = None
    language: str = ""
    channelvars: Mapping[str, str] = {}
    caller_rdnis: str = ""
    tenantid: str = ""


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    """Channels that hear each other (`mixing`) or wait (`holding`); `channels` are channel ids."""

    id: str
    technology: str = ""
    bridge_type: str = ""
    bridge_class: str = ""
    creator: str = ""
    name: str = ""
    channels: tuple[str, ...] = ()
    creationtime: datetime | None = None


class Playback(msgspec.Struct, frozen=True, kw_only=True):
    """Media being played; `state` is `queued`, `playing`, `continuing`, `done` or `failed`."""

    id: str
    media_uri: str = ""
    next_media_uri: str = ""
    target_uri: str = ""
    language: str = ""
    state: str = ""


class LiveRecording(msgspec.Struct, frozen=True, kw_only=True):
    """A recording in progress; durations are whole seconds."""

    name: str
    format: str = ""
    target_uri: str = ""
    state: str = ""
    duration: int | None = None
    talking_duration: int | None = None
    silence_duration: int | None = None
    cause: str = ""


class StoredRecording(msgspec.Struct, frozen=True, kw_only=True):
    """A finished recording."""

    name: str
    format: str = ""


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """The value of a channel variable, a global variable or a dialplan function."""

    value: str = ""


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """A Stasis application and what it is subscribed to."""

    name: str
    channel_ids: tuple[str, ...] = ()
    bridge_ids: tuple[str, ...] = ()
    endpoint_ids: tuple[str, ...] = ()
    device_names: tuple[str, ...] = ()
    events_allowed: tuple[Mapping[str, Any], ...] = ()
    events_disallowed: tuple[Mapping[str, Any], ...] = ()


class BuildInfo(msgspec.Struct, frozen=True, kw_only=True):
    """How this Asterisk was built."""

    os: str = ""
    kernel: str = ""
    options: str = ""
    machine: str = ""
    date: str = ""
    user: str = ""


class SystemInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The version of this Asterisk: `version` is for example `22.10.1`, often with a packager's suffix."""

    version: str = ""
    entity_id: str = ""


class ConfigInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The part of Asterisk's own configuration that it reports."""

    name: str = ""
    default_language: str = ""
    max_channels: int | None = None
    max_open_files: int | None = None
    max_load: float | None = None


class StatusInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Since when Asterisk runs, and when it last read its configuration; both are aware."""

    startup_time: datetime | None = None
    last_reload_time: datetime | None = None


class AsteriskInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of `GET /asterisk/info`; a part that was not requested is None."""

    build: BuildInfo | None = None
    system: SystemInfo | None = None
    config: ConfigInfo | None = None
    status: StatusInfo | None = None


class AsteriskPing(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a ping; `timestamp` is Asterisk's own time, aware."""

    ping: str = ""
    asterisk_id: str = ""
    timestamp: datetime | None = None


class DeviceState(msgspec.Struct, frozen=True, kw_only=True):
    """State of a device, `NOT_INUSE`, `INUSE`, `RINGING`, `UNAVAILABLE`, `INVALID` …"""

    name: str
    state: str = ""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A phone or trunk; `state` is `online`, `offline` or `unknown`."""

    technology: str
    resource: str
    state: str = ""
    channel_ids: tuple[str, ...] = ()


class FormatLangPair(msgspec.Struct, frozen=True, kw_only=True):
    """A language and a format of a sound."""

    language: str = ""
    format: str = ""


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt that Asterisk can play as `sound:<id>`."""

    id: str
    text: str = ""
    formats: tuple[FormatLangPair, ...] = ()


class AriError(Exception):
    """ARI did not do what was requested.

    `operation` is for example `channels.play`, `message` is Asterisk's explanation, and `status` the HTTP status, or
    None when there was no answer.
    """

    def __init__(self, operation: str, message: str, status: int | None = None) -> None:
        """Keep the three parts; the text joins them."""
        super().__init__(operation, message, status)
        self.operation = operation
        self.message = message
        self.status = status

    def __str__(self) -> str:
        status = "" if self.status is None else f" ({self.status})"
        return f"{self.operation}: {self.message}{status}"


class InvalidArgument(AriError, ValueError):  # noqa: N818 - named as the API's own answers are
    """An argument that cannot be sent safely, such as an empty channel id; nothing was sent."""


class NotFound(AriError):  # noqa: N818
    """Channel, bridge, playback or similar is gone (404). Normal after a hangup."""


class Conflict(AriError):  # noqa: N818
    """The object is not in Stasis, in the wrong state, or the id is in use (409, 412, 422). Normal after a hangup."""


class Forbidden(AriError):  # noqa: N818
    """The user name or password is wrong, or an access list of ari.conf excludes this machine (401, 403)."""


class ReadOnly(Forbidden):
    """The user may only read (403): `read_only=yes` in ari.conf. The message says how to change that."""


class ServerError(AriError):
    """Asterisk failed (500), or is still starting (503)."""


class InvalidAnswer(AriError):  # noqa: N818
    """The answer is not what ARI documents: not JSON, or a field of another type."""


class Unreachable(AriError):  # noqa: N818
    """No answer: refused, timed out or closed. The request may have been carried out nevertheless."""
