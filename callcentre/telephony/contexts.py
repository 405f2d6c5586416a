"""The contexts of our dialplan; `callcentre dialplan` prints them."""

VERSION_CONTEXT = "callcentre-version"
"""Its one extension names the version of the printed dialplan that Asterisk has."""

DIALPLAN_VERSION = "2"
"""Increased when the daemon and a dialplan printed by an earlier version would not work together.

1: the lease was the global variable CALLCENTRE_LEASE, and there was no version. 2: the lease is in `ENV()`.
"""

ENTRY_CONTEXT = "callcentre-queue"
"""Callers enter here; its extensions have the names of the services."""

LANGUAGE_CONTEXT = "callcentre-language"
"""Decides at the entry which language the caller hears."""

OUR_CONTEXTS = "callcentre-"
"""The names of all our contexts begin with this."""

CALLBACK_CONTEXT = "callcentre-callback"
"""For a customer whom we call back, after the customer has answered."""

AGENT_CONTEXT = "callcentre-agent"
"""For an agent who is about to talk with a customer whom we call back, after the agent has answered."""

NOTICE_CONTEXT = "callcentre-notice"
"""For a customer whom the Auto Agent calls, after the customer has answered."""

RESERVE_CONTEXT = "callcentre-reserve"
"""Its extensions, with the names of the services, are queued for that customer."""

RESERVATION_MARK = "CALLCENTRE_RESERVATION"
"""The event of queue_log that our dialplan writes before a channel of ours is queued for a customer."""

LISTEN_CONTEXT = "callcentre-listen"
"""For a supervisor who is to hear a conversation, after the supervisor has answered."""

AGENTS_CONTEXT = "callcentre-agents"
"""Its extensions pause, resume, log on and log off an agent. Channels of ours run them, and no caller comes here."""

AGENTS_WAIT = 5
"""Seconds for which such a channel stays, so that its result can be read."""

AGENTS_SECONDS = 3.0
"""Seconds within which the result is expected."""
