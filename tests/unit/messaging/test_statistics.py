"""What the facts of texts add up to."""

from __future__ import annotations

import pytest

from callcentre.messaging.statistics import TextRecord
from tests.unit.statistics.lines import ABOUT, added_up, lines, only


@pytest.mark.parametrize("state", ["accepted", "delivered", "failed", "refused"])
def test_a_text_is_counted_once_in_its_latest_state(state: str) -> None:
    text = {"kind": "survey", "parts": 2, "message": "m1", **ABOUT}
    row = only(TextRecord, added_up(lines({"event": "sms.queued", **text}, {"event": f"sms.{state}", **text})))
    assert (row.state, row.parts, row.open) == (state, 2, state == "accepted")
