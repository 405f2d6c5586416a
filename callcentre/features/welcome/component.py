"""The welcome: a text to callers who join a busy queue."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from callcentre.features.callbacks.interface import OpenCallbacks
from callcentre.features.welcome.model import WELCOME, Greetings
from callcentre.features.welcome.retention import retentions
from callcentre.features.welcome.rules import Welcome
from callcentre.kernel.component import Building, Component, on
from callcentre.kernel.people import People
from callcentre.kernel.settings_in_force.interface import SettingsInForce
from callcentre.messaging.facts import SmsFailed, SmsRefused
from callcentre.messaging.interface import Texts
from callcentre.telephony.facts import CallEnded, QueueJoined, QueueLeft
from callcentre.telephony.queue_view.interface import QueueView


def _build(building: Building) -> Iterable[Any]:
    callbacks, greetings = building.need(OpenCallbacks), Greetings()

    def called_back(call: str) -> bool:
        callback = callbacks.of_call(call)
        return callback is not None and callback.attempts > 0

    welcome = Welcome(
        building.need(SettingsInForce), building.need(People), building.need(QueueView), building.need(Texts),
        greetings, called_back,
    )  # fmt: skip
    yield from (greetings.considered, greetings.latest)
    yield from retentions(greetings, welcome)
    yield replace(WELCOME, still_wanted=welcome.still_wanted)
    yield on(QueueJoined, welcome.joined)
    yield on(QueueLeft, welcome.left)
    yield on(SmsRefused, welcome.not_sent)
    yield on(SmsFailed, welcome.not_sent)
    yield on(CallEnded, welcome.ended)


COMPONENT = Component(name="welcome", build=_build)
