"""The description of the desk in `/api/openapi.json`."""

from __future__ import annotations

from typing import Any, Final

from callcentre.telephony.agents.interface import Action
from callcentre.web.openapi import LATE, body, responses

INTERFACE: Final = {
    "name": "interface",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "maxLength": 200},
    "description": "The agent's device with its slash escaped, such as `PJSIP%2Fagent1`.",
}

_SUMMARIES: Final = {
    Action.PAUSE: ("pauseAgent", "Pause an agent in a queue: no caller of it rings there."),
    Action.RESUME: ("resumeAgent", "End an agent's pause in a queue."),
    Action.LOG_ON: ("logAgentOn", "Make an agent a member of a queue."),
    Action.LOG_OFF: ("logAgentOff", "Remove an agent from a queue."),
}


def described(action: Action) -> dict[str, Any]:
    """The operation of an action."""
    name, summary = _SUMMARIES[action]
    return {
        "operationId": name,
        "summary": summary,
        "requestBody": {"required": True, "content": body("AgentInQueue")},
        "responses": responses(
            {"200": {"description": "Done.", "content": body("AgentIs")}},
            _400="The body makes no sense.",
            _404="There is no such queue, or no such agent in it.",
            _409="The agent is logged on already, or is in queues.conf and cannot be logged off.",
            _413="The body is too long.",
            _503=LATE,
        ),
    }
