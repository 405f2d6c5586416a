"""What facts add up to: a row for each visit to a queue, offer, callback, text, survey and answer.

Times are milliseconds since 1970 UTC and lengths milliseconds, both whole: sums do not depend on their order. The key
of a record is the number of the fact that began it.
"""

from __future__ import annotations

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all records. `open`: later facts may still change it."""

    key: int
    open: bool = True


class Visit(Row, frozen=True, kw_only=True):
    """A caller in a queue, from joining to leaving; whoever comes back from the exit key goes on with the same visit.

    `outcome` is None while they wait, else the reason of `queue.left`. `wait` is what they waited until the outcome,
    `estimated` what was estimated when they joined. `talk` is known once the call has ended.
    """

    call: str
    service: str | None
    queue: str | None
    number: str | None
    caller: str | None
    joined: int
    position: int | None = None
    waiting: int | None = None
    estimated: int | None = None
    outcome: str | None = None
    left_at: int | None = None
    wait: int = 0
    agent: str | None = None
    agent_name: str | None = None
    talk: int | None = None


class Offer(Row, frozen=True, kw_only=True):
    """A call that was offered a callback, once or more often."""

    call: str
    at: int
    service: str | None
    queue: str | None


class CallbackRecord(Row, frozen=True, kw_only=True):
    """A promised callback.

    `state` is open, completed, cancelled, failed or expired. `served` is how many the queue had answered when it was
    promised at place `position`; `kept` whether no more than those who stood before it were answered before the
    customer was connected. `notice` is the latest that is known of the notice: sent, delivered, failed or answered.
    """

    callback: str
    at: int
    service: str | None
    queue: str | None
    number: str | None
    caller: str | None
    taken_by: str | None
    position: int | None
    served: int
    attempts: int = 0
    state: str = "open"
    ended: int | None = None
    ended_by: str | None = None
    reason: str | None = None
    connected: int | None = None
    wait: int | None = None
    agent: str | None = None
    agent_name: str | None = None
    kept: bool | None = None
    notice: str | None = None
    notice_by: str | None = None


class TextRecord(Row, frozen=True, kw_only=True):
    """A text of ours: `state` is queued, accepted, delivered, failed or refused, the latest that is known."""

    message: str
    at: int
    kind: str
    parts: int
    state: str
    service: str | None
    queue: str | None
    call: str | None
    agent: str | None
    agent_name: str | None
    number: str | None
    caller: str | None
    reason: str | None = None
    changed: int | None = None


class SurveyRecord(Row, frozen=True, kw_only=True):
    """A survey that somebody was asked: `answers` and `invalid` count what came back.

    `state` is asked, completed or expired.
    """

    survey: str
    at: int
    service: str | None
    queue: str | None
    call: str | None
    agent: str | None
    agent_name: str | None
    answers: int = 0
    invalid: int = 0
    state: str = "asked"


class Score(Row, frozen=True, kw_only=True):
    """A valid answer. `asked` is when its survey was asked, and `at` when it was answered."""

    survey: str | None
    question: str | None
    metric: str | None
    value: float | None
    at: int
    asked: int
    service: str | None
    queue: str | None
    call: str | None
    agent: str | None
    agent_name: str | None
    wait: int | None
    talk: int | None


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls a queue has answered since the first fact."""

    queue: str
    answered: int

    @property
    def key(self) -> str:
        return self.queue


Record = Visit | Offer | CallbackRecord | TextRecord | SurveyRecord | Score | Served
