"""The facts of callbacks. The name and fields of a fact, once shipped, keep their meaning."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class CallbackFact(Fact, frozen=True):
    """Base of the facts about a callback.

    position: the place of the caller or of the callback, from 1.
    attempt: which call to the customer it is, from 1.
    """

    position: int | None = None
    attempt: int | None = None


class CallbackOffered(CallbackFact, frozen=True, tag="callback.offered"):
    """A caller is offered a callback."""


class CallbackRefused(CallbackFact, frozen=True, tag="callback.refused"):
    """A caller is not offered a callback, or may not have it any more.

    reason: overload closed closing_soon short_wait full next_in_turn not_servable number no_dialling offered_before
        call_hours per_caller per_number withheld_full; see [Places and promises](../concepts/places-and-promises.md).
    """


class CallbackDeclined(CallbackFact, frozen=True, tag="callback.declined"):
    """A caller did not take the offer.

    reason: no_key key number hung_up configuration.
    """


class CallbackAccepted(CallbackFact, frozen=True, tag="callback.accepted"):
    """A callback is promised. It is stored.

    by: customer api staff.
    """


class CallbackDialled(CallbackFact, frozen=True, tag="callback.dialled"):
    """The customer is called."""


class CallbackNotDialled(CallbackFact, frozen=True, tag="callback.not_dialled"):
    """That call found no way to a network. It is no attempt, and the callback waits as before.

    reason: no_route; or limit, when another node has used up the calls meanwhile.
    """


class CallbackConfirmed(CallbackFact, frozen=True, tag="callback.confirmed"):
    """The customer pressed 1 and is put through."""


class CallbackQueued(CallbackFact, frozen=True, tag="callback.queued"):
    """The customer waits on the line in the queue."""


class CallbackConnected(CallbackFact, frozen=True, tag="callback.connected"):
    """An agent talks with the customer.

    wait: seconds that the customer waited on the line.
    """

    wait: float = 0.0


class CallbackPostponed(CallbackFact, frozen=True, tag="callback.postponed"):
    """The customer is called later.

    reason: busy no_answer failed per_number call_hours customer caller_returned staff.
    """


class CallbackMoved(CallbackFact, frozen=True, tag="callback.moved"):
    """Staff has put the callback at another place of its queue, which `position` says.

    by: staff.
    """


class CallbackReassigned(CallbackFact, frozen=True, tag="callback.reassigned"):
    """Staff has given the callback to another service, which `service` names. It keeps the time of its joining.

    before: the service that it had.
    by: staff.
    """

    before: str | None = None


class CallbackCompleted(CallbackFact, frozen=True, tag="callback.completed"):
    """The conversation is over: the promise is kept.

    talk: seconds of the conversation.
    """

    talk: float | None = None


class CallbackCancelled(CallbackFact, frozen=True, tag="callback.cancelled"):
    """The callback is not wanted any more.

    by: customer staff api caller_returned; by an answer to a notice also sms auto_agent.
    """


class CallbackFailed(CallbackFact, frozen=True, tag="callback.failed"):
    """The customer was not reached, and is not tried again.

    reason: busy no_answer failed impossible, or why the number may not be dialled.
    """


class CallbackExpired(CallbackFact, frozen=True, tag="callback.expired"):
    """The service closed before the callback's turn.

    reason: closed.
    """
