"""People who are asked after a call: they call, talk, get texts and answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from callcentre.features.surveys.facts import SurveyFact, SurveySkipped
from callcentre.features.surveys.model import SurveyAnswer
from callcentre.kernel.event import TimerDue
from callcentre.kernel.fact import Fact
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Delivery, DeliveryReported, Handover, TextHandedOver, TextReceived
from tests.cast import MATTI, REPLY_NUMBER
from tests.testbed.configuration import merged
from tests.unit.rehearsal import Rehearsal
from tests.unit.telephone import Asterisk

FIVE = {str(value): str(value) for value in range(1, 6)}
AGAIN = {"id": "again", "text": "Soittaisitko uudelleen? 0-10", "metric": "nps"} | {
    "answers": {str(value): str(value) for value in range(11)}
}
WHY = {"id": "why", "text": "Miksi?"}
SATISFACTION = {"id": "satisfaction", "text": "Miten meni? 1-5", "metric": "csat", "answers": FIVE}


def asks(service: str = "support", **changes: Any) -> dict[str, Any]:
    """Changes to the shipped configuration: this service asks, by these rules; nobody is welcomed."""
    return {"services": {service: {"welcome": None, "survey": changes}}}


def links(**changes: Any) -> dict[str, Any]:
    """Changes to the shipped configuration: the page is what asks."""
    link = "Kerro meille: https://survey.example.fi/s/{{ token }}"
    survey: dict[str, Any] = {"questions": None, "invalid_text": None, "thanks": None, "link": link, **changes}
    return asks(**survey)


class People:
    """All components, an Asterisk, and a gateway that delivers every text at once, unless a test says otherwise."""

    def __init__(self, *changes: dict[str, Any]) -> None:
        both: dict[str, Any] = asks()
        for change in changes:
            both = merged(both, change)
        self.rehearsal = Rehearsal(both)
        self.asterisk = Asterisk(self.rehearsal)
        self.asterisk.connect()
        self._texts = 0

    def talks(self, number: str = MATTI, seconds: float = 60, *, wait: float = 5, **options: Any) -> str:
        """A call is answered after `wait` seconds, talks so long, and ends; its id."""
        call = self.answered(number, wait=wait, **options)
        self.rehearsal.later(seconds)
        self.asterisk.hangs_up(call)
        return call

    def answered(
        self, number: str = MATTI, *, wait: float = 5, queue: str = "support", name: str = "", agent_name: str = ""
    ) -> str:
        """A call that an agent has taken; its id."""
        call = self.asterisk.calls_in(number, queue, name=name)
        self.rehearsal.later(wait)
        self.asterisk.answered(call, name=agent_name)
        return call

    def restart(self) -> None:
        """Another daemon starts with what is on disk."""
        self.rehearsal = self.asterisk.rehearsal = self.rehearsal.restarted()
        self.asterisk.connect()

    def away(self, seconds: float) -> None:
        """The daemon does not run for this time. Timers that fell due meanwhile fire at the restart."""
        self.rehearsal.at += timedelta(seconds=seconds)
        self.restart()
        for key, due in sorted(self.rehearsal.timers.items(), key=lambda timer: timer[1]):
            if due <= self.rehearsal.at:
                del self.rehearsal.timers[key]
                self.rehearsal.tell(TimerDue(at=self.rehearsal.at, key=key, due=due))

    def texts(self) -> list[SendText]:
        """The texts that went out since, each taken by the gateway and delivered at once."""
        self.rehearsal.later(1)
        sent: list[SendText] = self.rehearsal.take(SendText)
        for text in sent:
            self.handed(text, Accepted())
            self.reported(text, Delivery.DELIVERED)
        return sent

    def bodies(self) -> list[str]:
        return [text.body for text in self.texts()]

    def handed(self, text: SendText, outcome: Handover) -> None:
        self.rehearsal.tell(TextHandedOver(at=self.rehearsal.at, message=text.message, outcome=outcome))

    def reported(self, text: SendText, delivery: Delivery) -> None:
        self.rehearsal.tell(DeliveryReported(at=self.rehearsal.at, message=text.message, delivery=delivery))

    def says(self, body: str, number: str = MATTI, to: str = REPLY_NUMBER) -> list[Fact]:
        """A person sends a text; the facts that it led to, except that it was received."""
        self._texts += 1
        event = TextReceived(
            at=self.rehearsal.at, gateway="kannel", gateway_id=str(self._texts), sender=number, recipient=to, body=body
        )
        return self.rehearsal.tell(event)[1:]

    def survey_facts(self) -> list[str]:
        """The facts about surveys in their order, each with its question and reason."""
        facts = (fact for fact in self.rehearsal.facts if isinstance(fact, SurveyFact))
        return [" ".join(filter(None, (fact.name, fact.question, fact.reason))) for fact in facts]

    def skipped(self) -> list[str | None]:
        """The reasons for which people were not asked."""
        return [fact.reason for fact in self.rehearsal.facts if isinstance(fact, SurveySkipped)]

    def answers(self) -> list[SurveyAnswer]:
        """The answers on disk."""
        return [record for record in self.rehearsal.disk.values() if isinstance(record, SurveyAnswer)]

    def asked(self, number: str = MATTI, **options: Any) -> list[str]:
        """A call, and the texts that come of it a minute later."""
        self.talks(number, **options)
        self.rehearsal.later(60)
        return self.bodies()
