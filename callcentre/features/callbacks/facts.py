"""What became true, in the past tense: the journal, the log and all statistics are made of these.

A fact carries no time and no id of its own: the engine stamps both when it is written, so that a line reads
`{"event": "queue.joined", "at": …, "id": …, …}`. Waits and talks are seconds, with decimals. A fact's
name and fields, once shipped, keep their meaning.
"""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class CallbackFact(Fact, frozen=True):
    """Base of what is said of a callback; `attempt` counts the calls to the customer from 1."""

    position: int | None = None
    attempt: int | None = None


class CallbackOffered(CallbackFact, frozen=True, tag="callback.offered"):
    """A caller at `position` was offered a callback."""


class CallbackRefused(CallbackFact, frozen=True, tag="callback.refused"):
    """A caller was not offered one, or may not have it any more; `reason` says why."""


class CallbackDeclined(CallbackFact, frozen=True, tag="callback.declined"):
    """A caller did not take the offer."""


class CallbackAccepted(CallbackFact, frozen=True, tag="callback.accepted"):
    """A callback is promised: it is on disk. `by` says who took it: customer, api, staff."""


class CallbackDialled(CallbackFact, frozen=True, tag="callback.dialled"):
    """The customer is being called."""


class CallbackNotDialled(CallbackFact, frozen=True, tag="callback.not_dialled"):
    """That call found no way to a network: it does not count as an attempt, and the callback waits as before."""


class CallbackConfirmed(CallbackFact, frozen=True, tag="callback.confirmed"):
    """The customer pressed 1 and wants to be put through."""


class CallbackQueued(CallbackFact, frozen=True, tag="callback.queued"):
    """The customer waits on the line in the queue."""


class CallbackConnected(CallbackFact, frozen=True, tag="callback.connected"):
    """An agent talks with the customer, who waited so long on the line."""

    wait: float = 0.0


class CallbackPostponed(CallbackFact, frozen=True, tag="callback.postponed"):
    """The customer is called later.

    `reason` is busy, no_answer, failed, per_number, call_hours, customer or caller_returned.
    """


class CallbackCompleted(CallbackFact, frozen=True, tag="callback.completed"):
    """The conversation has ended after so many seconds: the promise is kept."""

    talk: float | None = None


class CallbackCancelled(CallbackFact, frozen=True, tag="callback.cancelled"):
    """It is not wanted any more; `by` says who ended it: customer, staff, api, caller_returned, sms or auto_agent.

    The last two are answers to a notice: by text, or by a key.
    """


class CallbackFailed(CallbackFact, frozen=True, tag="callback.failed"):
    """The customer could not be reached; no further attempt follows."""


class CallbackExpired(CallbackFact, frozen=True, tag="callback.expired"):
    """The service closed before its turn."""
