"""What callbacks report to telephony: the places that they hold in queues, and the calls that are made for them."""

from __future__ import annotations

from datetime import datetime

from callcentre.features.callbacks.collection import Callbacks
from callcentre.features.callbacks.elsewhere import HeldCalls
from callcentre.features.callbacks.model import Dialling, Reserving
from callcentre.telephony.dialling.interface import CallOfOurs, CallsOfOurs
from callcentre.telephony.queue_view.interface import HeldPlaces


def held_places(callbacks: Callbacks, elsewhere: HeldCalls) -> HeldPlaces:
    """The places of queued callbacks.

    A customer whom we call, or whose callback another daemon has, joins at the time of the callback.
    """

    def joined_at(call: str) -> datetime | None:
        callback = callbacks.of_call(call) or elsewhere.get(call)
        return None if callback is None else callback.joined_at

    return HeldPlaces(before=callbacks.queued_before, queues=callbacks.queues, joined_at=joined_at)


def calls_of_ours(callbacks: Callbacks) -> CallsOfOurs:
    """The calls to customers, and to agents who are reserved for one."""

    def about(call: str) -> CallOfOurs | None:
        callback = callbacks.of_call(call)
        match None if callback is None else callback.state:
            case Dialling(call=ours) if callback is not None and ours == call:
                return CallOfOurs(callback=callback.callback, number=callback.number)
            case Reserving(agent_call=ours) if callback is not None and ours == call:
                return CallOfOurs(callback=callback.callback, number=callback.number, reserves=True)
            case _:
                return None

    return CallsOfOurs(
        in_flight=callbacks.in_flight,
        ringing=callbacks.dialling,
        reserving=callbacks.reserving_in_all,
        has_phone=callbacks.has_phone,
        about=about,
    )
