"""Which callers would have been asked how it went."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callcentre.features.surveys import policy
from callcentre.features.surveys.model import sampled
from callcentre.features.surveys.settings import SurveySettings
from callcentre.messaging.settings import SmsSettings
from callcentre.values.numbers import Refused
from callcentre.what_if.past import KEY, Latest, Past, Quiet, Verdict
from callcentre.what_if.replay import Conversation

if TYPE_CHECKING:
    from callcentre.config.settings import Service, Settings


@dataclass(order=True, slots=True)
class _Due:
    """A survey whose time has not come. It is dropped when the same person is asked about a later call instead."""

    at: datetime
    number: str
    service: str = field(compare=False)
    off: bool = field(default=False, compare=False)


class PastSurvey(Quiet):
    """The rule of the surveys."""

    name = "survey"
    says_yes = "asked"
    column = 3

    def __init__(self, past: Past) -> None:
        super().__init__(past)
        configured = (one.section(SurveySettings) for one in past.settings.services.values())
        quarantines = (survey.quarantine for survey in configured if survey is not None)
        self._asked = Latest(max(quarantines, default=timedelta(0)))
        self._coming: list[_Due] = []
        self._coming_to: dict[str, _Due] = {}

    def is_configured(self, service: Service, _settings: Settings) -> bool:
        """Whether a service asks how it went."""
        return service.section(SurveySettings) is not None

    def talked(self, over: Conversation, name: str, service: Service) -> Iterable[Verdict]:
        """Whether the caller would have been asked, which then happens when the time comes (`until`)."""
        rules = service.section(SurveySettings)
        if rules is None:
            return
        verdict = self.past.numbers.may_text(over.number)
        if isinstance(verdict, Refused):
            yield Verdict(over.at, name, self.name, verdict.reason.value)
            return
        due = self._send_at(rules, service, over.at)
        number = verdict.e164
        reason = policy.skip(
            rules, talk=over.talk, opted_out=False, last_asked=self._asked.at.get(("", number)), open_already=False,
            sampled=sampled(KEY, over.call, rules.sample), due=due or over.at,
        )  # fmt: skip
        if due is None or reason is not None:
            yield Verdict(over.at, name, self.name, reason or "stale")
            return
        earlier = self._coming_to.get(number)
        if earlier is not None:
            earlier.off = True
        self._coming_to[number] = coming = _Due(due, number, name)
        heapq.heappush(self._coming, coming)

    def _send_at(self, rules: SurveySettings, service: Service, ended_at: datetime) -> datetime | None:
        settings = self.past.settings
        return policy.send_at(
            rules.between, settings.section(SmsSettings).quiet_hours, ended_at + rules.after, zone=service.timezone,
            quiet_zone=settings.timezone, before=policy.stale_at(rules, ended_at),
        )  # fmt: skip

    def until(self, at: datetime | None) -> Iterator[Verdict]:
        """Ask the callers whose time has come."""
        while self._coming and (at is None or self._coming[0].at <= at):
            due = heapq.heappop(self._coming)
            if self._coming_to.get(due.number) is due:
                del self._coming_to[due.number]
            if due.off or self.past.is_on_the_line(due.number):
                yield Verdict(due.at, due.service, self.name, "called_again")
            else:
                self._asked.put(("", due.number), due.at)
                yield Verdict(due.at, due.service, self.name)


PAST_RULES = (PastSurvey,)
