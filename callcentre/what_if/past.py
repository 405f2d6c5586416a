"""What is known about calls of the past, and what the rules of features would have done with them.

A feature with a rule about calls declares in its `what_if.py` what the rule would have done (`PAST_RULES`). For what is
unknown about the past, the simplest case is assumed: nobody had opted out, nobody accepted an offered callback, nobody
answered a survey. So the queues stay as they were, and `max_open` and the limits of a day are never reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from callcentre.telephony.queue_view.calls import Calls
from callcentre.telephony.queue_view.estimate import REMEMBERED_CALLS
from callcentre.telephony.queue_view.interface import QueueView
from callcentre.telephony.queue_view.model import Handling
from callcentre.values.numbers import NumberPolicy, Refused
from callcentre.what_if.replay import Arrival, Conversation, Departure

if TYPE_CHECKING:
    from callcentre.config.settings import Service, Settings

KEY: Final = b"what-if"
"""In place of a database's secret. It selects the people of a sample, the same in each run, and hides nothing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule decided at a moment; `reason` is None for yes. The rule `call` only counts: somebody called."""

    at: datetime
    service: str
    rule: str
    reason: str | None = None


@dataclass(slots=True)
class Latest:
    """When something was last done for each person; entries older than `kept` are removed."""

    kept: timedelta
    at: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def put(self, who: tuple[str, str], at: datetime) -> None:
        """It is done for this person now."""
        self.at.pop(who, None)
        self.at[who] = at
        while at - (oldest := next(iter(self.at.items())))[1] > self.kept:
            del self.at[oldest[0]]


@dataclass(slots=True)
class _OneFile:
    """The settings of the file, which do not change in the past."""

    settings: Settings

    @property
    def numbers(self) -> NumberPolicy:
        return self.settings.number_policy


class Past:
    """What rules look at: the settings, the service of a call, handle times, and the people on the line."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.numbers = settings.number_policy
        self._calls = Calls()
        self._view = QueueView(_OneFile(settings), self._calls)
        self._on_the_line: dict[str, int] = {}

    def service_of(self, queue: str, dialled: str) -> tuple[str, Service] | None:
        """The service that a call in a queue belonged to, with its name."""
        name = self._view.service_of(queue, "", (dialled,))
        return None if name is None else (name, self.settings.services[name])

    def handle_time(self, service: str) -> float:
        """Seconds that a call of this service took an agent at that time."""
        return self._view.handle_time(service)

    def person(self, number: str) -> str:
        """The identity of a caller: E.164 where the number can be texted, else the number as it was shown."""
        verdict = self.numbers.may_text(number)
        return number if isinstance(verdict, Refused) else verdict.e164

    def is_on_the_line(self, person: str) -> bool:
        """Whether this person waits or talks."""
        return bool(self._on_the_line.get(person))

    # --- moments ---------------------------------------------------------------------------------

    def arrived(self, arrival: Arrival) -> None:
        """A caller joined a queue."""
        who = self.person(arrival.number)
        self._on_the_line[who] = self._on_the_line.get(who, 0) + 1

    def gone(self, moment: Departure | Conversation) -> None:
        """A caller is no longer on the line."""
        who = self.person(moment.number)
        left = self._on_the_line.pop(who, 0) - 1
        if left > 0:
            self._on_the_line[who] = left

    def talked(self, service: str, talk: float) -> None:
        """A conversation of `talk` seconds has ended."""
        handling = self._calls.handling.get(service)
        talks = (*(handling.talks if handling else ()), talk)[-REMEMBERED_CALLS:]
        self._calls.handling.put(Handling(service=service, talks=talks))


class PastRule(Protocol):
    """A feature's rule, applied to calls of the past in their order."""

    name: str
    """The rule as `what-if` lists it, such as `welcome`."""
    says_yes: str
    """The name of the column that counts the people for whom the rule says yes: `welcomed`."""
    column: int
    """The position of that column among those of the other rules."""

    def is_configured(self, service: Service, settings: Settings) -> bool:
        """Whether a service has such a rule."""

    def arrived(self, arrival: Arrival, name: str, service: Service) -> Iterable[Verdict]:
        """A caller joined the queue of a service that has the rule, for the first time in this call."""

    def talked(self, over: Conversation, name: str, service: Service) -> Iterable[Verdict]:
        """A conversation has ended, of a service that has the rule."""

    def until(self, at: datetime | None) -> Iterator[Verdict]:
        """What was due before `at`; None: the log is over, and everything that is still due happens."""


class Quiet:
    """Base of rules that have nothing to say about most moments."""

    def __init__(self, past: Past) -> None:
        self.past = past

    def arrived(self, _arrival: Arrival, _name: str, _service: Service) -> Iterable[Verdict]:
        """No verdict."""
        return ()

    def talked(self, _over: Conversation, _name: str, _service: Service) -> Iterable[Verdict]:
        """No verdict."""
        return ()

    def until(self, _at: datetime | None) -> Iterator[Verdict]:
        """Nothing is due."""
        return iter(())


MakePastRule = Callable[[Past], Any]
"""Makes a `PastRule` for this past."""
