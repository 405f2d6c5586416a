"""The operations of ARI that a call centre needs, each declared by its signature.

`@operation` reads the HTTP method, the path and the signature, and makes of them a coroutine that
sends the request and decodes the answer. A parameter named in the path goes there, percent-encoded;
`variables` and `filter` go into the JSON body; the others go into the query under the API's own name,
which is the camelCase of ours but for those in `API_NAMES`. A parameter that is None is left out.
`OPERATIONS` lists them all, so that a test can hold them against the server's own description.

Every operation may raise the errors of `callcentre.telephony.ari.model`. Times are in the API's units, given
with each parameter's name or docstring.
"""

# The bodies are empty because the signatures are the whole description. The names are the API's own,
# also where Python has a built-in of that name.
# mypy: disable-error-code="empty-body"
# ruff: noqa: A002, ASYNC109

import inspect
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import wraps
from types import UnionType
from typing import Any, Final, Literal, ParamSpec, Protocol, TypeVar, get_args, get_origin
from urllib.parse import quote, urlencode

import msgspec

from callcentre.telephony.ari.model import (
    Application,
    AriError,
    AsteriskInfo,
    AsteriskPing,
    Bridge,
    Channel,
    Conflict,
    DeviceState,
    Endpoint,
    Forbidden,
    InvalidAnswer,
    InvalidArgument,
    LiveRecording,
    NotFound,
    Playback,
    ReadOnly,
    ServerError,
    Sound,
    StoredRecording,
    Variable,
)
from callcentre.values.json_errors import NOT_JSON

_MAY_WRITE: Final = (
    "this ARI user may only read: write read_only=no into its section of ari.conf, then `module reload res_ari.so`"
)

P = ParamSpec("P")
T = TypeVar("T")

API_NAMES: Final[Mapping[str, str]] = {
    "absorb_dtmf": "absorbDTMF",
    "offset_ms": "offsetms",
    "reason_code": "reason_code",
    "send_dtmf": "sendDTMF",
    "skip_ms": "skipms",
}
"""Our names whose API name is not their camelCase."""

WHOLE_BODY: Final = "filter"
"""The parameter that is the JSON body itself, not a member of it."""

BODY_PARAMETERS: Final = frozenset({"variables", WHOLE_BODY})


class Place(Enum):
    """Where in the request a parameter goes; the values are those of the API's description."""

    PATH = "path"
    QUERY = "query"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: our name, the API's, where it goes, whether it must be given, and may be several."""

    name: str
    api_name: str
    place: Place
    required: bool
    several: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out: `target` is path and query below the ARI address, already encoded."""

    operation: str
    method: str
    target: str
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: HTTP status and body."""

    status: int
    body: bytes


