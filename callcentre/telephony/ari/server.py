"""The operations of ARI on the server itself: applications, device states, endpoints and sounds."""

# The bodies are empty because the signatures are the whole description. The names are the API's own, also where Python
# has a built-in of that name.
# mypy: disable-error-code="empty-body"
# ruff: noqa: A002

from collections.abc import Mapping, Sequence
from typing import Literal

from callcentre.telephony.ari.model import (
    Application,
    AsteriskInfo,
    AsteriskPing,
    DeviceState,
    Endpoint,
    Sound,
    Variable,
)
from callcentre.telephony.ari.operation import Resource, operation

EventFilter = Mapping[Literal["allowed", "disallowed"], Sequence[Mapping[str, str]]]
"""The events that an application gets: `{"allowed": [{"type": "StasisStart"}]}`. An empty list means no limit."""


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
        """Check that Asterisk answers."""

    @operation("GET", "/asterisk/variable")
    async def get_global_var(self, *, variable: str) -> Variable:
        """Value of a global variable; empty for a function."""

    @operation("POST", "/asterisk/variable")
    async def set_global_var(self, *, variable: str, value: str | float) -> None:
        """Set a global variable."""


class Applications(Resource):
    """Stasis applications: ours exists as long as its WebSocket is open."""

    __slots__ = ()

    @operation("GET", "/applications")
    async def list(self) -> tuple[Application, ...]:
        """All applications."""

    @operation("GET", "/applications/{application_name}")
    async def get(self, application_name: str) -> Application:
        """One application and its subscriptions."""

    @operation("POST", "/applications/{application_name}/subscription")
    async def subscribe(self, application_name: str, *, event_source: str | Sequence[str]) -> Application:
        """Get the events of sources such as `channel:<id>`, or `channel:` for every channel."""

    @operation("DELETE", "/applications/{application_name}/subscription")
    async def unsubscribe(self, application_name: str, *, event_source: str | Sequence[str]) -> Application:
        """End subscriptions."""

    @operation("PUT", "/applications/{application_name}/eventFilter")
    async def filter(self, application_name: str, *, filter: EventFilter) -> Application:
        """Choose the types of events; `{}` means no limit. Applies to ApplicationReplaced too."""


class DeviceStates(Resource):
    """States of devices, among them `Queue:<name>`."""

    __slots__ = ()

    @operation("GET", "/deviceStates")
    async def list(self) -> tuple[DeviceState, ...]:
        """The devices that ARI itself controls."""

    @operation("GET", "/deviceStates/{device_name}")
    async def get(self, device_name: str) -> DeviceState:
        """The state of any device, `INVALID` when it does not exist."""


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
