"""The fact of the welcome."""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class WelcomeSkipped(Fact, frozen=True, tag="welcome.skipped"):
    """No welcome goes to this caller.

    reason: few_waiting cooldown opted_out broken_text; callback (the call is one of ours to a customer); or why the
        number may not be texted, such as withheld landline foreign short blocked own_number invalid.
    """
