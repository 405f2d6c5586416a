"""The operations of ARI on bridges, and on what is played and recorded."""

# The bodies are empty because the signatures are the whole description. The names are the API's own, also where Python
# has a built-in of that name.
# mypy: disable-error-code="empty-body"
# ruff: noqa: A002

from collections.abc import Sequence
from typing import Final, Literal

from callcentre.telephony.ari.model import Bridge, LiveRecording, Playback, StoredRecording
from callcentre.telephony.ari.operation import IfExists, Resource, TerminateOn, operation

# Where a channel is named in the query, a missing channel is reported by 400.
GONE_FROM_BRIDGE: Final = frozenset({400, 404})


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
        """As `create`, with an id of our own."""

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
        """Add channels; `NotFound` when bridge or channel is gone, `Conflict` when a channel is not in Stasis."""

    @operation("POST", "/bridges/{bridge_id}/removeChannel", gone=GONE_FROM_BRIDGE)
    async def remove_channel(self, bridge_id: str, *, channel: str | Sequence[str]) -> None:
        """Remove channels; `Conflict` when they are not in the bridge."""

    @operation("POST", "/bridges/{bridge_id}/moh")
    async def start_moh(self, bridge_id: str, *, moh_class: str | None = None) -> None:
        """Play music on hold to everybody in the bridge."""

    @operation("DELETE", "/bridges/{bridge_id}/moh")
    async def stop_moh(self, bridge_id: str) -> None:
        """Stop the music."""

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
        """Play media to everybody in the bridge."""

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
        """As `play`, with an id of our own."""

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
        """Record the sound of the bridge."""


class Playbacks(Resource):
    """Media being played."""

    __slots__ = ()

    @operation("GET", "/playbacks/{playback_id}")
    async def get(self, playback_id: str) -> Playback:
        """One playback; `NotFound` once it has finished."""

    @operation("DELETE", "/playbacks/{playback_id}")
    async def stop(self, playback_id: str) -> None:
        """Stop the playback."""

    @operation("POST", "/playbacks/{playback_id}/control")
    async def control(
        self, playback_id: str, *, operation: Literal["restart", "pause", "unpause", "reverse", "forward"]
    ) -> None:
        """Pause the playback, go back and so on."""


class Recordings(Resource):
    """Recordings, live and stored."""

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
        """A recording in progress."""

    @operation("POST", "/recordings/live/{recording_name}/stop")
    async def stop(self, recording_name: str) -> None:
        """Stop the recording and keep it."""

    @operation("DELETE", "/recordings/live/{recording_name}")
    async def cancel(self, recording_name: str) -> None:
        """Stop the recording and delete it."""
