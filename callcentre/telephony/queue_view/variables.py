"""The channel variables of app_queue, Asterisk and our dialplan."""

from __future__ import annotations

import re
from typing import Final

SERVICE_VARIABLE: Final = "CALLCENTRE_SERVICE"
"""Set by our dialplan on the way in: the service that the call was sent to."""

BY_US_VARIABLE: Final = "CALLCENTRE_IN"
"""Set by our dialplan before it brings a call into a queue: that queue. It is empty once the call has left it."""

SINCE_VARIABLE: Final = "CALLCENTRE_SINCE"
"""The second since which the caller's time in a queue counts. In the dialplan it is a second of Asterisk's clock."""

TRANSFERER_VARIABLE: Final = "TRANSFERERNAME"
"""Set by Asterisk on the Local channel through which an agent consults: the name of the agent's channel."""

STATUS_REASONS: Final = {
    "TIMEOUT": "timeout",
    "FULL": "full",
    "JOINEMPTY": "join_empty",
    "LEAVEEMPTY": "leave_empty",
    "JOINUNAVAIL": "join_unavailable",
    "LEAVEUNAVAIL": "leave_unavailable",
    "CONTINUE": "continue",
    "WITHDRAW": "withdrawn",
}
"""The reasons in facts for the values of QUEUESTATUS, as app_queue documents them."""


_NUMBER: Final = re.compile(r"[0-9]{1,10}", re.ASCII)


def reason_of(status: str) -> str:
    """The reason for a QUEUESTATUS."""
    return STATUS_REASONS.get(status.upper(), "unknown")


def whole_number(text: str) -> int | None:
    """The number in a variable; None when there is none. It is at most a second of the year 2286."""
    return int(text) if _NUMBER.fullmatch(text) else None
