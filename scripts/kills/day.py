"""The scripted day: who calls, what they press, when they pick up, and what they answer to texts.

It is over when everybody has done what they came for and the daemon owes nobody anything.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from scripts.kills.gateway import Gateway
from scripts.kills.pbx import Pbx
from scripts.kills.telephones import Agent, Channel, People
from tests.cast import REPLY_NUMBER

SERVICES: Final = {"support": "support", "sales": "sales"}

LOG_ON: Final = 11.0
"""Seconds after which the agents begin to work. Until then everybody is offered a callback."""

_HOURS: Final = {"weekdays": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "00:00-24:00")}

_SURVEY: Final = "Kuinka hyvin"
_NOTICE: Final = "soitamme sinulle pian"

CALLBACK: Final[Mapping[str, Any]] = {
    "offer": {"min_wait": "0s", "until_closing": "0s", "other_number": False},
    "confirm_by_sms": "Soitamme takaisin. Paikkasi on {{ position }}.",
    "give_up_text": "Emme tavoittaneet sinua.",
    "dial": {"attempts": 3, "retry_after": {"busy": "10s", "no_answer": "10s", "failed": "10s"}},
}

SETTINGS: Final[Mapping[str, Any]] = {
    "sms": {"per_second": 20},
    "services": {
        name: {
            "hours": {**_HOURS, "holidays": None, "exceptions": {}},
            "queue": queue,
            "numbers": [f"+35891234567{number}"],
            "name": {"fi": name},
            "language": "fi",
            "welcome": {"min_waiting": 1, "cooldown": "1h", "text": "Kiitos soitostasi."},
            "callback": {**CALLBACK, "dial": {**CALLBACK["dial"], "order": order}},
            "notify": {
                "at_position": 3, "by": "auto", "voice_if_undelivered": None,
                "text": f"Hei, {_NOTICE} (paikka {{{{ position }}}}). Vastaa EI jos et.",
            },
            "survey": {
                "after": "1s", "min_talk": "0s", "expires": "20s", "quarantine": "14d",
                "questions": [
                    {"id": "satisfaction", "text": f"{_SURVEY} asiasi hoitui? 1-5.", "metric": "csat",
                     "answers": {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}},
                ],
                "invalid_text": "Vastaa numerolla 1-5.", "thanks": "Kiitos!",
            },
        }
        for number, (name, queue, order) in enumerate(
            (("support", "support", "customer_first"), ("sales", "sales", "agent_first"))
        )
    },
}  # fmt: skip
"""What the day changes in the shipped configuration."""


class End(StrEnum):
    """How a caller's visit ended."""

    ANSWERED = "answered"
    HUNG_UP = "hung up"
    PROMISED = "promised"
    """The caller heard that we call back."""
    LOST = "lost"
    """The call ended, and the caller had neither hung up nor talked nor heard a promise."""


@dataclass
class Person:
    """A person: what they do, and then what happened to them.

    `arrives` is in seconds after the day began. `key` is pressed at an offer, None: no key. `patience` is how long they
    wait before they hang up. `star` is when they press the exit key. `reactions` are those of their phone to our calls;
    the last one stays. `replies` are texts by a piece of the text that they answer.
    """

    number: str
    arrives: float
    service: str = "support"
    key: str | None = "3"
    patience: float | None = None
    star: float | None = None
    again: float | None = None
    """When they call once more, although they were promised a callback."""
    reactions: list[str] = field(default_factory=lambda: ["answer"])
    notice_key: str = "1"
    replies: dict[str, list[str]] = field(default_factory=dict)
    talk: float = 1.5

    visits: dict[str, End | None] = field(default_factory=dict)
    """The channels of the calls that they made, and how each ended."""
    promises: set[str] = field(default_factory=set)
    """The calls on which they heard a promise."""
    rings: int = 0
    talks: int = 0


def cast() -> list[Person]:
    """Everybody who calls on this day."""
    mobile = "+3584011122{:02}".format
    return [
        # Takes a callback, keeps it by text, is called back and answers the survey.
        Person(mobile(1), 0.0, key="1", replies={_NOTICE: ["kyllä"], _SURVEY: ["5"]}),
        # Wants none, waits, and answers the survey wrongly at first.
        Person(mobile(2), 0.3, replies={_SURVEY: ["9"], "numerolla": ["4"]}),
        # Hangs up while waiting.
        Person(mobile(3), 0.6, patience=5.0),
        # Takes one and cancels it by text.
        Person(mobile(4), 0.9, key="1", replies={_NOTICE: ["EI"]}),
        # Is busy at first.
        Person(mobile(5), 1.2, key="1", reactions=["busy", "answer"], replies={_SURVEY: ["3"]}),
        # Waits, and takes one at the exit key.
        Person(mobile(6), 1.5, key=None, star=7.0),
        # Is called by the Auto Agent, as a landline gets no texts.
        Person("+358912340007", 1.8, key="1"),
        # Agent first.
        Person(mobile(8), 2.1, service="sales", key="1", replies={_SURVEY: ["1"]}),
        Person(mobile(9), 2.4, service="sales"),
        # Takes one and calls again.
        Person(mobile(10), 2.7, key="1", again=6.0),
        # Comes back from the exit key to the same place; wants no texts.
        Person(mobile(11), 3.0, star=6.5, replies={"Kiitos": ["STOP"]}),
    ]


