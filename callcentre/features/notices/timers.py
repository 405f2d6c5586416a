"""The timers of notices."""

from __future__ import annotations

from callcentre.kernel.timer import Timer


class DeliveryAwaited(Timer, frozen=True, tag="delivery_awaited"):
    """The delivery report for the text of a notice should have come by now."""

    callback: str


class NoticeForgotten(Timer, frozen=True, tag="notice_forgotten"):
    """A late answer to the notice of an ended callback is no longer expected."""

    callback: str


class AutoAgentRings(Timer, frozen=True, tag="auto_agent_rings"):
    """A call of the Auto Agent should have been answered or ended by now."""

    callback: str
