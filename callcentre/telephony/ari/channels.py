"""The operations of ARI on channels."""

# The bodies are empty because the signatures are the whole description. The names are the API's own, also where Python
# has a built-in of that name.
# mypy: disable-error-code="empty-body"
# ruff: noqa: A002, ASYNC109

from collections.abc import Sequence
from typing import Literal

from callcentre.telephony.ari.model import Channel, LiveRecording, Playback, Variable
from callcentre.telephony.ari.operation import IfExists, Resource, TerminateOn, Variables, operation

Direction = Literal["both", "in", "out"]
SnoopDirection = Literal["none", "both", "out", "in"]
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


class Channels(Resource):
    """Legs of calls. All operations but get, hangup, get_channel_var and snooping need the channel in Stasis."""

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
        """Make a channel without dialling it; `dial` dials it."""

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

        `timeout` is in seconds, -1 for none, 30 when left out. For an endpoint that does not exist the only sign is
        ChannelDestroyed; an unknown technology raises `ServerError`.
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
        """As `originate`, with an id of our own; `Conflict` while a channel with that id exists."""

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
        """Leave Stasis, to the given place or to the next priority after Stasis()."""

    @operation("POST", "/channels/{channel_id}/move")
    async def move(self, channel_id: str, *, app: str, app_args: str | None = None) -> None:
        """Hand the channel to another Stasis application."""

    @operation("POST", "/channels/{channel_id}/redirect")
    async def redirect(self, channel_id: str, *, endpoint: str) -> None:
        """Redirect the caller by the channel's own protocol, such as a SIP 302."""

    @operation("POST", "/channels/{channel_id}/answer")
    async def answer(self, channel_id: str) -> None:
        """Answer the call."""

    @operation("POST", "/channels/{channel_id}/ring")
    async def ring(self, channel_id: str) -> None:
        """Play ringing to the caller."""

    @operation("DELETE", "/channels/{channel_id}/ring")
    async def ring_stop(self, channel_id: str) -> None:
        """Stop the ringing that `ring` began."""

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
        """Send DTMF to the channel; times are in milliseconds."""

    @operation("POST", "/channels/{channel_id}/mute")
    async def mute(self, channel_id: str, *, direction: Direction | None = None) -> None:
        """Mute the channel."""

    @operation("DELETE", "/channels/{channel_id}/mute")
    async def unmute(self, channel_id: str, *, direction: Direction | None = None) -> None:
        """Unmute the channel."""

    @operation("POST", "/channels/{channel_id}/hold")
    async def hold(self, channel_id: str) -> None:
        """Put the channel on hold."""

    @operation("DELETE", "/channels/{channel_id}/hold")
    async def unhold(self, channel_id: str) -> None:
        """Take the channel off hold."""

    @operation("POST", "/channels/{channel_id}/moh")
    async def start_moh(self, channel_id: str, *, moh_class: str | None = None) -> None:
        """Play music on hold."""

    @operation("DELETE", "/channels/{channel_id}/moh")
    async def stop_moh(self, channel_id: str) -> None:
        """Stop the music."""

    @operation("POST", "/channels/{channel_id}/silence")
    async def start_silence(self, channel_id: str) -> None:
        """Play silence, which keeps media flowing."""

    @operation("DELETE", "/channels/{channel_id}/silence")
    async def stop_silence(self, channel_id: str) -> None:
        """Stop the silence."""

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

        A missing file is not an error here: PlaybackFinished reports `failed`.
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
        """As `play`, with an id of our own."""

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
        """Record the sound of the channel."""

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
        """Make a channel that listens to this one, or speaks into it."""

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
        """As `snoop_channel`, with an id of our own."""

    @operation("POST", "/channels/{channel_id}/dial")
    async def dial(self, channel_id: str, *, caller: str | None = None, timeout: int | None = None) -> None:
        """Dial a channel made by `create`; `timeout` is in seconds, 0 for none."""
