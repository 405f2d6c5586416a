"""The request and response bodies of `/api/agents`."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from callcentre.telephony.agents.model import LONGEST_REASON
from callcentre.values.lines import LINE

_REASON = msgspec.Meta(
    max_length=LONGEST_REASON, extra_json_schema={"pattern": LINE}, description="Why, such as `lunch`."
)


class AgentInQueue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do with an agent: in which queue, and why. `name` is for an agent who logs on."""

    queue: Annotated[str, msgspec.Meta(min_length=1, max_length=80, description="The queue's name in queues.conf.")]
    reason: Annotated[str, _REASON] = ""
    name: Annotated[
        str,
        msgspec.Meta(
            max_length=LONGEST_REASON,
            extra_json_schema={"pattern": LINE},
            description="The name that Asterisk shows.",
        ),
    ] = ""


class AgentIs(msgspec.Struct, frozen=True, kw_only=True):
    """What is so now.

    agent: the agent's device, such as `PJSIP/agent1`. done: what was done.
    """

    agent: str
    queue: str
    done: Literal["pause", "resume", "log_on", "log_off"]