class Transport(Protocol):
    """Whatever carries a request to Asterisk and brings the reply."""

    async def send(self, request: Request) -> Reply:
        """Send it once. Raises `Unreachable` when there is no reply."""
        ...


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API, as declared here.

    `name` is for instance `channels.play`, `nickname` and `path` are the API's own. `gone` are the
    statuses by which this operation says that a channel no longer exists.
    """

    name: str
    nickname: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    gone: frozenset[int]
    decoder: msgspec.json.Decoder[Any] | None

    def request(self, arguments: Mapping[str, Any]) -> Request:
        """Put the arguments where they belong. Raises `InvalidArgument`."""
        path = self.path
        query: list[tuple[str, str]] = []
        members: dict[str, Any] = {}
        body: bytes | None = None
        for parameter in self.parameters:
            value = arguments.get(parameter.name)
            if value is None:
                continue
            if parameter.place is Place.PATH:
                path = path.replace(f"{{{parameter.api_name}}}", self._segment(parameter, value))
            elif parameter.place is Place.QUERY:
                query.append((parameter.api_name, self._text(parameter, value)))
            elif parameter.name == WHOLE_BODY:
                body = self._json(value)
            else:
                members[parameter.api_name] = {key: str(item) for key, item in value.items()}
        if members:
            body = self._json(members)
        target = f"{path}?{urlencode(query, quote_via=quote, safe='')}" if query else path
        return Request(self.name, self.method, target, body)

    def answer(self, reply: Reply) -> Any:
        """Decode a reply. Raises the `AriError` that its status stands for, or `InvalidAnswer`."""
        if not 200 <= reply.status < 300:
            raise self._error(reply)
        if self.decoder is None:
            return None
        try:
            return self.decoder.decode(reply.body)
        except NOT_JSON as error:
            raise InvalidAnswer(self.name, f"the answer is not what ARI promises: {error}", reply.status) from error

    def _json(self, value: Any) -> bytes:
        try:
            return msgspec.json.encode(value)
        except UnicodeEncodeError as error:
            raise InvalidArgument(self.name, f"a text is not valid Unicode: {error}") from error

    def _segment(self, parameter: Parameter, value: str) -> str:
        # Asterisk ends a text at a NUL, proxies resolve dots, and an empty id would name the whole collection.
        if value in ("", ".", "..") or "\0" in value:
            raise InvalidArgument(self.name, f"{parameter.name} cannot be {value!r}")
        return self._encoded(parameter, value)

    def _encoded(self, parameter: Parameter, value: str) -> str:
        try:
            return quote(value, safe="")
        except UnicodeEncodeError as error:
            raise InvalidArgument(self.name, f"{parameter.name} is not valid Unicode: {value!r}") from error

    def _text(self, parameter: Parameter, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if parameter.several:
            text = ",".join(map(_list_item, [value] if isinstance(value, str) else value))
        else:
            text = str(value)
        if "\0" in text:
            raise InvalidArgument(self.name, f"{parameter.name} cannot hold a NUL character")
        self._encoded(parameter, text)
        return text

    def _error(self, reply: Reply) -> AriError:
        message = _message(reply.body)
        if reply.status in self.gone:
            return NotFound(self.name, message, reply.status)
        match reply.status:
            case 409 | 412 | 422:
                return Conflict(self.name, message, reply.status)
            case 403 if "write access" in message.casefold():
                return ReadOnly(self.name, f"{message}; {_MAY_WRITE}", reply.status)
            case 401 | 403:
                return Forbidden(self.name, message, reply.status)
            case status if status >= 500:
                return ServerError(self.name, message, status)
            case status:
                return AriError(self.name, message, status)


def _list_item(item: str) -> str:
    """Escape what Asterisk reads as structure where one parameter holds several values."""
    return re.sub(r'([\\,"()\[\]])', r"\\\1", item)


def _message(body: bytes) -> str:
    """Asterisk's own words: `message`, or `error` where an originate fails; else the body's beginning."""
    try:
        said = msgspec.json.decode(body, type=dict[str, Any])
    except NOT_JSON:
        said = {}
    for key in ("message", "error"):
        if isinstance(text := said.get(key), str):
            return text
    return " ".join(body.decode(errors="replace").split())[:200] or "no explanation"


def camel_case(name: str) -> str:
    """Turn `playback_id` into `playbackId`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake_case(name: str) -> str:
    """Turn `DeviceStates` into `device_states`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _choices(annotation: Any) -> tuple[str, ...]:
    """The values that a `Literal` allows, also inside `… | None` and sequences."""
    found: list[str] = []
    for argument in get_args(annotation):
        found.extend((argument,) if isinstance(argument, str) else _choices(argument))
    return tuple(found)


def _several(annotation: Any) -> bool:
    alternatives = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return any(get_origin(alternative) is Sequence for alternative in alternatives)


def _describe(method: str, path: str, gone: frozenset[int], function: Callable[..., Any]) -> Operation:
    resource, _, name = function.__qualname__.rpartition(".")
    placed = set(re.findall(r"{(\w+)}", path))
    signature = inspect.signature(function)
    parameters = []
    for parameter in list(signature.parameters.values())[1:]:
        if parameter.name in placed:
            place = Place.PATH
        else:
            place = Place.BODY if parameter.name in BODY_PARAMETERS else Place.QUERY
        parameters.append(
            Parameter(
                name=parameter.name,
                api_name=API_NAMES.get(parameter.name) or camel_case(parameter.name),
                place=place,
                required=parameter.default is parameter.empty,
                several=_several(parameter.annotation),
                choices=_choices(parameter.annotation),
            )
        )
    answer = signature.return_annotation
    return Operation(
        name=f"{snake_case(resource)}.{name}",
        nickname=API_NAMES.get(name) or camel_case(name),
        method=method,
        path=re.sub(r"{(\w+)}", lambda found: f"{{{camel_case(found[1])}}}", path),
        parameters=tuple(parameters),
        gone=gone,
        decoder=None if answer is None else msgspec.json.Decoder(answer),
    )


OPERATIONS: Final[dict[str, Operation]] = {}
"""Every operation by its name, for instance `channels.play`."""


def operation(
    method: Literal["GET", "POST", "PUT", "DELETE"], path: str, *, gone: frozenset[int] = frozenset({404})
) -> Callable[[Callable[P, Coroutine[Any, Any, T]]], Callable[P, Coroutine[Any, Any, T]]]:
    """Make a method of a resource carry out what its signature describes."""

    def declare(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        described = _describe(method, path, gone, function)
        OPERATIONS[described.name] = described
        signature = inspect.signature(function)

        @wraps(function)
        async def carry_out(*args: P.args, **kwargs: P.kwargs) -> T:
            arguments = signature.bind(*args, **kwargs).arguments
            resource: Resource = arguments["self"]
            reply = await resource.transport.send(described.request(arguments))
            answer: T = described.answer(reply)
            return answer

        return carry_out

    return declare


@dataclass(frozen=True, slots=True)
class Resource:
    """A group of operations, as ARI groups them."""

    transport: Transport


Variables = Mapping[str, str | int | float]
"""Channel variables; ARI takes texts only, so numbers are written out."""

EventFilter = Mapping[Literal["allowed", "disallowed"], Sequence[Mapping[str, str]]]
"""Which events an application gets: `{"allowed": [{"type": "StasisStart"}]}`; an empty list sets no bound."""

Direction = Literal["both", "in", "out"]
SnoopDirection = Literal["none", "both", "out", "in"]
IfExists = Literal["fail", "overwrite", "append"]
TerminateOn = Literal["none", "any", "*", "#"]
HangupReason = Literal[
    "normal",
    "busy",
    "congestion",
    "no_answer",
    "timeout",
    "rejected",
    "unallocated",
    "normal_unspecified",
    "number_incomplete",
    "codec_mismatch",
    "interworking",
    "failure",
    "answered_elsewhere",
]

# Where a channel is named in the query, its absence is told by 400.
GONE_FROM_BRIDGE: Final = frozenset({400, 404})


class Channels(Resource):
    """Legs of calls. All but get, hangup, get_channel_var and snooping want the channel in Stasis."""

    __slots__ = ()

    @operation("GET", "/channels")
    async def list(self) -> tuple[Channel, ...]:
        """All channels of this Asterisk, also those outside Stasis."""

    @operation("POST", "/channels/create")
    async def create(
        self,
        *,
        endpoint: str,
        app: str,
        app_args: str | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
        variables: Variables | None = None,
    ) -> Channel:
        """Make a channel without dialling it yet; `dial` does."""

    @operation("GET", "/channels/{channel_id}")
    async def get(self, channel_id: str) -> Channel:
        """One channel as it is now."""

    @operation("POST", "/channels")
    async def originate(
        self,
        *,
        endpoint: str,
        extension: str | None = None,
        context: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        app: str | None = None,
        app_args: str | None = None,
        caller_id: str | None = None,
        timeout: int | None = None,
        variables: Variables | None = None,
        channel_id: str | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
    ) -> Channel:
        """Dial `endpoint`; when it answers, run `app` or go to `context`, `extension`, `priority`.

        `timeout` is in seconds, -1 for none, 30 when left out. An endpoint that does not exist is
        told by ChannelDestroyed only; an unknown technology raises `ServerError`.
        """

    @operation("POST", "/channels/{channel_id}")
    async def originate_with_id(
        self,
        channel_id: str,
        *,
        endpoint: str,
        extension: str | None = None,
        context: str | None = None,
        priority: int | None = None,
        label: str | None = None,
        app: str | None = None,
        app_args: str | None = None,
        caller_id: str | None = None,
        timeout: int | None = None,
        variables: Variables | None = None,
        other_channel_id: str | None = None,
        originator: str | None = None,
        formats: str | None = None,
    ) -> Channel:
        """As `originate`, under an id of our own; `Conflict` while a channel of that id lives."""

    @operation("DELETE", "/channels/{channel_id}")
    async def hangup(
        self, channel_id: str, *, reason: HangupReason | None = None, reason_code: str | None = None
    ) -> None:
        """End the call; `reason_code` is a Q.850 cause, as text, in place of `reason`."""

    @operation("POST", "/channels/{channel_id}/continue")
    async def continue_in_dialplan(
        self,
        channel_id: str,
        *,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
        label: str | None = None,
    ) -> None:
        """Leave Stasis, for the place given or for the next priority after Stasis()."""

    @operation("POST", "/channels/{channel_id}/move")
    async def move(self, channel_id: str, *, app: str, app_args: str | None = None) -> None:
        """Hand the channel to another Stasis application."""

    @operation("POST", "/channels/{channel_id}/redirect")
    async def redirect(self, channel_id: str, *, endpoint: str) -> None:
        """Send the caller elsewhere by the channel's own protocol, such as a SIP 302."""

    @operation("POST", "/channels/{channel_id}/answer")
    async def answer(self, channel_id: str) -> None:
        """Answer the call."""

    @operation("POST", "/channels/{channel_id}/ring")
    async def ring(self, channel_id: str) -> None:
        """Let the caller hear ringing."""

    @operation("DELETE", "/channels/{channel_id}/ring")
    async def ring_stop(self, channel_id: str) -> None:
        """End the ringing that `ring` began."""

    @operation("POST", "/channels/{channel_id}/dtmf")
    async def send_dtmf(
        self,
        channel_id: str,
        *,
        dtmf: str,
        before: int | None = None,
        between: int | None = None,
        duration: int | None = None,
        after: int | None = None,
    ) -> None:
        """Press keys towards the channel; times are in milliseconds."""

    @operation("POST", "/channels/{channel_id}/mute")
    async def mute(self, channel_id: str, *, direction: Direction | None = None) -> None:
        """Silence the channel."""

    @operation("DELETE", "/channels/{channel_id}/mute")
    async def unmute(self, channel_id: str, *, direction: Direction | None = None) -> None:
        """End what `mute` began."""

    @operation("POST", "/channels/{channel_id}/hold")
    async def hold(self, channel_id: str) -> None:
        """Put the channel on hold."""

    @operation("DELETE", "/channels/{channel_id}/hold")
    async def unhold(self, channel_id: str) -> None:
        """Take the channel from hold."""

    @operation("POST", "/channels/{channel_id}/moh")
    async def start_moh(self, channel_id: str, *, moh_class: str | None = None) -> None:
        """Play music on hold."""

    @operation("DELETE", "/channels/{channel_id}/moh")
    async def stop_moh(self, channel_id: str) -> None:
        """End the music."""

    @operation("POST", "/channels/{channel_id}/silence")
    async def start_silence(self, channel_id: str) -> None:
        """Play silence, which keeps media flowing."""

    @operation("DELETE", "/channels/{channel_id}/silence")
    async def stop_silence(self, channel_id: str) -> None:
        """End the silence."""

    @operation("POST", "/channels/{channel_id}/play")
    async def play(
        self,
        channel_id: str,
        *,
        media: str | Sequence[str],
        lang: str | None = None,
        offset_ms: int | None = None,
        skip_ms: int | None = None,
        playback_id: str | None = None,
    ) -> Playback:
        """Play media such as `sound:callcentre/offer`, several one after the other.

        A missing file is not an error here: PlaybackFinished tells `failed`.
        """

    @operation("POST", "/channels/{channel_id}/play/{playback_id}")
    async def play_with_id(
        self,
        channel_id: str,
        playback_id: str,
        *,
        media: str | Sequence[str],
        lang: str | None = None,
        offset_ms: int | None = None,
        skip_ms: int | None = None,
    ) -> Playback:
        """As `play`, under an id of our own."""

    @operation("POST", "/channels/{channel_id}/record")
    async def record(
        self,
        channel_id: str,
        *,
        name: str,
        format: str,
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        if_exists: IfExists | None = None,
        beep: bool | None = None,
        terminate_on: TerminateOn | None = None,
    ) -> LiveRecording:
        """Record what the channel says."""

    @operation("GET", "/channels/{channel_id}/variable")
    async def get_channel_var(self, channel_id: str, *, variable: str) -> Variable:
        """Value of a channel variable or a dialplan function, such as `QUEUE_MEMBER(support,ready)`."""

    @operation("POST", "/channels/{channel_id}/variable")
    async def set_channel_var(self, channel_id: str, *, variable: str, value: str | float) -> None:
        """Set a channel variable or a function; Asterisk refuses a request line above 4,096 bytes."""

    @operation("POST", "/channels/{channel_id}/snoop")
    async def snoop_channel(
        self,
        channel_id: str,
        *,
        app: str,
        spy: SnoopDirection | None = None,
        whisper: SnoopDirection | None = None,
        app_args: str | None = None,
        snoop_id: str | None = None,
    ) -> Channel:
        """Make a channel that hears this one, or speaks into it."""

    @operation("POST", "/channels/{channel_id}/snoop/{snoop_id}")
    async def snoop_channel_with_id(
        self,
        channel_id: str,
        snoop_id: str,
        *,
        app: str,
        spy: SnoopDirection | None = None,
        whisper: SnoopDirection | None = None,
        app_args: str | None = None,
    ) -> Channel:
        """As `snoop_channel`, under an id of our own."""

    @operation("POST", "/channels/{channel_id}/dial")
    async def dial(self, channel_id: str, *, caller: str | None = None, timeout: int | None = None) -> None:
        """Dial a channel made by `create`; `timeout` is in seconds, 0 for none."""


