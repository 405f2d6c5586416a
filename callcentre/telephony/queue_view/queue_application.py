"""Which queue a dialplan application runs, as ARI shows the application."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from callcentre.telephony.contexts import OUR_CONTEXTS
from callcentre.telephony.events import Channel
from callcentre.telephony.queue_view.model import Given

SCRIPTS: Final = frozenset({"agi", "eagi", "deadagi"})
"""Applications that run a script, which may start `Queue()`. No event shows that `Queue()`."""

_RUN_BEFORE_THE_BRIDGE: Final = frozenset({"agi"})
"""Applications that app_queue runs on the caller's channel between QUEUEPOSITION and the bridge, without an event."""

_WRAPPED: Final = re.compile(r"\bqueue\(([^,)]*)", re.IGNORECASE)
_WRAPPED_WHOLE: Final = re.compile(r"\bqueue\((.*)\)", re.IGNORECASE)
_WRAPPERS: Final = frozenset({"execif", "exec", "tryexec", "execiftime"})


def queue_run_by(app: str, data: str) -> str | None:
    """The queue that a dialplan application is about to run, or None.

    `ExecIf(…?Queue(support))` shows as ExecIf in the event. Only app_queue can say whether the call then entered.
    """
    name = app.casefold()
    if name == "queue":
        return data.partition(",")[0].strip()
    if name in _WRAPPERS and (found := _WRAPPED.search(data)):
        return found[1].strip()
    return None


def given_by(channel: Channel, when: datetime) -> Given | None:
    """The arguments of a `Queue()` that a channel is about to run.

    None when our own dialplan runs it, or when there is none.
    """
    if channel.context.startswith(OUR_CONTEXTS):
        return None
    arguments = channel.app_data
    if channel.app.casefold() in _WRAPPERS:
        found = _WRAPPED_WHOLE.search(arguments)
        arguments = found[1] if found else ""
    after = f"{channel.context},{channel.exten},{channel.priority + 1}"
    return Given(arguments=arguments, after=after, since=when) if arguments else None


def runs_queue(channel: Channel) -> bool:
    """Whether this channel is in app_queue: the caller waits, is about to be bridged, or talks with the agent."""
    return queue_run_by(channel.app, channel.app_data) is not None or channel.app.casefold() in _RUN_BEFORE_THE_BRIDGE
