"""An Asterisk that is played back: what it would answer when asked, after the events that were sent so far."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_Event = dict[str, Any]

_SHAPING = (
    '"ChannelCreated"', '"ChannelDialplan"', '"ChannelDestroyed"', '"QUEUEPOSITION"', '"BridgeCreated"',
    '"BridgeDestroyed"', '"ChannelEnteredBridge"', '"ChannelLeftBridge"',
)  # fmt: skip

_COUNT = re.compile(r"\$\{QUEUE_WAITING_COUNT\((\w+)\)\}")
_PLACE = re.compile(r"\$\{QUEUE_GET_CHANNEL\((\w+),(\d+)\)\}")
_MEMBERS = re.compile(r"\$\{QUEUE_MEMBER_LIST\(\w+\)\}")
_STATE = re.compile(r"\$\{DEVICE_STATE\([^)]*\)\}")
_OTHER = re.compile(r"\$\{[^{}]*\}")


def shaping(text: str) -> _Event | None:
    """The event, decoded, when it changes what Asterisk would answer."""
    if not any(word in text for word in _SHAPING):
        return None
    event: _Event = msgspec.json.decode(text)
    return event


class Exchange:
    """Channels, bridges and who waits in which queue."""

    def __init__(self) -> None:
        self.channels: dict[str, _Event] = {}
        self.bridges: dict[str, _Event] = {}
        self._queues: dict[str, dict[str, None]] = {}

    def take(self, event: _Event) -> None:
        """From now on the answers are those after this event."""
        if "bridge" in event:
            self.bridges[event["bridge"]["id"]] = event["bridge"]
        channel = event.get("channel", {})
        match event["type"]:
            case "ChannelCreated":
                self.channels[channel["id"]] = channel
            case "ChannelDialplan":
                app = {"app_name": event["dialplan_app"], "app_data": event["dialplan_app_data"]}
                self.channels[channel["id"]] = {**channel, "dialplan": {**channel["dialplan"], **app}}
                if event["dialplan_app"] == "Queue":
                    self._queues.setdefault(event["dialplan_app_data"].partition(",")[0], {})[channel["name"]] = None
            case "ChannelVarset":
                self._leaves(channel["name"])
            case "ChannelDestroyed":
                self.channels.pop(channel["id"], None)
                self._leaves(channel["name"])
            case "BridgeDestroyed":
                del self.bridges[event["bridge"]["id"]]
            case _:
                pass

    def create(self, name: str, endpoint: str) -> _Event:
        """A channel that rings nowhere, as one is made to ask questions through."""
        self.channels[name] = {"id": name, "name": f"{endpoint}-00000000;1"}
        return self.channels[name]

    def _leaves(self, name: str) -> None:
        for queue in self._queues.values():
            queue.pop(name, None)

    def value(self, expression: str) -> str:
        """What `EVAL(expression)` gives, for the functions that the daemon asks for. Any other variable is empty."""

        def waiting(found: re.Match[str]) -> str:
            return str(len(self._queues.get(found[1], ())))

        def place(found: re.Match[str]) -> str:
            names = orders.setdefault(found[1], list(self._queues.get(found[1], ())))
            index = int(found[2]) - 1
            return names[index] if index < len(names) else ""

        orders: dict[str, list[str]] = {}
        text = _PLACE.sub(place, _COUNT.sub(waiting, expression))
        text = _STATE.sub("NOT_INUSE", _MEMBERS.sub("PJSIP/agent1,PJSIP/agent2", text))
        return _OTHER.sub("", text)