class Bridges(Resource):
    """Channels joined together."""

    __slots__ = ()

    @operation("GET", "/bridges")
    async def list(self) -> tuple[Bridge, ...]:
        """All bridges of this Asterisk."""

    @operation("POST", "/bridges")
    async def create(self, *, type: str | None = None, bridge_id: str | None = None, name: str | None = None) -> Bridge:
        """Make a bridge; `type` is a list such as `mixing,dtmf_events`, or `holding`."""

    @operation("POST", "/bridges/{bridge_id}")
    async def create_with_id(self, bridge_id: str, *, type: str | None = None, name: str | None = None) -> Bridge:
        """As `create`, under an id of our own."""

    @operation("GET", "/bridges/{bridge_id}")
    async def get(self, bridge_id: str) -> Bridge:
        """One bridge as it is now."""

    @operation("DELETE", "/bridges/{bridge_id}")
    async def destroy(self, bridge_id: str) -> None:
        """End the bridge; its channels stay."""

    @operation("POST", "/bridges/{bridge_id}/addChannel", gone=GONE_FROM_BRIDGE)
    async def add_channel(
        self,
        bridge_id: str,
        *,
        channel: str | Sequence[str],
        role: str | None = None,
        absorb_dtmf: bool | None = None,
        mute: bool | None = None,
        inhibit_connected_line_updates: bool | None = None,
    ) -> None:
        """Put channels in; `NotFound` when bridge or channel is gone, `Conflict` when not in Stasis."""

    @operation("POST", "/bridges/{bridge_id}/removeChannel", gone=GONE_FROM_BRIDGE)
    async def remove_channel(self, bridge_id: str, *, channel: str | Sequence[str]) -> None:
        """Take channels out; `Conflict` when they are not in it."""

    @operation("POST", "/bridges/{bridge_id}/moh")
    async def start_moh(self, bridge_id: str, *, moh_class: str | None = None) -> None:
        """Play music on hold to all in the bridge."""

    @operation("DELETE", "/bridges/{bridge_id}/moh")
    async def stop_moh(self, bridge_id: str) -> None:
        """End the music."""

    @operation("POST", "/bridges/{bridge_id}/play")
    async def play(
        self,
        bridge_id: str,
        *,
        media: str | Sequence[str],
        lang: str | None = None,
        offset_ms: int | None = None,
        skip_ms: int | None = None,
        playback_id: str | None = None,
    ) -> Playback:
        """Play media to all in the bridge."""

    @operation("POST", "/bridges/{bridge_id}/play/{playback_id}")
    async def play_with_id(
        self,
        bridge_id: str,
        playback_id: str,
        *,
        media: str | Sequence[str],
        lang: str | None = None,
        offset_ms: int | None = None,
        skip_ms: int | None = None,
    ) -> Playback:
        """As `play`, under an id of our own."""

    @operation("POST", "/bridges/{bridge_id}/record")
    async def record(
        self,
        bridge_id: str,
        *,
        name: str,
        format: str,
        max_duration_seconds: int | None = None,
        max_silence_seconds: int | None = None,
        if_exists: IfExists | None = None,
        beep: bool | None = None,
        terminate_on: TerminateOn | None = None,
    ) -> LiveRecording:
        """Record what is said in the bridge."""


