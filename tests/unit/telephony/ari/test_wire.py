"""From Asterisk's JSON to events: frames as Asterisk 22 sends them, and frames as it might."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.telephony.ari.wire import VARIABLES, WANTED, read, sets_another_variable
from callcentre.telephony.events import (
    AgentAnswered,
    AgentDialled,
    BridgeEntered,
    BridgeLeft,
    ChannelCreated,
    ChannelDestroyed,
    DialplanStep,
    DialProgress,
    HangupRequested,
    KeyPressed,
    StasisEnded,
    StasisStarted,
    VariableSet,
)

AT = datetime(2026, 11, 22, 5, 28, 16, tzinfo=UTC)
WHEN = datetime(2026, 11, 22, 5, 28, 15, 804000, tzinfo=UTC)

CHANNEL: dict[str, Any] = {
    "id": "1795325295.0",
    "name": "PJSIP/trunk-00000000",
    "state": "Ring",
    "protocol_id": "",
    "caller": {"name": "Matti", "number": "+358401112222"},
    "connected": {"name": "", "number": ""},
    "accountcode": "",
    "dialplan": {
        "context": "from-trunk",
        "exten": "+358912345678",
        "priority": 1,
        "app_name": "Answer",
        "app_data": "",
    },
    "creationtime": "2026-11-22T05:28:15.804+0000",
    "language": "en",
}
PEER = CHANNEL | {"id": "1795325299.1", "name": "PJSIP/agent1-00000001"}
BRIDGE = {"id": "17702b50", "technology": "simple_bridge", "channels": []}


def frame(kind: str, **fields: Any) -> bytes:
    event = {
        **fields, "type": kind, "timestamp": "2026-11-22T05:28:15.804+0000", "asterisk_id": "02:fc", "application": "x",
    }  # fmt: skip
    return json.dumps(event).encode()


@pytest.mark.parametrize(
    ("raw", "kind", "says"),
    [
        (frame("ChannelCreated", channel=CHANNEL), ChannelCreated, {"when": WHEN}),
        (
            frame("ChannelDialplan", channel=CHANNEL, dialplan_app="Queue", dialplan_app_data="support"),
            DialplanStep,
            {"when": WHEN},
        ),
        (
            frame("ChannelVarset", channel=CHANNEL, variable="QUEUEPOSITION", value="2"),
            VariableSet,
            {"call": "1795325295.0", "name": "QUEUEPOSITION", "value": "2", "when": WHEN},
        ),
        (
            frame("Dial", caller=CHANNEL, peer=PEER, dialstatus="ANSWER"),
            AgentAnswered,
            {"call": "1795325295.0", "agent_channel": "PJSIP/agent1-00000001", "when": WHEN},
        ),
        (
            frame("Dial", caller=CHANNEL, peer=PEER, dialstatus=""),
            AgentDialled,
            {"call": "1795325295.0", "peer": "1795325299.1", "rings": False},
        ),
        (
            frame("Dial", caller=CHANNEL, peer=PEER, dialstatus="RINGING"),
            AgentDialled,
            {"call": "1795325295.0", "peer": "1795325299.1", "rings": True},
        ),
        (
            frame("ChannelEnteredBridge", channel=CHANNEL, bridge=BRIDGE | {"channels": ["1795325295.0", "9.1"]}),
            BridgeEntered,
            {
                "bridge": "17702b50",
                "channels": ("1795325295.0", "9.1"),
                "number": "+358401112222",
                "caller_name": "Matti",
            },
        ),
        (frame("ChannelLeftBridge", channel=CHANNEL, bridge=BRIDGE), BridgeLeft, {"bridge": "17702b50"}),
        (frame("ChannelDtmfReceived", channel=CHANNEL, digit="*", duration_ms=100), KeyPressed, {"key": "*"}),
        (
            frame("Dial", peer=PEER, dialstatus="RINGING"),
            DialProgress,
            {"call": PEER["id"], "status": "RINGING", "leg": None},
        ),
        (
            frame("Dial", caller={**CHANNEL, "id": "cb-1-1-far"}, peer=PEER, dialstatus="BUSY"),
            DialProgress,
            {"call": "cb-1-1", "status": "BUSY", "leg": PEER["id"]},
        ),
        (
            frame("ChannelHangupRequest", channel=CHANNEL, cause=16),
            HangupRequested,
            {"call": "1795325295.0", "soft": False, "cause": 16},
        ),
        (frame("ChannelHangupRequest", channel=CHANNEL, cause=16, soft=True), HangupRequested, {"soft": True}),
        (frame("ChannelDestroyed", channel=CHANNEL, cause=17, cause_txt="User busy"), ChannelDestroyed, {"cause": 17}),
        (
            frame("StasisStart", channel=CHANNEL, args=["enter", "support"]),
            StasisStarted,
            {"arguments": ("enter", "support")},
        ),
        (frame("StasisEnd", channel=CHANNEL), StasisEnded, {"call": "1795325295.0"}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_an_event_says_what_the_frame_says(raw: bytes, kind: Any, says: dict[str, Any]) -> None:
    event = read(raw, AT)
    assert event is not None
    assert type(event) is kind
    assert event.at == AT
    assert {name: getattr(event, name) for name in says} == says


def test_a_dialplan_step_runs_what_the_event_says_and_not_what_the_channel_said_before() -> None:
    event = read(frame("ChannelDialplan", channel=CHANNEL, dialplan_app="Queue", dialplan_app_data="support,,,,60"), AT)
    assert isinstance(event, DialplanStep)
    assert (event.channel.app, event.channel.app_data) == ("Queue", "support,,,,60")
    assert (event.channel.number, event.channel.caller_name, event.channel.exten) == (
        "+358401112222", "Matti", "+358912345678",
    )  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        frame("DeviceStateChanged", device_state={"name": "PJSIP/agent1", "state": "INUSE"}),
        frame("SomethingOfAsterisk40", wonder={"deep": [1, 2]}),
        frame("ChannelVarset", channel=CHANNEL, variable="RTPAUDIOQOS", value="a\x00b"),
        frame("ChannelVarset", variable="QUEUEPOSITION", value="2"),
        frame("Dial", caller=CHANNEL, peer=PEER, dialstatus="CANCEL"),
        b"{}",
    ],
)
def test_what_nobody_listens_to_is_dropped(raw: bytes) -> None:
    assert read(raw, AT) is None


def sets_another(name: str) -> bool:
    """Whether an event that sets this variable is left out, wherever it is in the bytes of a connection."""
    event = json.dumps({"variable": name, "value": "1", "type": "ChannelVarset"}, separators=(",", ":")).encode()
    before, after = b'{"variable":"QUEUEPOSITION"}', b'","variable":"QUEUEPOSITION"}'
    return sets_another_variable(before + event + after, len(before), len(before) + len(event))


def test_a_variable_of_no_interest_is_left_out_before_it_is_copied() -> None:
    assert not any(map(sets_another, VARIABLES))
    assert all(map(sets_another, ["RTPAUDIOQOS", "QUEUEPOSITION2", "XQUEUEPOSITION", "", 'a"QUEUEPOSITION']))


@pytest.mark.parametrize(
    "raw", [frame("ChannelVarset", variable="RTPAUDIOQOS"), frame("StasisEnd", channel=CHANNEL), b"no JSON", b""]
)
def test_an_event_in_another_form_is_left_to_be_read(raw: bytes) -> None:
    assert not sets_another_variable(raw, 0, len(raw))


@given(st.binary(), st.integers(0, 20), st.integers(0, 20))
def test_any_bytes_are_left_out_or_not(raw: bytes, begin: int, end: int) -> None:
    assert sets_another_variable(b'{"variable":"' + raw, begin, end) in (True, False)


def test_unknown_fields_and_missing_ones_are_tolerated() -> None:
    slim = {"id": "1.1", "name": "PJSIP/x-1", "novelty": {"a": 1}}
    event = read(frame("ChannelDestroyed", channel=slim, novelty=[1]), AT)
    assert isinstance(event, ChannelDestroyed)
    assert event.cause == 0


def test_control_characters_of_a_caller_do_not_come_in() -> None:
    strange = CHANNEL | {"caller": {"name": "Ma\x00t\nti\x1b[31m", "number": "+358\r401112222"}}
    event = read(frame("ChannelCreated", channel=strange), AT)
    assert isinstance(event, ChannelCreated)
    assert (event.channel.caller_name, event.channel.number) == ("Matti[31m", "+358401112222")


@given(st.binary())
def test_any_bytes_are_an_event_nothing_or_an_error_that_the_reader_knows(raw: bytes) -> None:
    with suppress(msgspec.MsgspecError, ValueError):
        read(raw, AT)


def test_everything_that_is_read_is_asked_for() -> None:
    assert {"ChannelDialplan", "ChannelVarset", "Dial", "StasisStart", "ChannelDestroyed"} <= set(WANTED)
    assert {"QUEUEPOSITION", "QUEUESTATUS", "MEMBERINTERFACE", "CALLCENTRE_SERVICE"} <= VARIABLES
