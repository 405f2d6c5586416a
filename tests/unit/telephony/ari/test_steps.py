"""Dialplan steps that say nothing new: they are dropped, and the rules decide the same without them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from callcentre.telephony.ari.steps import Steps
from callcentre.telephony.ari.wire import read
from callcentre.telephony.events import DialplanStep, QueueRead, QueueReading, VariableSet
from tests.unit.rehearsal import NOON, Rehearsal

CALLS = ("1795325295.0", "1795325299.1")


def frame(kind: str, call: str, **fields: Any) -> bytes:
    """A frame with its fields in Asterisk's order."""
    channel = {
        "id": call, "name": f"PJSIP/trunk-{call}", "state": "Up", "language": "en",
        "caller": {"name": "Matti", "number": "+358401112222"},
        "dialplan": {"context": "callcentre-queue", "exten": "support", "priority": 1, "app_name": "", "app_data": ""},
    }  # fmt: skip
    event = {"type": kind, "timestamp": "2026-06-03T09:00:00.000+0000", **fields, "channel": channel}
    if "variable" in fields:
        event = {"variable": fields["variable"], "value": fields["value"], **event}
    return json.dumps(event, separators=(",", ":")).encode()


def step(app: str, data: str = "", call: str = CALLS[0]) -> bytes:
    return frame("ChannelDialplan", call, dialplan_app=app, dialplan_app_data=data)


def kept(steps: Steps, *frames: bytes) -> list[bool]:
    """Which of the frames go to the rules."""
    found = []
    for each in frames:
        found.append(not steps.repeats(each))
        if found[-1] and (event := read(each, NOON)) is not None:
            steps.heard(event)
    return found


def test_of_quiet_steps_in_a_row_the_first_is_heard() -> None:
    assert kept(Steps(), step("Set", "A=1"), step("Goto", "1"), step("Set"), step("Set")) == [True, False, False, False]


def test_other_applications_are_always_heard() -> None:
    frames = (step("Answer"), step("Answer"), step("Set"), step("Queue", "support"), step("Set"), step("Set"))
    assert kept(Steps(), *frames) == [True, True, True, True, True, False]


def test_a_quiet_step_after_another_event_of_the_channel_is_heard() -> None:
    position = frame("ChannelVarset", CALLS[0], variable="QUEUEPOSITION", value="1")
    of_no_interest = frame("ChannelVarset", CALLS[0], variable="SIPDOMAIN", value="1")
    frames = (
        step("Set"),
        position,
        step("Set"),
        of_no_interest,
        step("Set"),
        frame("StasisEnd", CALLS[0]),
        step("Set"),
    )
    assert kept(Steps(), *frames) == [True, True, True, True, False, True, True]


def test_channels_are_distinguished() -> None:
    assert kept(Steps(), step("Set"), step("Set", call=CALLS[1]), step("Set")) == [True, True, False]


def test_text_in_the_arguments_of_a_step_is_no_channel() -> None:
    text = json.dumps({"channel": {"id": CALLS[1]}, "dialplan_app": "Queue"}, separators=(",", ":"))
    assert kept(Steps(), step("Set", text), step("Set", text), step("Set", call=CALLS[1])) == [True, False, True]


def test_after_a_new_connection_every_channel_is_heard_again() -> None:
    steps = Steps()
    kept(steps, step("Set"))
    steps.forget()
    assert kept(steps, step("Set")) == [True]


def test_a_frame_of_another_form_is_decoded() -> None:
    other = json.dumps(json.loads(step("Set")), indent=1).encode()
    assert kept(Steps(), other, other) == [True, True]


APPS = (
    ("Set", "A=1"),
    ("Goto", "1"),
    ("Queue", "support"),
    ("ExecIf", "1?Queue(support)"),
    ("AGI", "x"),
    ("Wait", "1"),
)
VALUES = (
    ("QUEUEPOSITION", "1"), ("QUEUESTATUS", "TIMEOUT"), ("QUEUEWAIT", ""), ("MEMBERINTERFACE", "PJSIP/agent1"),
    ("CALLCENTRE_SERVICE", "support"), ("CALLCENTRE_IN", "support"),
)  # fmt: skip

calls = st.sampled_from(CALLS)
# Half of the steps are quiet.
apps = st.one_of(st.sampled_from(APPS[:2]), st.sampled_from(APPS))
frames = st.one_of(
    st.builds(lambda call, app: step(app[0], app[1], call), calls, apps),
    st.builds(lambda call, app: step(app[0], app[1], call), calls, apps),
    st.builds(
        lambda call, one: frame("ChannelVarset", call, variable=one[0], value=one[1]), calls, st.sampled_from(VALUES)
    ),
    st.builds(frame, st.sampled_from(("ChannelCreated", "ChannelDestroyed", "ChannelHangupRequest")), calls),
)
READ = b"read the queue"
"""app_queue lists the channels that run `Queue()`: this comes beside the stream of events."""


def reading(running: Mapping[str, str], at: datetime) -> QueueRead:
    waiting = [f"PJSIP/trunk-{call}" for call, app in running.items() if app == "Queue"]
    places = dict(enumerate(waiting, 1))
    return QueueRead(
        at=at, reading=QueueReading(queue="support", waiting=len(waiting), complete=True, places=places), asked=at
    )


def concluded(stream: Sequence[bytes], steps: Steps | None) -> tuple[Any, ...]:
    """What the rules conclude from a stream, with or without the steps that say nothing new."""
    rehearsal = Rehearsal()
    running: dict[str, str] = {}
    for number, one in enumerate(stream):
        at = NOON + timedelta(seconds=number)
        if one == READ:
            rehearsal.tell(reading(running, at))
            continue
        event = read(one, at)
        if isinstance(event, DialplanStep):
            running[event.channel.id] = event.channel.app
        if event is None or (steps is not None and steps.repeats(one)):
            continue
        if steps is not None:
            steps.heard(event)
        rehearsal.tell(event)
    return rehearsal.facts, rehearsal.effects, rehearsal.timers, rehearsal.disk


@given(st.lists(st.one_of(frames, frames, frames, st.just(READ)), max_size=25))
def test_the_rules_decide_the_same_without_them(stream: list[bytes]) -> None:
    assert concluded(stream, Steps()) == concluded(stream, None)


def test_a_variable_of_the_rules_is_an_event_of_its_channel() -> None:
    steps = Steps()
    kept(steps, step("Set"))
    steps.heard(VariableSet(at=NOON, call=CALLS[0], name="QUEUEPOSITION", value="1", when=NOON))
    assert kept(steps, step("Set")) == [True]


def test_a_step_that_is_not_utf_8_is_left_to_the_decoder() -> None:
    frame = step("Set").replace(CALLS[0].encode(), b"\xff", 1)
    assert not Steps().repeats(frame)