class Playbacks(Resource):
    """Media being played."""

    __slots__ = ()

    @operation("GET", "/playbacks/{playback_id}")
    async def get(self, playback_id: str) -> Playback:
        """One playback; `NotFound` once it has finished."""

    @operation("DELETE", "/playbacks/{playback_id}")
    async def stop(self, playback_id: str) -> None:
        """End it before its end."""

    @operation("POST", "/playbacks/{playback_id}/control")
    async def control(
        self, playback_id: str, *, operation: Literal["restart", "pause", "unpause", "reverse", "forward"]
    ) -> None:
        """Pause it, go back and the like."""


class Recordings(Resource):
    """Recordings, while being made and afterwards."""

    __slots__ = ()

    @operation("GET", "/recordings/stored")
    async def list_stored(self) -> tuple[StoredRecording, ...]:
        """All finished recordings."""

    @operation("GET", "/recordings/stored/{recording_name}")
    async def get_stored(self, recording_name: str) -> StoredRecording:
        """One finished recording."""

    @operation("DELETE", "/recordings/stored/{recording_name}")
    async def delete_stored(self, recording_name: str) -> None:
        """Delete a finished recording."""

    @operation("GET", "/recordings/live/{recording_name}")
    async def get_live(self, recording_name: str) -> LiveRecording:
        """A recording that is being made."""

    @operation("POST", "/recordings/live/{recording_name}/stop")
    async def stop(self, recording_name: str) -> None:
        """End the recording and keep it."""

    @operation("DELETE", "/recordings/live/{recording_name}")
    async def cancel(self, recording_name: str) -> None:
        """End the recording and throw it away."""


