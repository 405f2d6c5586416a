"""Matti calls: what is stored of his earlier calls, and that Anna talks with him now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from callcentre.telephony.facts import QueueAnswered, QueueJoined, QueueLeft
from callcentre.telephony.queue_view.model import Call, Stage
from tests.cast import ANNA, BO, MATTI
from tests.integration.visited import Visited

CALL, EARLIER, OF_SALES, OF_BO = "1772435662.2", "1772435100.1", "1772435200.1", "1772435300.1"


async def stored(visited: Visited) -> str:
    """Matti called support and sales before; Anna answered him at support, and Bo answered another call of his."""
    matti: dict[str, Any] = visited.world.who(MATTI)
    day = timedelta(days=1)
    support: dict[str, Any] = {"service": "support", "queue": "support", **matti}
    sales: dict[str, Any] = {"service": "sales", "queue": "sales", **matti}
    await visited.store_facts(
        (visited.at - 3 * day, QueueJoined(position=3, waiting=3, call=EARLIER, **support)),
        (visited.at - 3 * day, QueueLeft(wait=9.0, reason="abandoned", call=EARLIER, **support)),
        (visited.at - 2 * day, QueueLeft(wait=9.0, reason="answered", agent_name="Sanna", call=OF_SALES, **sales)),
        (visited.at - day, QueueAnswered(wait=9.0, call=OF_BO, agent=BO, agent_name="Bo", **support)),
        (visited.at - day, QueueLeft(wait=9.0, reason="answered", agent=BO, agent_name="Bo", call=OF_BO, **support)),
        (visited.at, QueueAnswered(wait=5.0, call=CALL, agent=ANNA, agent_name="Anna", **support)),
        (visited.at, QueueLeft(wait=5.0, reason="answered", agent=ANNA, agent_name="Anna", call=CALL, **support)),
    )
    return str(matti["caller"])


def on_the_line(visited: Visited, *, name: str = "Matti", number: str = MATTI, call: str = CALL) -> None:
    """Anna talks with somebody now."""
    at = visited.at
    visited.world.calls.calls.put(
        Call(
            call=call, channel="PJSIP/x", queue="support", service="support", number=number, caller_name=name,
            language="fi", stage=Stage.TALKING, joined_at=at, entered=at, position=2, agent=ANNA, answered=at,
            waited=95.0,
        )
    )  # fmt: skip
