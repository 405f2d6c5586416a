"""The words of facts about calls in queues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callcentre.web.fact_words import FactWords
from callcentre.web.words import message as _

CALLS: Final[Sequence[FactWords]] = (
    FactWords(
        event="queue.joined",
        says=(
            _("The caller joined the queue at place %(position)s of %(waiting)s."),
            _("The caller joined the queue."),
        ),
        also=(_("The wait was estimated at %(estimated_wait)s."),),
    ),
    FactWords(
        event="queue.answered",
        says=(
            _("%(agent)s answered after %(wait)s."),
            _("An agent answered after %(wait)s."),
        ),
        state="ok",
    ),
    FactWords(
        event="queue.left",
        says=(_("The caller waited no more, after %(wait)s."),),
        also=(_("The last place was %(position)s."),),
        reasons={
            "answered": _("An agent took the call."),
            "abandoned": _("The caller hung up."),
            "timeout": _("The longest wait of the queue was over."),
            "key": _("The caller pressed the exit key."),
            "full": _("The queue was full."),
            "join_empty": _("No agent was there, and the queue takes no callers then."),
            "leave_empty": _("No agent was there any more, and the queue lets callers go then."),
            "join_unavailable": _("No agent could be reached, and the queue takes no callers then."),
            "leave_unavailable": _("No agent could be reached any more, and the queue lets callers go then."),
            "continue": _("The dialplan took the call on."),
            "withdrawn": _("The caller was taken out of the queue."),
            "agent_gone": _("The agent hung up before the conversation began."),
            "transferred": _("The caller was transferred elsewhere."),
            "unknown": _("Asterisk does not say why."),
        },
        states={
            "abandoned": "warning", "timeout": "warning", "full": "critical", "join_empty": "critical",
            "leave_empty": "critical", "join_unavailable": "critical", "leave_unavailable": "critical",
            "agent_gone": "warning",
        },
    ),
    FactWords(
        event="call.ended",
        says=(_("The call ended, after %(wait)s of waiting and %(talk)s of talk."),),
    ),
    FactWords(
        event="overload.ended",
        says=(_("Asterisk's events come in time again. They were late for %(seconds)s."),),
        also=(
            _("Places that were read late or never: %(readings)s."),
            _("Callers who were offered no callback meanwhile: %(offers)s."),
        ),
    ),
)  # fmt: skip
