"""What acts are called on the audit page. The words are translated where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from callcentre.web.fact_words import FactWords
from callcentre.web.words import message as _

ACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "agent.paused": _("Paused an agent"),
        "agent.resumed": _("Ended an agent's pause"),
        "agent.logged_on": _("Logged an agent on"),
        "agent.logged_off": _("Logged an agent off"),
        "agent.action_failed": _("Tried to change an agent"),
        "call.listened": _("Listened to a conversation"),
        "call.whispered": _("Whispered to an agent"),
        "call.joined": _("Joined a conversation"),
        "service.closed": _("Closed a service"),
        "service.opened": _("Opened a service"),
        "callback.accepted": _("Added a callback"),
        "callback.cancelled": _("Cancelled a callback"),
        "callback.postponed": _("Postponed a callback"),
        "callback.moved": _("Moved a callback up"),
        "callback.reassigned": _("Gave a callback to another service"),
        "sms.queued": _("Sent a text"),
        "sms.refused": _("Tried to send a text"),
        "number.opted_out": _("Opted a number out"),
        "number.opted_in": _("Opted a number in"),
        "number.shown": _("Looked at a full number"),
        "person.erased": _("Had a person forgotten"),
        "user.invited": _("Invited a user"),
        "user.added": _("Added a user"),
        "user.changed": _("Changed a user"),
        "user.disabled": _("Disabled a user"),
        "user.enabled": _("Enabled a user"),
        "user.logged_in": _("Logged in"),
        "user.logged_out": _("Logged out"),
        "user.refused": _("Was refused at the log-in"),
        "user.locked": _("Was locked out"),
        "key.added": _("Made an API key"),
        "key.revoked": _("Revoked an API key"),
        "rules.saved": _("Changed the rules"),
    }
)
"""By the name of the fact. A fact that is not here is shown by its name."""

FACTS: Final = (
    FactWords(event="call.listened", says=(_("A supervisor listened to the conversation with %(agent)s."),)),
    FactWords(event="call.whispered", says=(_("A supervisor spoke to %(agent)s during the conversation."),)),
    FactWords(event="call.joined", says=(_("A supervisor joined the conversation with %(agent)s."),)),
)
"""What the facts of supervisors in conversations say."""
