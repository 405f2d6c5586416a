"""The lease: how the daemon tells the dialplan that it lives, can store, and is connected to Asterisk.

The daemon writes the second of Asterisk's clock at which the lease ends into a variable of Asterisk's process
environment, through the dialplan function `ENV()`. Asterisk logs nothing and publishes no event for that, unlike for a
global variable. The C library keeps each distinct value of an environment variable for the life of the process, so the
second is written modulo `PERIOD`: there are `PERIOD` values and no more.

A value therefore means the same every `PERIOD` seconds (2.8 hours). A value that a frozen or killed daemon left behind
looks valid again for `LONGEST` seconds once in that time. Callers in those seconds are not harmed: `Stasis()` fails at
once when the daemon is dead, and the time limit of the dialplan releases them when it is frozen.
"""

from __future__ import annotations

VARIABLE = "ENV(CALLCENTRE_LEASE)"
"""Set over ARI and read in the dialplan."""

SECONDS = 3
"""The length of a lease. It is renewed every second, so two ticks may be missed; the dialplan counts whole seconds."""

PERIOD = 10_000
"""Seconds after which the same value is written again."""

LONGEST = 5
"""Seconds. A lease that ends later is an old one: `SECONDS`, and two because clocks are not read each time."""

ENDED = "0"
"""The value of an ended lease. No valid lease has it: see `value_of`."""


def value_of(until: int) -> str:
    """The value for a lease that ends at this epoch second: 1 to `PERIOD`."""
    return str((until - 1) % PERIOD + 1)


def lapsed() -> str:
    """The dialplan's expression that is 1 without a valid lease: it was never given, was ended, or has expired.

    `%` takes the sign of its left side, so that side is kept positive. An empty variable reads as 0, like an ended
    lease.
    """
    value = f"0${{{VARIABLE}}}"
    return f"$[{value} = {ENDED} | ({value} + {PERIOD - 1} - ${{EPOCH}} % {PERIOD}) % {PERIOD} >= {LONGEST}]"
