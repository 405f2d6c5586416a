"""What supervisors may do at the desk."""

from __future__ import annotations

from typing import Final

from callcentre.telephony.listening.interface import Mode
from callcentre.web.rights import SUPERVISORS, VIEWERS, Right

SEE_AGENTS: Final = Right("agents.see", "See the agents of one's services", VIEWERS)
CONTROL_AGENTS: Final = Right("agents.control", "Pause and resume agents, and log them on and off", SUPERVISORS)

LISTEN: Final = {
    Mode.LISTEN: Right("calls.listen", "Listen to a conversation, which nobody hears", SUPERVISORS),
    Mode.WHISPER: Right("calls.whisper", "Listen to a conversation, and be heard by the agent", SUPERVISORS),
    Mode.JOIN: Right("calls.join", "Join a conversation, and be heard by both", SUPERVISORS),
}

SEE_SERVICES: Final = Right("services.see", "See which services are open", VIEWERS)
CLOSE_SERVICES: Final = Right("services.close", "Close a service for now, and open it again", SUPERVISORS)

ADD_CALLBACKS: Final = Right("callbacks.add", "Add a callback for a person", SUPERVISORS)
CANCEL_CALLBACKS: Final = Right("callbacks.cancel", "Cancel an open callback", SUPERVISORS)
POSTPONE_CALLBACKS: Final = Right("callbacks.postpone", "Have a callback dialled later", SUPERVISORS)
MOVE_CALLBACKS: Final = Right("callbacks.move_up", "Put a callback at the head of its queue", SUPERVISORS)
REASSIGN_CALLBACKS: Final = Right("callbacks.reassign", "Give a callback to another service", SUPERVISORS)

SEND_TEXTS: Final = Right("messages.send", "Write a single text to a number", SUPERVISORS)
SEND_AGAIN: Final = Right("messages.send_again", "Send a text that failed again", SUPERVISORS)
OPT_OUT: Final = Right("numbers.opt_out", "Note that a person wants no texts", SUPERVISORS)
OPT_IN: Final = Right("numbers.opt_in", "Note that a person wants texts again", SUPERVISORS)

SEE_AUDIT: Final = Right("audit.see", "See who did what, from where and why", SUPERVISORS)

RIGHTS: Final = (
    SEE_AGENTS, CONTROL_AGENTS, *LISTEN.values(), SEE_SERVICES, CLOSE_SERVICES, ADD_CALLBACKS, CANCEL_CALLBACKS,
    POSTPONE_CALLBACKS, MOVE_CALLBACKS, REASSIGN_CALLBACKS, SEND_TEXTS, SEND_AGAIN, OPT_OUT, OPT_IN, SEE_AUDIT,
)  # fmt: skip
