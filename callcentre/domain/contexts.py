"""The contexts of our dialplan that whom we dial comes to; `callcentre dialplan` prints them."""

CALLBACK_CONTEXT = "callcentre-callback"
"""A customer whom we call back, once they answered."""

AGENT_CONTEXT = "callcentre-agent"
"""An agent who is to talk with a customer whom we call back, once they answered."""

NOTICE_CONTEXT = "callcentre-notice"
"""A customer whom the Auto Agent calls, once they answered."""

RESERVE_CONTEXT = "callcentre-reserve"
"""Its extensions, named after the services, stand in the queue for that customer."""