class Cast(People):
    """The people of the day at their telephones."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = {person.number: person for person in people}
        self.pbx: Pbx
        self.gateway: Gateway
        self.answered: dict[str, int] = defaultdict(int)
        """How many of their replies each person has sent, by person and text."""

    def agents(self) -> list[Agent]:
        """The agents of the day. Nobody works at first."""
        return [
            Agent("PJSIP/agent1", "support"),
            Agent("PJSIP/agent2", "support"),
            Agent("PJSIP/agent3", "sales"),
        ]

    # --- the day ----------------------------------------------------------------------------------

    async def goes_by(self) -> None:
        """Everybody calls, and the agents log on."""
        for person in self.people.values():
            self.pbx.begin(self._calls(person, person.arrives))
            if person.again is not None:
                self.pbx.begin(self._calls(person, person.again))
        await asyncio.sleep(LOG_ON)
        for agent in self.pbx.agents:
            self.pbx.log_on(agent)
        last = max(max(person.arrives, person.again or 0) for person in self.people.values())
        await asyncio.sleep(max(0.0, last + 1.0 - LOG_ON))

    async def _calls(self, person: Person, when: float) -> None:
        await asyncio.sleep(when)
        talks = person.talks
        channel = self.pbx.calls(person.number, person.service)
        person.visits[channel.key] = None
        if person.star is not None:
            self.pbx.begin(self._stars(channel, person.star))
        try:
            async with asyncio.timeout(person.patience):
                await channel.gone.wait()
        except TimeoutError:
            person.visits[channel.key] = End.HUNG_UP
            self.pbx.hang_up(channel)
            return
        promised = channel.key in person.promises
        answered = person.talks > talks and "_AGENT" in channel.variables
        person.visits[channel.key] = End.ANSWERED if answered else End.PROMISED if promised else End.LOST

    async def _stars(self, channel: Channel, after: float) -> None:
        """Press the exit key once the caller waits in the queue."""
        await asyncio.sleep(after)
        while channel.key in self.pbx.channels:
            if channel.waits is not None:
                self.pbx.press(channel, "*")
                return
            await asyncio.sleep(0.5)

    # --- on the telephone ---------------------------------------------------------------------------

    def _person(self, channel: Channel) -> Person | None:
        return self.people.get(channel.number)

    def rung(self, number: str) -> str:
        person = self.people[number]
        person.rings += 1
        return person.reactions[min(person.rings, len(person.reactions)) - 1]

    def hears(self, channel: Channel, prompts: tuple[str, ...]) -> None:
        person = self._person(channel)
        if person is None:
            return
        if {"callback-confirmed", "callback-exists", "callback-taken"} & set(prompts):
            if channel.key in person.visits and "back-in-queue" not in prompts:
                person.promises.add(channel.key)
            return
        key = None
        if any(prompt.startswith("offer-callback") for prompt in prompts):
            key = person.key
            if key is None and channel.app_data.startswith("callcentre,exit"):
                key = "1"  # The exit key is for taking a callback.
        elif "call-accept" in prompts:
            key = "1"
        elif "notice-choice" in prompts or "notice-again" in prompts:
            key = person.notice_key
        if key is not None:
            self.pbx.begin(self._presses(channel, key))

    async def _presses(self, channel: Channel, key: str) -> None:
        await asyncio.sleep(0.3)
        self.pbx.press(channel, key)

    def talks(self, channel: Channel) -> float:
        person = self._person(channel)
        if person is None:
            return 1.0
        person.talks += 1
        return person.talk

    # --- texts ----------------------------------------------------------------------------------------

    def gets(self, number: str, body: str) -> None:
        """A text arrives at a phone. Who has a reply to it sends it, once."""
        person = self.people.get(number)
        for piece, replies in (person.replies if person is not None else {}).items():
            sent = self.answered[f"{number} {piece}"]
            if piece in body and sent < len(replies):
                self.answered[f"{number} {piece}"] += 1
                # Every second text is brought twice, as some gateways do.
                self.gateway.sends(number, replies[sent], recipient=REPLY_NUMBER, twice=int(number[-1]) % 2 == 0)
