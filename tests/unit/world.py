"""What tests look at: the live state inside the components, and the views of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from callcentre import app
from callcentre.features.callbacks.collection import Callbacks
from callcentre.features.callbacks.elsewhere import HeldCalls
from callcentre.features.callbacks.for_telephony import calls_of_ours, held_places
from callcentre.features.callbacks.interface import Announcer
from callcentre.features.callbacks.model import Callback
from callcentre.features.callbacks.staff import Staff
from callcentre.features.callbacks.views import Views
from callcentre.features.notices.for_callbacks import announcer
from callcentre.features.notices.model import Notices
from callcentre.features.surveys.model import LastAsked, Surveys, last_asked
from callcentre.kernel.closures.interface import ClosedServices
from callcentre.kernel.component import Components, Provides
from callcentre.kernel.limits.caps import Caps
from callcentre.kernel.limits.model import Bounds
from callcentre.kernel.nodes.model import Nodes
from callcentre.kernel.program import Program
from callcentre.kernel.records import Records, RecordsOfOthers
from callcentre.kernel.settings_in_force.model import HeldSettings
from callcentre.messaging import interface as messaging
from callcentre.messaging.model import OpenTexts
from callcentre.messaging.opt_out import OptOuts
from callcentre.messaging.staff import StaffTexts
from callcentre.telephony.agents.interface import Agents
from callcentre.telephony.dialling.interface import OwnCalls
from callcentre.telephony.dialling.outgoing import Outgoing
from callcentre.telephony.events import Channel
from callcentre.telephony.listening.interface import Conversations
from callcentre.telephony.queue_entry.model import Coming
from callcentre.telephony.queue_view.calls import Calls
from callcentre.telephony.queue_view.interface import HeldPlaces, QueueView
from callcentre.telephony.queue_view.model import Call
from callcentre.telephony.queue_view.order import Rank
from callcentre.values.numbers import NumberPolicy, caller_hash, is_withheld, mask, normalise

if TYPE_CHECKING:
    from callcentre.config.settings import Service, Settings


T = TypeVar("T")


@lru_cache(maxsize=4096)
def _who(number: str, region: str, key: bytes) -> Mapping[str, str]:
    if is_withheld(number) or not any(character.isdecimal() for character in number):
        return {}
    known = normalise(number, region) or number
    return {"number": mask(known), "caller": caller_hash(key, known)}


@dataclass(slots=True)
class World:
    """The live state of all components once it is built with `components`; before that, state of its own.

    `prompts` tells the length in seconds of each of our prompts, by language and name.
    """

    settings: Settings
    key: bytes
    prompts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    calls: Calls = field(default_factory=Calls)
    coming: Coming = field(default_factory=Coming)
    callbacks: Callbacks = field(default_factory=Callbacks)
    outgoing: Outgoing = field(default_factory=Outgoing)
    notices: Notices = field(default_factory=Notices)
    surveys: Surveys = field(default_factory=Surveys)
    last_asked: Records[LastAsked] = field(default_factory=last_asked)
    texts: OpenTexts = field(default_factory=OpenTexts)
    suppressions: OptOuts = field(default_factory=OptOuts)
    bounds: Bounds = field(default_factory=Bounds)
    nodes: Nodes = field(init=False)
    agents: Agents = field(init=False)
    closed: ClosedServices = field(init=False)
    staff: Staff = field(init=False)
    staff_texts: StaffTexts = field(init=False)
    conversations: Conversations = field(init=False)
    queue_view: QueueView = field(init=False)
    own_calls: OwnCalls = field(init=False)
    for_callbacks: Views = field(init=False)

    def __post_init__(self) -> None:
        on_the_way = HeldPlaces(before=self.coming.before, queues=self.coming.queues, live=True)
        self.queue_view = QueueView(self, self.calls, (on_the_way, held_places(self.callbacks, HeldCalls())))
        self.own_calls = OwnCalls(self, self, self.outgoing, Caps(self, self.bounds), (calls_of_ours(self.callbacks),))

        self.for_callbacks = Views(
            rules=self, people=self, queues=self.queue_view, own_calls=self.own_calls,
            texts=messaging.Texts(self, self, self.texts, self.suppressions), bounds=self.bounds, coming=self.coming,
            callbacks=self.callbacks, of_others=RecordsOfOthers(self.callbacks), announcers=(announcer(self.notices),),
        )  # fmt: skip

    def attach(self, built: Components) -> None:
        """Look at the state of these components from now on."""
        found = [each.interface if isinstance(each, Provides) else each for each in built.of(object)]

        def one(kind: type[T]) -> T:
            return next(each for each in found if isinstance(each, kind))

        self.queue_view, self.own_calls = one(QueueView), one(OwnCalls)
        texts, held = one(messaging.Texts), one(HeldSettings)
        self.calls, self.outgoing = self.queue_view.calls, self.own_calls.outgoing
        self.coming, self.callbacks, self.notices = one(Coming), one(Callbacks), one(Notices)
        self.surveys, self.bounds = one(Surveys), one(Bounds)
        self.nodes, self.agents = one(Nodes), one(Agents)
        self.closed, self.staff = one(ClosedServices), one(Staff)
        self.staff_texts, self.conversations = one(StaffTexts), one(Conversations)
        self.texts, self.suppressions = texts.open_texts, texts.opt_outs
        self.last_asked = next(each for each in found if isinstance(each, Records) and each.record is LastAsked)
        held.followers.append(lambda settings: setattr(self, "settings", settings))
        self.for_callbacks = Views(
            rules=held, people=self, queues=self.queue_view, own_calls=self.own_calls, texts=texts, bounds=self.bounds,
            coming=self.coming, callbacks=self.callbacks, of_others=one(RecordsOfOthers),
            announcers=built.of(Announcer),
        )  # fmt: skip

    # --- who -------------------------------------------------------------------------------------

    @property
    def numbers(self) -> NumberPolicy:
        """Whom we may dial or text."""
        return self.settings.number_policy

    def who(self, number: str | None) -> dict[str, str]:
        """How a fact names a person: the number masked, and a keyed hash to tell people apart.

        Nothing for a withheld number: those who withhold it cannot be told apart.
        """
        return dict(_who(number or "", self.settings.region, self.key))

    def caller(self, e164: str) -> str:
        """The keyed hash of a number in E.164."""
        return caller_hash(self.key, e164)

    # --- the views of telephony, for those who still take the world ------------------------------

    def services_of(self, queue: str) -> Mapping[str, Service]:
        return self.queue_view.services_of(queue)

    def service_of(self, queue: str, entered_as: str, dialled: Iterable[str]) -> str | None:
        return self.queue_view.service_of(queue, entered_as, dialled)

    def caller_of(self, channel: Channel) -> tuple[str, str]:
        return self.queue_view.caller_of(channel)

    def to_be_asked(self, queue: str) -> Iterator[str]:
        return self.queue_view.to_be_asked(queue)

    def way_back(self, call: str) -> tuple[tuple[str, str], ...]:
        return self.queue_view.way_back(call)

    def live_before(self, queue: str, order: Rank) -> int:
        return self.queue_view.live_before(queue, order)

    def position_for(self, queue: str, order: Rank) -> int:
        return self.queue_view.position_for(queue, order)

    def estimated_wait(self, call: Call, place: int) -> float | None:
        return self.queue_view.estimated_wait(call, place)

    def handle_time(self, service: str) -> float:
        return self.queue_view.handle_time(service)

    def in_flight(self) -> int:
        return self.own_calls.in_flight()

    def is_dialling(self) -> bool:
        return self.own_calls.is_dialling()

    def may_try(self) -> bool:
        return self.own_calls.may_try()

    def is_on_the_line(self, number: str) -> bool:
        return self.own_calls.is_on_the_line(number)

    def next_call(self, number: str, service: str, at: datetime) -> datetime:
        return self.own_calls.next_call(number, service, at)

    def next_call_of_service(self, number: str, service: str, at: datetime) -> datetime | None:
        return self.own_calls.next_call_of_service(number, service, at)

    def zone_of(self, service: str) -> ZoneInfo:
        return self.own_calls.zone_of(service)

    # --- of callbacks ----------------------------------------------------------------------------

    def place(self, callback: Callback) -> int:
        """The place of a callback in its queue now: those who are before it, and one."""
        live = self.live_before(callback.queue, callback.rank)
        return live + self.callbacks.queued_before(callback.queue, callback.order) + 1


def components(world: World, program: Program | None = None) -> Components:
    """All components, built; the world looks at their state from now on."""
    built = app.components(world.settings, world.key, program, world.prompts)
    world.attach(built)
    return built