class Asterisk(Resource):
    """The server itself."""

    __slots__ = ()

    @operation("GET", "/asterisk/info")
    async def get_info(
        self, *, only: Sequence[Literal["build", "system", "config", "status"]] | None = None
    ) -> AsteriskInfo:
        """Version, build and state."""

    @operation("GET", "/asterisk/ping")
    async def ping(self) -> AsteriskPing:
        """Command for a sign of life."""

    @operation("GET", "/asterisk/variable")
    async def get_global_var(self, *, variable: str) -> Variable:
        """Value of a global variable; empty for a function."""

    @operation("POST", "/asterisk/variable")
    async def set_global_var(self, *, variable: str, value: str | float) -> None:
        """Set a global variable."""


class Applications(Resource):
    """Stasis applications: ours exists as long as its WebSocket does."""

    __slots__ = ()

    @operation("GET", "/applications")
    async def list(self) -> tuple[Application, ...]:
        """All applications."""

    @operation("GET", "/applications/{application_name}")
    async def get(self, application_name: str) -> Application:
        """One application and what it is subscribed to."""

    @operation("POST", "/applications/{application_name}/subscription")
    async def subscribe(self, application_name: str, *, event_source: str | Sequence[str]) -> Application:
        """Get the events of sources such as `channel:<id>`, or `channel:` for every channel."""

    @operation("DELETE", "/applications/{application_name}/subscription")
    async def unsubscribe(self, application_name: str, *, event_source: str | Sequence[str]) -> Application:
        """Get them no longer."""

    @operation("PUT", "/applications/{application_name}/eventFilter")
    async def filter(self, application_name: str, *, filter: EventFilter) -> Application:
        """Choose the types of events; `{}` sets no bound. Applies to ApplicationReplaced too."""


