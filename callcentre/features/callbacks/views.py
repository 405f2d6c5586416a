"""What the rules of callbacks read from the rest of the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callcentre.features.callbacks.collection import Callbacks, place_of
from callcentre.features.callbacks.interface import Announcer
from callcentre.features.callbacks.model import Callback
from callcentre.kernel.limits.model import Bounds
from callcentre.kernel.people import People
from callcentre.kernel.records import RecordsOfOthers
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.interface import Texts
from callcentre.telephony.dialling.interface import OwnCalls
from callcentre.telephony.dialling.settings import DiallingSettings
from callcentre.telephony.queue_entry.model import Coming
from callcentre.telephony.queue_view.interface import QueueView

if TYPE_CHECKING:
    from callcentre.config.settings import Settings
    from callcentre.values.numbers import NumberPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """Read-only views; only `callbacks` belong to this feature. `coming` are callers on their way into a queue.

    `of_others` are the open callbacks of other daemons of the database.
    """

    rules: SettingsInForce
    people: People
    queues: QueueView
    own_calls: OwnCalls
    texts: Texts
    bounds: Bounds
    coming: Coming
    callbacks: Callbacks
    of_others: RecordsOfOthers[Callback]
    announcers: Sequence[Announcer] = ()

    @property
    def settings(self) -> Settings:
        """The settings that apply now."""
        return self.rules.settings

    @property
    def dialling(self) -> DiallingSettings | None:
        """How calls are made now; None: none are made."""
        return self.settings.section(DiallingSettings)

    @property
    def numbers(self) -> NumberPolicy:
        """Which numbers may be dialled or texted."""
        return self.rules.numbers

    def place(self, callback: Callback) -> int:
        """The place of a callback in its queue now: the number of people before it, plus one."""
        return place_of(callback, self.callbacks, self.queues)
