"""What became true, in the past tense: the journal, the log and all statistics are made of these.

A fact carries no time and no id of its own: the engine stamps both when it is written, so that a line reads
`{"event": "queue.joined", "at": …, "id": …, …}`. Waits and talks are seconds, with decimals. A fact's
name and fields, once shipped, keep their meaning.
"""

from __future__ import annotations

from callcentre.kernel.fact import Fact


class ClockSet(Fact, frozen=True, tag="clock.stepped"):
    """The wall clock was set. Facts with a lower `id` are in the time before.

    seconds: forward; negative: back.
    """

    seconds: float
