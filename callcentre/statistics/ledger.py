"""Adding facts up, one by one in the order of their numbers, to the records that statistics and exports read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar, assert_never

from msgspec.structs import replace

from callcentre.statistics.lines import Told, milliseconds
from callcentre.statistics.records import CallbackRecord, Offer, Record, Score, Served, SurveyRecord, TextRecord, Visit

_DAY = 24 * 60 * 60 * 1000
"""In milliseconds: no call lasts longer, so an offer made before is nobody's who is on the line still."""

T = TypeVar("T", bound=Visit | Offer | CallbackRecord | TextRecord | SurveyRecord)

_ENDS = {"callback.completed", "callback.cancelled", "callback.failed", "callback.expired"}


class Ledger:
    """The fold. It remembers only what later facts may change: open records, and how many each queue has answered.

    `feed` hands back each record that a fact has made or changed, as it is from then on.
    """

    def __init__(self, remembered: Iterable[Record] = ()) -> None:
        self._visits: dict[str, Visit] = {}
        self._offers: dict[str, Offer] = {}
        self._callbacks: dict[str, CallbackRecord] = {}
        self._texts: dict[str, TextRecord] = {}
        self._surveys: dict[str, SurveyRecord] = {}
        self._served: dict[str, int] = {}
        self._feeds: dict[str, Callable[[Told], Iterable[Record]]] = {
            "queue.joined": self._joined,
            "queue.left": self._left,
            "call.ended": self._ended,
            "callback.offered": self._offered,
            "callback.declined": self._declined,
            "callback.accepted": self._accepted,
            "callback.dialled": self._dialled,
            "callback.not_dialled": self._not_dialled,
            "callback.connected": self._connected,
            **dict.fromkeys(_ENDS, self._over),
            **{f"notice.{state}": self._noticed for state in ("sent", "delivered", "failed", "answered")},
            **{f"sms.{state}": self._text for state in ("queued", "accepted", "delivered", "failed", "refused")},
            "survey.asked": self._asked,
            "survey.answered": self._answered,
            "survey.invalid": self._invalid,
            "survey.completed": self._survey_over,
            "survey.expired": self._survey_over,
            "clock.stepped": self._clock_set,
        }
        for record in remembered:
            self._remember(record)

    def wants(self, event: str) -> bool:
        """Whether facts of this name add up to anything."""
        return event in self._feeds

    def feed(self, fact: Told) -> Iterable[Record]:
        """Take the next fact; nothing comes of one that adds up to no figure."""
        add_up = self._feeds.get(fact.event)
        if add_up is None:
            return ()
        changed = tuple(add_up(fact))
        for record in changed:
            self._remember(record)
        return changed

    def _remember(self, record: Record) -> None:
        match record:
            case Visit():
                _keep(self._visits, record.call, record)
            case Offer():
                _keep(self._offers, record.call, record)
            case CallbackRecord():
                _keep(self._callbacks, record.callback, record)
            case TextRecord():
                _keep(self._texts, record.message, record)
            case SurveyRecord():
                _keep(self._surveys, record.survey, record)
            case Served():
                self._served[record.queue] = record.answered
            case Score():
                pass
            case _:
                assert_never(record)

    # --- the queue -------------------------------------------------------------------------------

    def _joined(self, fact: Told) -> Iterable[Record]:
        before = self._visits.get(fact.call or "")
        if before is not None and before.queue == fact.queue and before.outcome in (None, "key"):
            yield replace(before, outcome=None, left_at=None)
            return
        if before is not None:
            # Transferred into another queue: the conversation is over, and the end of the call tells of the last alone.
            talk = max(0, fact.time - (before.left_at or fact.time)) if before.outcome == "answered" else before.talk
            yield replace(before, open=False, talk=talk)
        yield Visit(
            key=fact.id, call=fact.call or "", service=fact.service, queue=fact.queue, number=fact.number,
            caller=fact.caller, joined=fact.time, position=fact.position, waiting=fact.waiting,
            estimated=None if fact.estimated_wait is None else milliseconds(fact.estimated_wait),
        )  # fmt: skip

    def _left(self, fact: Told) -> Iterable[Record]:
        wait = milliseconds(fact.wait)
        visit = self._visits.get(fact.call or "")
        if visit is None or visit.queue != fact.queue or visit.outcome is not None:
            # The queue did not take them in: they came and left in one, and no end of the call is told.
            yield Visit(
                key=fact.id, open=False, call=fact.call or "", service=fact.service, queue=fact.queue,
                number=fact.number, caller=fact.caller, joined=fact.time - wait, outcome=fact.reason or "unknown",
                left_at=fact.time, wait=wait, agent=fact.agent, agent_name=fact.agent_name,
            )  # fmt: skip
        else:
            yield replace(
                visit, outcome=fact.reason or "unknown", left_at=fact.time, wait=visit.wait + wait,
                service=fact.service or visit.service, agent=fact.agent, agent_name=fact.agent_name,
            )  # fmt: skip
        if fact.reason == "answered" and fact.queue is not None:
            yield Served(queue=fact.queue, answered=self._served.get(fact.queue, 0) + 1)

    def _ended(self, fact: Told) -> Iterable[Record]:
        visit = self._visits.get(fact.call or "")
        if visit is not None:
            talk = milliseconds(fact.talk) if visit.outcome == "answered" else None
            yield replace(visit, open=False, talk=talk)
        offer = self._offers.get(fact.call or "")
        if offer is not None:
            yield replace(offer, open=False)

    def _clock_set(self, fact: Told) -> Iterable[Record]:
        """Those who talk now have talked as long as before: when that began is told in the new time."""
        for visit in self._visits.values():
            if visit.outcome == "answered" and visit.left_at is not None:
                yield replace(visit, left_at=visit.left_at + milliseconds(fact.seconds))

    # --- callbacks -------------------------------------------------------------------------------

    def _offered(self, fact: Told) -> Iterable[Record]:
        for offer in tuple(self._offers.values()):
            if fact.time - offer.at < _DAY:
                break
            yield replace(offer, open=False)
        if fact.call is not None and fact.call not in self._offers:
            yield Offer(key=fact.id, call=fact.call, at=fact.time, service=fact.service, queue=fact.queue)

    def _declined(self, fact: Told) -> Iterable[Record]:
        offer = self._offers.get(fact.call or "")
        if offer is not None and fact.reason == "hung_up":
            yield replace(offer, open=False)

    def _accepted(self, fact: Told) -> Iterable[Record]:
        yield CallbackRecord(
            key=fact.id, callback=fact.callback or "", at=fact.time, service=fact.service, queue=fact.queue,
            number=fact.number, caller=fact.caller, taken_by=fact.by, position=fact.position,
            served=self._served.get(fact.queue or "", 0),
        )  # fmt: skip
        offer = self._offers.get(fact.call or "")
        if offer is not None:
            yield replace(offer, open=False)

    def _dialled(self, fact: Told) -> Iterable[Record]:
        callback = self._callbacks.get(fact.callback or "")
        if callback is not None:
            yield replace(callback, attempts=callback.attempts + 1)

    def _not_dialled(self, fact: Told) -> Iterable[Record]:
        callback = self._callbacks.get(fact.callback or "")
        if callback is not None:
            yield replace(callback, attempts=max(0, callback.attempts - 1))

    def _connected(self, fact: Told) -> Iterable[Record]:
        callback = self._callbacks.get(fact.callback or "")
        if callback is None:
            return
        # The customer's own call is among those that the queue has answered.
        others = self._served.get(callback.queue or "", 0) - callback.served - 1
        yield replace(
            callback, connected=fact.time, wait=milliseconds(fact.wait), agent=fact.agent, agent_name=fact.agent_name,
            kept=None if callback.position is None else others < callback.position,
        )  # fmt: skip

    def _over(self, fact: Told) -> Iterable[Record]:
        callback = self._callbacks.get(fact.callback or "")
        if callback is not None:
            state = fact.event.removeprefix("callback.")
            yield replace(callback, open=False, state=state, ended=fact.time, ended_by=fact.by, reason=fact.reason)

    def _noticed(self, fact: Told) -> Iterable[Record]:
        callback = self._callbacks.get(fact.callback or "")
        if callback is not None and callback.notice != "answered":
            yield replace(callback, notice=fact.event.removeprefix("notice."), notice_by=fact.by or callback.notice_by)

    # --- texts -----------------------------------------------------------------------------------

    def _text(self, fact: Told) -> Iterable[Record]:
        state = fact.event.removeprefix("sms.")
        is_open = state in ("queued", "accepted")
        text = self._texts.get(fact.message or "")
        if text is None:
            yield TextRecord(
                key=fact.id, open=is_open, message=fact.message or "", at=fact.time, kind=fact.kind or "unknown",
                parts=fact.parts or 0, state=state, service=fact.service, queue=fact.queue, call=fact.call,
                agent=fact.agent, agent_name=fact.agent_name, number=fact.number, caller=fact.caller,
                reason=fact.reason, changed=fact.time,
            )  # fmt: skip
        else:
            yield replace(text, open=is_open, state=state, reason=fact.reason, changed=fact.time)

    # --- surveys ---------------------------------------------------------------------------------

    def _asked(self, fact: Told) -> Iterable[Record]:
        # Each question is asked anew; the survey was sent with its first.
        if (fact.survey or "") not in self._surveys:
            yield SurveyRecord(
                key=fact.id, survey=fact.survey or "", at=fact.time, service=fact.service, queue=fact.queue,
                call=fact.call, agent=fact.agent, agent_name=fact.agent_name,
            )  # fmt: skip

    def _answered(self, fact: Told) -> Iterable[Record]:
        survey = self._surveys.get(fact.survey or "")
        asked = fact.time
        agent, agent_name = fact.agent, fact.agent_name
        if survey is not None:
            asked, agent, agent_name = survey.at, agent or survey.agent, agent_name or survey.agent_name
            yield replace(survey, answers=survey.answers + 1)
        yield Score(
            key=fact.id, open=False, survey=fact.survey, question=fact.question, metric=fact.metric, value=fact.value,
            at=fact.time, asked=asked, service=fact.service, queue=fact.queue, call=fact.call, agent=agent,
            agent_name=agent_name, wait=None if fact.wait is None else milliseconds(fact.wait),
            talk=None if fact.talk is None else milliseconds(fact.talk),
        )  # fmt: skip

    def _invalid(self, fact: Told) -> Iterable[Record]:
        survey = self._surveys.get(fact.survey or "")
        if survey is not None:
            yield replace(survey, invalid=survey.invalid + 1)

    def _survey_over(self, fact: Told) -> Iterable[Record]:
        survey = self._surveys.get(fact.survey or "")
        if survey is not None:
            yield replace(survey, open=False, state=fact.event.removeprefix("survey."))


def _keep(open_: dict[str, T], name: str, row: T) -> None:
    if row.open:
        open_[name] = row
    elif name in open_ and open_[name].key == row.key:
        del open_[name]
