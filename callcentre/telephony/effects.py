"""Actions in Asterisk, carried out once the decision is on disk.

An effect is never carried out exactly once: each class says what a crash between its commit and its outcome means.
"""

from __future__ import annotations

from typing import ClassVar

from callcentre.kernel.effect import Crash, Effect


class ContinueCall(Effect, frozen=True, tag="continue_call"):
    """Let a call in Stasis continue in the dialplan after `Stasis()`, with these channel variables set before.

    `at_once`: nothing was promised to the caller, so the call need not wait for the disk.
    """

    call: str
    variables: tuple[tuple[str, str], ...] = ()
    at_once: bool = False

    @property
    def lane(self) -> str:
        return self.call

    @property
    def promises_nothing(self) -> bool:
        return self.at_once


class ReportUnknownPurpose(Effect, frozen=True, tag="report_unknown_purpose"):
    """Log that a call entered Stasis with a purpose that no component owns; once for each purpose."""

    merges: ClassVar[bool] = True
    purpose: str

    @property
    def lane(self) -> str:
        return "unknown purposes"


class HoldLonger(Effect, frozen=True, tag="hold_longer"):
    """Keep a call in Stasis at most this many seconds from now: `TIMEOUT(absolute)`."""

    merges: ClassVar[bool] = True
    call: str
    seconds: int

    @property
    def lane(self) -> str:
        return self.call

    @property
    def promises_nothing(self) -> bool:
        return True


class Play(Effect, frozen=True, tag="play"):
    """Play prompts to a call, one after the other; `playback` is the id for which their end is reported."""

    call: str
    playback: str
    prompts: tuple[str, ...]
    language: str

    @property
    def lane(self) -> str:
        return self.call


class StopPlayback(Effect, frozen=True, tag="stop_playback"):
    """Stop what is being played to a call."""

    call: str
    playback: str

    @property
    def lane(self) -> str:
        return self.call


class HangUp(Effect, frozen=True, tag="hang_up"):
    """Hang up a call."""

    call: str

    @property
    def lane(self) -> str:
        return self.call


class Originate(Effect, frozen=True, tag="originate"):
    """Dial a number: `call` is the id of the channel, so that dialling twice is refused while it exists.

    When it is answered, it enters `context` of our dialplan, with these channel variables. `ring` is in seconds,
    `other` the id of the other half of a Local channel, and `codec` the codec that it uses.
    """

    call: str
    endpoint: str
    caller_id: str
    context: str
    ring: int
    variables: tuple[tuple[str, str], ...] = ()
    other: str | None = None
    codec: str | None = None

    @property
    def lane(self) -> str:
        return self.call

    @property
    def on_crash(self) -> Crash:
        return Crash.VERIFY


class ConnectCalls(Effect, frozen=True, tag="connect_calls"):
    """Join two calls in Stasis in a bridge with this id; no time limit releases them any more."""

    bridge: str
    calls: tuple[str, str]

    @property
    def lane(self) -> str:
        return self.bridge


class EndBridge(Effect, frozen=True, tag="end_bridge"):
    """A bridge of ours is no longer needed."""

    bridge: str

    @property
    def lane(self) -> str:
        return self.bridge

    @property
    def on_crash(self) -> Crash:
        return Crash.AT_LEAST_ONCE


class ReadQueue(Effect, frozen=True, tag="read_queue"):
    """Ask app_queue for the callers and their places: for all with `complete`, else for the last few.

    `members`: also for the agents on duty. `through`: a call of ours that surely answers, since nothing is played to
    it.
    """

    merges: ClassVar[bool] = True
    queue: str
    complete: bool = False
    members: bool = False
    through: str | None = None

    @property
    def lane(self) -> str:
        return f"queue {self.queue}"

    @property
    def promises_nothing(self) -> bool:
        return True


class LookAt(Effect, frozen=True, tag="look_at"):
    """Ask which application a channel runs now: it shows signs of a queue, and there was no event of `Queue()`."""

    merges: ClassVar[bool] = True
    call: str

    @property
    def lane(self) -> str:
        return self.call

    @property
    def promises_nothing(self) -> bool:
        return True


class ReadQueues(Effect, frozen=True, tag="read_queues"):
    """Ask app_queue about several queues at once.

    Of `queues`: the number of waiting callers, the callers at the places where those on their way in are expected, and
    the agents on duty; a channel is made for the question when there is none. Of `counted`: the number of waiting
    callers, if there is a channel.
    """

    merges: ClassVar[bool] = True
    queues: tuple[str, ...]
    counted: tuple[str, ...] = ()

    @property
    def lane(self) -> str:
        return "queues"

    @property
    def promises_nothing(self) -> bool:
        return True


class Synchronise(Effect, frozen=True, tag="synchronise"):
    """Read all of Asterisk again: our view and its queues differ."""

    merges: ClassVar[bool] = True

    @property
    def lane(self) -> str:
        return "synchronise"


class RenewLease(Effect, frozen=True, tag="renew_lease"):
    """Report to the dialplan that we are alive and can store, for the next seconds of Asterisk's own clock."""

    merges: ClassVar[bool] = True

    @property
    def lane(self) -> str:
        return "lease"


class AskTime(Effect, frozen=True, tag="ask_time"):
    """Compare Asterisk's clock with ours, if the last time was some seconds ago, without a new lease."""

    merges: ClassVar[bool] = True

    @property
    def lane(self) -> str:
        return "time"

    @property
    def promises_nothing(self) -> bool:
        return True
