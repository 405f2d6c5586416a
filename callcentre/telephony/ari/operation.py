"""How an operation of ARI is declared: by its signature only.

`@operation` reads the HTTP method, the path and the signature, and makes a coroutine that sends the request and decodes
the answer. A parameter named in the path goes there, percent-encoded. `variables` and `filter` go into the JSON body,
the others into the query under the API's own name, which is our name in camelCase except for those in `API_NAMES`. A
parameter that is None is left out. `OPERATIONS` lists all operations, and a test compares them with the server's own
description.

Every operation may raise the errors of `callcentre.telephony.ari.model`. Times are in the API's units, given
with each parameter's name or docstring.
"""

import inspect
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, wraps
from types import UnionType
from typing import Any, Final, Literal, ParamSpec, Protocol, TypeVar, get_args, get_origin
from urllib.parse import quote

import msgspec

from callcentre.telephony.ari.model import (
    AriError,
    Conflict,
    Forbidden,
    InvalidAnswer,
    InvalidArgument,
    NotFound,
    ReadOnly,
    ServerError,
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
"""Our names whose API name is not the same in camelCase."""

WHOLE_BODY: Final = "filter"
"""The parameter that is the JSON body itself, not a member of it."""

BODY_PARAMETERS: Final = frozenset({"variables", WHOLE_BODY})


class Place(Enum):
    """The part of the request that a parameter goes to; the values are those of the API's description."""

    PATH = "path"
    QUERY = "query"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: our name, the API's, its place, whether it is required, and whether it may have several values."""

    name: str
    api_name: str
    place: Place
    required: bool
    several: bool
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A request: `target` is path and query below the ARI address, already encoded."""

    operation: str
    method: str
    target: str
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: HTTP status and body."""

    status: int
    body: bytes


class Transport(Protocol):
    """Sends a request to Asterisk and returns the reply."""

    async def send(self, request: Request) -> Reply:
        """Send it once. Raises `Unreachable` when there is no reply."""
        ...


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API, as declared here.

    `name` is for example `channels.play`; `nickname` and `path` are the API's own. `gone` are the statuses by which
    this operation reports that a channel no longer exists.
    """

    name: str
    nickname: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    gone: frozenset[int]
    decoder: msgspec.json.Decoder[Any] | None

    def request(self, arguments: Mapping[str, Any]) -> Request:
        """Build the request. Raises `InvalidArgument`."""
        path = self.path
        query: list[str] = []
        members: dict[str, Any] = {}
        body: bytes | None = None
        for parameter in self.parameters:
            value = arguments.get(parameter.name)
            if value is None:
                continue
            if parameter.place is Place.PATH:
                path = path.replace(f"{{{parameter.api_name}}}", self._segment(parameter, value))
            elif parameter.place is Place.QUERY:
                query.append(f"{parameter.api_name}={self._text(parameter, value)}")
            elif parameter.name == WHOLE_BODY:
                body = self._json(value)
            else:
                members[parameter.api_name] = {key: str(item) for key, item in value.items()}
        if members:
            body = self._json(members)
        target = f"{path}?{'&'.join(query)}" if query else path
        return Request(self.name, self.method, target, body)

    def answer(self, reply: Reply) -> Any:
        """Decode a reply. Raises the `AriError` for its status, or `InvalidAnswer`."""
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
        # Asterisk ends a text at a NUL, proxies resolve dots, and an empty id would mean the whole collection.
        if value in ("", ".", "..") or "\0" in value:
            raise InvalidArgument(self.name, f"{parameter.name} cannot be {value!r}")
        return self._encoded(parameter, value)

    def _encoded(self, parameter: Parameter, value: str) -> str:
        try:
            return percent_encoded(value)
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
        return self._encoded(parameter, text)

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


@lru_cache(maxsize=1024)
def percent_encoded(text: str) -> str:
    """Text for a URL. The same questions, channels and values come again and again. Raises UnicodeEncodeError."""
    return quote(text, safe="")


def _list_item(item: str) -> str:
    """Escape what Asterisk reads as structure where one parameter has several values."""
    return re.sub(r'([\\,"()\[\]])', r"\\\1", item)


def _message(body: bytes) -> str:
    """Asterisk's explanation: `message`, or `error` where an originate fails; else the beginning of the body."""
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


def _binding(signature: inspect.Signature) -> Callable[[tuple[Any, ...], Mapping[str, Any]], Mapping[str, Any]]:
    """What `signature.bind(…).arguments` does, an order of magnitude faster for a call that is right."""
    parameters = signature.parameters.values()
    positional = tuple(one.name for one in parameters if one.kind is not one.KEYWORD_ONLY)
    known = frozenset(signature.parameters)
    required = frozenset(one.name for one in parameters if one.default is one.empty)

    def bind(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
        given = {**dict(zip(positional, args, strict=False)), **kwargs}
        if len(given) == len(args) + len(kwargs) and required <= given.keys() <= known:
            return given
        bound: Mapping[str, Any] = signature.bind(*args, **kwargs).arguments  # Raises TypeError, and says why.
        return bound

    return bind


OPERATIONS: Final[dict[str, Operation]] = {}
"""Every operation by its name, for instance `channels.play`."""


def operation(
    method: Literal["GET", "POST", "PUT", "DELETE"], path: str, *, gone: frozenset[int] = frozenset({404})
) -> Callable[[Callable[P, Coroutine[Any, Any, T]]], Callable[P, Coroutine[Any, Any, T]]]:
    """Make a method of a resource send the request that its signature describes."""

    def declare(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        described = _describe(method, path, gone, function)
        OPERATIONS[described.name] = described
        bind = _binding(inspect.signature(function))

        @wraps(function)
        async def carry_out(*args: P.args, **kwargs: P.kwargs) -> T:
            arguments = bind(args, kwargs)
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
"""Channel variables. ARI accepts texts only, so numbers are converted."""

IfExists = Literal["fail", "overwrite", "append"]
TerminateOn = Literal["none", "any", "*", "#"]
