"""The contexts of our dialplan; `callcentre dialplan` prints them."""

VERSION_CONTEXT = "callcentre-version"
"""Its one extension says which version of the printed dialplan Asterisk has."""

DIALPLAN_VERSION = "2"
"""Raised when the daemon and a dialplan that was printed before would not work together.

1: the lease was the global variable CALLCENTRE_LEASE, and nothing marked the version. 2: the lease is in `ENV()`.
"""

ENTRY_CONTEXT = "callcentre-queue"
"""Its extensions, named after the services, are the way in for callers."""

LANGUAGE_CONTEXT = "callcentre-language"
"""Where the way in decides which language the caller hears."""

OUR_CONTEXTS = "callcentre-"
"""How the names of all of them begin."""

CALLBACK_CONTEXT = "callcentre-callback"
"""A customer whom we call back, once they answered."""

AGENT_CONTEXT = "callcentre-agent"
"""An agent who is to talk with a customer whom we call back, once they answered."""

NOTICE_CONTEXT = "callcentre-notice"
"""A customer whom the Auto Agent calls, once they answered."""

RESERVE_CONTEXT = "callcentre-reserve"
"""Its extensions, named after the services, are queued for that customer."""

RESERVATION_MARK = "CALLCENTRE_RESERVATION"
"""The event of queue_log that our dialplan writes before a channel of ours is queued for a customer."""
