"""What became true, in the past tense: the journal, the log and all statistics are made of these.

A fact carries no time and no id of its own: the engine stamps both when it is written, so that a line reads
`{"event": "queue.joined", "at": …, "id": …, …}`. Waits and talks are seconds, with decimals. A fact's
name and fields, once shipped, keep their meaning.
"""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class WelcomeSkipped(Fact, frozen=True, tag="welcome.skipped"):
    """No welcome goes to this caller.

    reason: few_waiting cooldown opted_out broken_text; callback (the call is one of ours to a customer); or why the
        number may not be texted, such as withheld landline foreign short blocked own_number invalid.
    """