class DeviceStates(Resource):
    """States of devices, among them `Queue:<name>`."""

    __slots__ = ()

    @operation("GET", "/deviceStates")
    async def list(self) -> tuple[DeviceState, ...]:
        """The devices that ARI itself controls."""

    @operation("GET", "/deviceStates/{device_name}")
    async def get(self, device_name: str) -> DeviceState:
        """State of any device, `INVALID` when there is no such one."""


class Endpoints(Resource):
    """Phones and trunks."""

    __slots__ = ()

    @operation("GET", "/endpoints")
    async def list(self) -> tuple[Endpoint, ...]:
        """All endpoints."""

    @operation("GET", "/endpoints/{tech}")
    async def list_by_tech(self, tech: str) -> tuple[Endpoint, ...]:
        """The endpoints of one technology, such as `PJSIP`."""

    @operation("GET", "/endpoints/{tech}/{resource}")
    async def get(self, tech: str, resource: str) -> Endpoint:
        """One endpoint."""


class Sounds(Resource):
    """Prompts that Asterisk has."""

    __slots__ = ()

    @operation("GET", "/sounds")
    async def list(self, *, lang: str | None = None, format: str | None = None) -> tuple[Sound, ...]:
        """All prompts; `ServerError` when there is none of that language."""

    @operation("GET", "/sounds/{sound_id}")
    async def get(self, sound_id: str) -> Sound:
        """One prompt, such as `callcentre/offer`."""
