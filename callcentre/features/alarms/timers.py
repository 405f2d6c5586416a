"""The timers of alarms."""

from __future__ import annotations

from callcentre.kernel.timer import Timer


class ClockSettles(Timer, frozen=True, tag="clock_settles"):
    """The machine's clock has not been set again for some time."""


class GatewaySettles(Timer, frozen=True, tag="gateway_settles"):
    """No text was handed to the gateway in vain for some time."""
