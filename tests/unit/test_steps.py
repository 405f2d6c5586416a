"""No rule goes through all calls, callbacks, notices, surveys or texts: what is decided costs the same among many.

Steps are counted, not time. Every kind of event, timer and command is decided in one story of a day, among a crowd and
among a ten times larger one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from callcentre.features.callbacks.events import (
    CallbackDeferred,
    CallbackMovedUp,
    CallbackRequested,
    CallbackWithdrawn,
    OtherServiceWanted,
)
from callcentre.features.notices.timers import AutoAgentRings, DeliveryAwaited
from callcentre.features.search.events import NumberAsked
from callcentre.features.surveys.events import SurveyFilledIn
from callcentre.features.surveys.model import GivenAnswer
from callcentre.kernel.closures.events import CloseService, OpenService
from callcentre.kernel.decision import NOTHING, Decision
from callcentre.kernel.event import ClockStepped, EffectInterrupted, Event, SettingsChanged, TimerDue
from callcentre.kernel.timer import Timer
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import (
    Accepted,
    Delivery,
    DeliveryReported,
    OptedInByStaff,
    OptedOutByStaff,
    TextAgain,
    TextByStaff,
    TextHandedOver,
    TextReceived,
)
from callcentre.messaging.model import TextDue
from callcentre.telephony.agents.events import AgentActionDone, AgentActionRequested, MembersRead
from callcentre.telephony.agents.model import Action, Outcome
from callcentre.telephony.events import (
    AgentDialled,
    AsteriskLost,
    ChannelSeen,
    EventsLate,
    KeyPressed,
    Member,
    OriginateFailed,
    QueueNotRead,
    QueueRead,
    Synchronised,
)
from callcentre.telephony.queue_view.calls import Calls
from tests.cast import ANNA, MATTI, REPLY_NUMBER
from tests.testbed.configuration import merged
from tests.unit.crowd import BusyAsterisk, Crowd, crowded
from tests.unit.steps import forget_everything, make_walks_count, steps_of

FEW, MANY = 20, 200
"""Ten times as many."""

MORE = 60
"""Steps that an event may take more among ten times as many. A walk would take at least MANY - FEW more."""

ALL_OF_THEM = (AsteriskLost, ClockStepped, SettingsChanged, Synchronised)
"""Events that are about everybody: the connection to Asterisk broke, the clock was set, the file was read again.

