"""The timers of callbacks."""

from __future__ import annotations

from callcentre.kernel.timer import Timer


class CustomerRings(Timer, frozen=True, tag="customer_rings"):
    """A call about a callback, to the customer or to an agent, should have been answered or have ended by now."""

    callback: str


class CallbackWaits(Timer, frozen=True, tag="callback_waits"):
    """A callback has been postponed until now."""

    callback: str


class HoldEnds(Timer, frozen=True, tag="hold_ends"):
    """Nothing was heard for some time of a customer who waits on another daemon."""

    callback: str