So is an answer of app_queue that names all callers of a queue. It is asked for when somebody in it is unknown.
"""

NOT_IN_THE_STORY = (
    "CallNotCounted", "ClockSettles", "ErasureBegun", "GatewaySettles", "HoldEnds", "MessageArrived", "ReportDue",
    "ReportEnded", "ReportRequested", "RowsErased", "RowsFound", "TextNotCounted", "WasOff",
    # Of notes and users, which are rows of the database.
    "NoteAdded", "NoteEdited", "NoteRemoved",
    "Confirmed", "InvitationRequested", "InvitationUsed", "InvitationWithdrawn", "KeyAddRequested",
    "KeyRevokeRequested", "KeyUsed", "LogInTried", "PasswordChosen", "SecondFactorChosen", "SessionSeen",
    "SessionsEnded", "SignedOn", "UserAddRequested", "UserChangeRequested",
    # Of the file of the rules.
    "RulesWritten",
    # Of a supervisor who listens to a call.
    "ListeningRequested",
)  # fmt: skip
"""Two alarms, the reports of the file, a start after a long time, what another daemon has used up or sends, the
erasure of a person, which may look at everything open, what is about users, and a change of the rules."""

CHANGES: dict[str, Any] = {
    "numbers": {"call_hours": None},
    "services": {
        "support": {
            "callback": {"offer": {"min_wait": "0s", "max_open": 10_000}, "at_closing": "expire"},
            "survey": {"after": "1m"},
        },
    },
}

ANNEX = {"services": {"annex": {"queue": "annex", "name": {"fi": "Sivupiste"}, "language": "fi"}}}
"""A service without callbacks, which would all end when it is closed."""


def _is_about_everybody(event: Event) -> bool:
    return isinstance(event, ALL_OF_THEM) or (isinstance(event, QueueRead) and event.reading.complete)


class Counting:
    """Counts the steps of each event of a story, and keeps the most for each kind."""

    def __init__(self, asterisk: BusyAsterisk) -> None:
        self.steps: dict[str, int] = {}
        dispatcher = asterisk.rehearsal._dispatcher
        self.timers = dispatcher._timers
        make_walks_count(dispatcher)
        decide: Callable[[Event], Any] = dispatcher.decide

        def counting(event: Event) -> Any:
            decided: list[Any] = []
            steps = steps_of(lambda: decided.append(decide(event)))
            kind = type(self.timers.read(event.key, event.due) if isinstance(event, TimerDue) else event).__name__
            if not _is_about_everybody(event):
                self.steps[kind] = max(steps, self.steps.get(kind, 0))
            dispatcher.closed()
            dispatcher.committed()
            return decided[0]

        dispatcher.decide = counting  # type: ignore[method-assign]


class Day:
    """The story: what one caller does among the others."""

    def __init__(self, crowd: Crowd, changes: Mapping[str, Any]) -> None:
        self.asterisk = crowded(crowd, changes)
        self.rehearsal = self.asterisk.rehearsal
        self._texts = 0
        self.rehearsal.facts.clear()
        self.counting = Counting(self.asterisk)

    def passes(self, seconds: float) -> None:
        """Time passes, and texts reach their phones."""
        rehearsal = self.rehearsal
        self.asterisk.passes(seconds)
        self.asterisk.ticks(2)
        for text in rehearsal.take(SendText):
            rehearsal.tell(TextHandedOver(at=rehearsal.at, message=text.message, outcome=Accepted()))
            rehearsal.tell(DeliveryReported(at=rehearsal.at, message=text.message, delivery=Delivery.DELIVERED))

    def texts(self, words: str) -> None:
        """The caller sends a text."""
        self._texts += 1
        self.rehearsal.tell(
            TextReceived(
                at=self.rehearsal.at, gateway="kannel", gateway_id=str(self._texts), sender=MATTI,
                recipient=REPLY_NUMBER, body=words,
            )
        )  # fmt: skip

    def is_lived(self) -> None:
        """All of it, one thing after the other."""
        asterisk = self.asterisk
        asterisk.on_duty("INUSE")
        self.passes(3)
        self.is_asked_after_a_talk(asterisk.calls_in(MATTI))
        self.leaves(asterisk.calls_in(MATTI))
        self.comes_out_by_the_exit_key(asterisk.calls_in(MATTI))
        self.gets_a_callback(asterisk.enters(MATTI))
        self.is_called_back()
        self.calls_again(asterisk.enters(MATTI))
        self.is_a_phone_of_the_pbx(asterisk.calls_in("200"))
        self.is_in_a_queue_of_a_script()
        self.has_the_number_shown()
        self.is_wanted_by_the_staff()
        self.has_an_agent_who_is_paused()
        self.finds_the_service_closed()
        self.is_texted_by_staff()
        self.texts("STOP")
        self.passes(10)
        self.is_followed_by_what_goes_wrong()
        self.is_remembered()

    def is_asked_after_a_talk(self, call: str) -> None:
        self.passes(3)
        self.rehearsal.tell(AgentDialled(at=self.rehearsal.at, call=call, peer="agent", rings=True))
        self.asterisk.answered(call)
        self.passes(60)
        self.asterisk.hangs_up(call)
        self.passes(120)
        self.texts("5")
        self.passes(10)

    def leaves(self, call: str) -> None:
        self.passes(3)
        self.asterisk.hangs_up(call)

    def comes_out_by_the_exit_key(self, call: str) -> None:
        self.asterisk.asks(call)
        self.asterisk.silence(call)
        self.passes(3)
        self.asterisk.gives_up(call, "TIMEOUT")
        self.asterisk.hangs_up(call)

    def gets_a_callback(self, call: str) -> None:
        self.asterisk.key(call, "1")
        self.asterisk.says_all(call)
        self.passes(10)

    def is_called_back(self) -> None:
        """The first of the crowd is."""
        while self.asterisk.ringing:
            call = next(iter(self.asterisk.ringing))
            self.asterisk.picks_up(call)
            self.asterisk.key(call, "1")
            self.passes(1)
            self.asterisk.hangs_up(call)
            if self.rehearsal.names().count("callback.confirmed") > 1:
                break
        self.passes(1)

    def calls_again(self, call: str) -> None:
        self.asterisk.silence(call)
        self.passes(3)
        self.asterisk.hangs_up(call)
        self.passes(3)

    def is_a_phone_of_the_pbx(self, call: str) -> None:
        self.asterisk.hangs_up(call)

    def is_wanted_by_the_staff(self) -> None:
        at, number = self.rehearsal.at, "+358405556666"
        for request in ("first", "second"):
            wanted = CallbackRequested(
                at=at, request=request, service="line1", number=number, caller_name="", by="staff"
            )
            self.rehearsal.tell(wanted)
        self.rehearsal.tell(CallbackDeferred(at=at, callback="cb-first", until=at + timedelta(hours=1)))
        self.rehearsal.tell(CallbackMovedUp(at=at, callback="cb-first"))
        self.rehearsal.tell(OtherServiceWanted(at=at, callback="cb-first", service="line2"))
        self.rehearsal.tell(CallbackWithdrawn(at=at, callback="cb-first", by="staff"))

    def is_texted_by_staff(self) -> None:
        at = self.rehearsal.at
        self.rehearsal.tell(TextByStaff(at=at, message="s1", number=MATTI, body="Hei", service="annex"))
        self.passes(1)
        self.rehearsal.tell(DeliveryReported(at=at, message="text-3", delivery=Delivery.FAILED))
        self.rehearsal.tell(TextAgain(at=at, message="text-3", again="s2"))
        self.passes(1)
        self.rehearsal.tell(OptedOutByStaff(at=at, number="+358405556666"))
        self.rehearsal.tell(OptedInByStaff(at=at, number="+358405556666"))

    def finds_the_service_closed(self) -> None:
        at = self.rehearsal.at
        self.rehearsal.tell(CloseService(at=at, service="annex", until=at + timedelta(hours=1)))
        self.passes(1)
        self.rehearsal.tell(OpenService(at=at, service="annex"))
        self.rehearsal.tell(CloseService(at=at, service="annex", until=at + timedelta(seconds=1)))
        self.passes(2)

    def has_an_agent_who_is_paused(self) -> None:
        at, anna = self.rehearsal.at, Member(ANNA, False, "NOT_INUSE")
        self.rehearsal.tell(MembersRead(at=at, asked=at, queues={"support": (anna,)}, continuous=True))
        request: dict[str, Any] = {"request": "1", "action": Action.PAUSE, "queue": "support", "agent": ANNA}
        self.rehearsal.tell(AgentActionRequested(at=at, **request))
        self.rehearsal.tell(AgentActionDone(at=at, outcome=Outcome.DONE, **request))

    def has_the_number_shown(self) -> None:
        self.rehearsal.tell(NumberAsked(at=self.rehearsal.at, number="+35840•••22", caller="00" * 8))

    def is_in_a_queue_of_a_script(self) -> None:
        call = self.asterisk.arrives(MATTI)
        self.asterisk.runs(call, "AGI", "script")
        self.rehearsal.tell(AgentDialled(at=self.rehearsal.at, call=call, peer="agent", rings=True))
        channel = replace(self.asterisk.channels[call], app="Queue", app_data="support")
        self.rehearsal.tell(ChannelSeen(at=self.rehearsal.at, channel=channel))
        self.asterisk.hangs_up(call)

    def is_followed_by_what_goes_wrong(self) -> None:
        at = self.rehearsal.at
        self.rehearsal.tell(QueueNotRead(at=at, queue="support"))
        self.rehearsal.tell(OriginateFailed(at=at, call="nobody", reason="no such endpoint"))
        self.rehearsal.tell(EventsLate(at=at, seconds=2.0))
        answer = GivenAnswer(question="satisfaction", value=5, metric="csat")
        self.rehearsal.tell(SurveyFilledIn(at=at, survey="survey-1", answers=(answer,), by="page"))
        text = SendText(message="text-1", number=MATTI, sender="Neuvonta", body="Hei")
        self.rehearsal.tell(EffectInterrupted(at=at, effect=text))

    def is_remembered(self) -> None:
        """One timer of each kind that is left falls due."""
        at, timers = self.rehearsal.at, self.rehearsal.timers
        kinds = {type(self.counting.timers.read(key, due)): key for key, due in timers.items()}
        others = (
            DeliveryAwaited(callback="noticed-1"),
            AutoAgentRings(callback="noticed-2"),
            TextDue(message="text-2"),
        )
        for key in (*kinds.values(), *(timer.key for timer in others)):
            self.rehearsal.tell(TimerDue(at=at, key=key, due=at))


def lived(size: int) -> Day:
    """The day among so many of each. Nothing is known yet of any number."""
    forget_everything()
    kinds = ("callers", "callbacks", "notices", "surveys", "texts", "talking")
    day = Day(Crowd(queues=3, **dict.fromkeys(kinds, size)), merged(CHANGES, ANNEX))
    day.is_lived()
    return day


def assert_as_cheap(few: Mapping[str, int], many: Mapping[str, int]) -> None:
    """Nothing took more steps among many than among few, but for the depth of a sorted list."""
    dearer = {kind: (few[kind], steps) for kind, steps in many.items() if steps > few[kind] + MORE}
    assert not dearer, f"steps among {FEW} and among {MANY} of each: {dearer}"


@pytest.fixture(scope="module")
def few() -> Day:
    lived(FEW)  # What is found out once, and kept, is found out here.
    return lived(FEW)


def test_what_is_decided_costs_the_same_among_ten_times_as_many(few: Day) -> None:
    many = lived(MANY)
    assert many.rehearsal.names() == few.rehearsal.names(), "the two days are not the same story"
    assert_as_cheap(few.counting.steps, many.counting.steps)


def test_everything_that_a_rule_listens_to_is_in_the_story(few: Day) -> None:
    dispatcher = few.rehearsal._dispatcher
    heard = {kind.__name__ for kind in (*dispatcher._rules, *dispatcher._owners) if issubclass(kind, Event | Timer)}
    missing = heard - few.counting.steps.keys() - {kind.__name__ for kind in ALL_OF_THEM}
    assert missing == set(NOT_IN_THE_STORY), "let the story of this test have it"


QUEUES = 30
STEPS_FOR_A_QUEUE = 60
"""A second names every queue that Asterisk is to be asked about. Only some of them are looked at."""


def test_a_second_looks_at_few_queues_however_many_there_are() -> None:
    def second(queues: int) -> int:
        asterisk = crowded(Crowd(queues=queues, callbacks=10 * queues), CHANGES)
        counting = Counting(asterisk)
        asterisk.ticks(4)
        counting.steps.clear()
        asterisk.ticks(4)
        return counting.steps["Tick"]

    assert second(2 * QUEUES) - second(QUEUES) < QUEUES * STEPS_FOR_A_QUEUE


@pytest.mark.parametrize(
    "walk",
    [
        lambda calls: sorted(calls.calls),
        lambda calls: [call for call in calls.calls.values() if call.followed],
        lambda calls: calls.waiting("support").index("nobody") if "nobody" in calls.waiting("support") else None,
        lambda calls: len(list(calls._carried.values())),
        lambda calls: sum(calls.is_waiting(call) for call in calls.waiting("support")),
        lambda calls: list(calls._ranks._groups["support"]),
    ],
)
def test_a_rule_that_goes_through_all_calls_is_found(walk: Callable[[Calls], object]) -> None:
    def steps(size: int) -> dict[str, int]:
        asterisk = crowded(Crowd(callers=size), CHANGES)
        dispatcher = asterisk.rehearsal._dispatcher

        def rule(_event: KeyPressed, _at: datetime) -> Decision:
            walk(asterisk.rehearsal.world.calls)
            return NOTHING

        dispatcher._rules[KeyPressed] += (("walker", rule),)
        counting = Counting(asterisk)
        asterisk.key("nobody", "1")
        return counting.steps

    steps(FEW)
    with pytest.raises(AssertionError, match="KeyPressed"):
        assert_as_cheap(steps(FEW), steps(MANY))
