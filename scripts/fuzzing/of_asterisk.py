"""What Asterisk says: the bytes of its connections, its events, and the answers about queues and channels."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Final, cast

import msgspec

from callcentre.kernel.event import Event
from callcentre.telephony.ari.bridges import Bridges
from callcentre.telephony.ari.channels import Channels
from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.clock import AsteriskClock
from callcentre.telephony.ari.http import HttpError, ResponseReader
from callcentre.telephony.ari.model import AriError
from callcentre.telephony.ari.operation import OPERATIONS, Reply, Request
from callcentre.telephony.ari.questions import NothingToAskThrough
from callcentre.telephony.ari.reading import Reader
from callcentre.telephony.ari.server import Asterisk
from callcentre.telephony.ari.steps import Steps
from callcentre.telephony.ari.websocket import Closed, FrameReader, ProtocolError
from callcentre.telephony.ari.wire import read, sets_another_variable
from callcentre.telephony.events import Channel
from callcentre.telephony.queue_view.callers import queue_priority, with_variables
from callcentre.telephony.queue_view.following import other_half
from callcentre.telephony.queue_view.model import Live
from callcentre.telephony.queue_view.queue_application import given_by, queue_run_by, runs_queue
from callcentre.telephony.queue_view.variables import reason_of, whole_number
from scripts.fuzzing.target import Target, encoded, pieces_of, text_of

_LOOP: Final = asyncio.new_event_loop()
atexit.register(_LOOP.close)
_AT: Final = datetime(2026, 11, 22, 5, 28, 16, tzinfo=UTC)
_HEAD: Final = b"HTTP/1.1 200 OK\r\nServer: Asterisk/22.10.1\r\nContent-type: application/json\r\n"
_CHANNEL: Final = (
    b'"channel":{"id":"1795325295.0","name":"PJSIP/trunk-00000000","caller":{"name":"Matti","number":"+358401112222"},'
    b'"dialplan":{"context":"from-trunk","exten":"+358912345678","priority":1,"app_name":"Answer","app_data":""},"language":"en"}'
)
_KINDS: Final = (
    (b"ChannelCreated", b'"a":1'),
    (b"ChannelDialplan", b'"dialplan_app":"Queue","dialplan_app_data":"support,t"'),
    (b"Dial", b'"caller":{"id":"1.1"},"peer":{"id":"2.1","name":"PJSIP/a-1"},"dialstatus":"ANSWER"'),
    (b"ChannelEnteredBridge", b'"bridge":{"id":"b","channels":["1795325295.0","2.1"]}'),
    (b"ChannelDtmfReceived", b'"digit":"5"'),
    (b"ChannelHangupRequest", b'"cause":16,"soft":true'),
    (b"ChannelVarset", b'"variable":"QUEUEPOSITION","value":"2"'),
    (b"StasisStart", b'"args":["enter","support","1795325295","3"]'),
    (b"StasisEnd", b'"b":[[]]'),
    (b"PlaybackFinished", b'"playback":{"id":"p"}'),
    (b"ChannelDestroyed", b'"cause":17'),
)
_EVENTS: Final = tuple(
    b'{"type":"%b","timestamp":"2026-11-22T05:28:15.804+0000",%b,%b}' % (kind, more, _CHANNEL) for kind, more in _KINDS
)


def _response(data: bytes) -> None:
    """The bytes of the connection in pieces; an empty last piece means that it is closed."""
    reader, pieces = ResponseReader(), pieces_of(data)
    with suppress(HttpError):
        for piece in pieces:
            answer = reader.feed(piece)
            assert answer is None or 200 <= answer.status <= 999 or answer.status == 101
            assert answer is None or len(answer.body) <= len(data)
        reader.close()


def _frames(data: bytes) -> None:
    texts: list[bytes] = []
    controls: list[tuple[int, bytes]] = []
    reader = FrameReader(
        text=texts.append, control=lambda code, payload: controls.append((code, payload)), largest=1_000
    )
    try:
        for piece in pieces_of(data, b"\xfe"):
            reader.feed(piece)
    except Closed as closed:
        assert 0 <= closed.code <= 65_535
    except ProtocolError as error:
        assert error.code in {1002, 1003, 1009}
    assert all(len(text) <= 1_000 for text in texts)
    assert all(code in {9, 10} and len(payload) <= 125 for code, payload in controls)


def _events(data: bytes) -> None:
    """The frames of one connection, cut at line ends, with the clocks compared in between."""
    clock, steps = AsteriskClock(), Steps()
    for number, frame in enumerate(data.split(b"\n")):
        at = _AT + timedelta(seconds=number)
        if number % 3 == 1:
            clock.answered(at + timedelta(seconds=number), at, at)
        sets_another_variable(frame, 0, len(frame))
        if steps.repeats(frame):
            continue
        # What `AsteriskLink.hear` counts as unreadable.
        with suppress(msgspec.MsgspecError, ValueError, RecursionError):
            event = read(frame, at, clock.heard)
            assert event is None or isinstance(event, Event)
            assert clock.late is not None
            if event is not None:
                steps.heard(event)
                _look_at(event, at)


def _look_at(event: Event, at: datetime) -> None:
    channel = getattr(event, "channel", None)
    when = getattr(event, "when", at)
    assert when.tzinfo is not None
    assert isinstance(when - at, timedelta)
    for name in ("value", "number", "caller_name"):
        assert getattr(event, name, "").isprintable()
    if isinstance(channel, Channel):
        assert channel.number.isprintable()
        assert channel.caller_name.isprintable()
        _look_at_application(channel, at)


def _look_at_application(channel: Channel, at: datetime) -> None:
    queue = queue_run_by(channel.app, channel.app_data)
    assert queue is None or "," not in queue
    runs_queue(channel)
    given_by(channel, at)
    other_half(channel.name)


def _answers(data: bytes) -> None:
    """An answer of REST: which operation, its status, and its body."""
    if len(data) < 3:
        return
    operation = list(OPERATIONS.values())[data[0] % len(OPERATIONS)]
    try:
        operation.answer(Reply(100 + data[1] * 2, data[2:]))
    except AriError as error:
        assert str(error)


def _variables(data: bytes) -> None:
    values = [text_of(piece) for piece in pieces_of(data)]
    names = ("QUEUE_PRIO", "CALLINGNUMPRES_SV", "FROM_DID", "RGPREFIX", "CALLCENTRE_LANGUAGE", "CALLERID(num-pres)")
    with_variables(Live(call="1.1", name="PJSIP/x-1"), dict(zip(names, values, strict=False)))
    for value in values:
        assert -(2**31) <= queue_priority(value) < 2**31
        number = whole_number(value)
        assert number is None or 0 <= number < 2**63
        assert reason_of(value).isprintable()


class _Asterisk:
    """Answers every question with the next piece, and lists the channels of one of them."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)

    async def send(self, request: Request) -> Reply:
        piece = next(self._pieces, b"")
        if "/variable" in request.target:
            return Reply(200, msgspec.json.encode({"value": piece.decode("utf-8", "replace")}))
        return Reply(200, piece or b"[]")


def _queues(data: bytes) -> None:
    """What app_queue says of its callers and members, and what channels say of themselves."""
    transport = _Asterisk(pieces_of(data))
    client = cast(
        "Client",
        SimpleNamespace(channels=Channels(transport), bridges=Bridges(transport), asterisk=Asterisk(transport)),
    )
    reader = Reader(
        client, "callcentre", alive=lambda: iter(["1.1"]), expected=lambda _queue: range(1, 3), clock=lambda: _AT
    )

    async def ask() -> None:
        with suppress(AriError, NothingToAskThrough):
            reading = (await reader.queue("support", complete=True, members=True)).reading
            assert 0 <= len(reading.places) <= reading.waiting
        with suppress(AriError, NothingToAskThrough):
            for one in (await reader.queues(["support", "sales"], ["other"])).readings:
                assert one.waiting >= 0
        with suppress(AriError, NothingToAskThrough):
            await reader.everything(["support"], ["1.1"])

    _LOOP.run_until_complete(ask())


TARGETS: Final = (
    Target(
        name="HTTP answers", reads="the bytes of ARI's REST connections: Asterisk, or what answers in its place", check=_response,
        seeds=(
            _HEAD + b'Content-Length: 13\r\n\r\n{"value":"1"}', _HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n01 ;a=b\r\n}\r\n0\r\n\r\n",
            _HEAD + b"\r\nall of it", b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n\xffHTTP/1.0 200\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\x02hi", _HEAD + b"Content-Length: 999999999999999\r\n\r\nx",
        ),
    ),
    Target(
        name="WebSocket frames", reads="the bytes of ARI's event stream", check=_frames,
        seeds=(b"\x81\x02{}", b"\x01\x01{\x80\x01}", b"\x89\x00\x8a\x01x", b"\x88\x02\x03\xe8", b"\x81\x7e\x00\x80" + b"x" * 128,
               b"\x81\x7f" + b"\x00" * 6 + b"\x10\x00", b"\xc1\x00", b"\x81\xfe\x81\x80"),
    ),
    Target(
        name="ARI events", reads="Asterisk's events: numbers, names and digits in them are anybody's", check=_events,
        seeds=(
            *_EVENTS, b"\n".join(_EVENTS),
            *(b"\n".join([_EVENTS[1]] * 3).replace(b"2026-11-22T05:28:15.804+0000", time, 2) for time in (
                b"2026-11-22", b"0001-01-01T00:00:00+00:00", b"9999-12-31T23:59:59+14:00", b"1970-01-01T00:00:00Z")),
        ),
    ),
    Target(
        name="ARI answers", reads="the bodies of ARI's REST answers", check=_answers,
        seeds=tuple(
            bytes((number, status)) + body
            for number, body in enumerate((b'{"value":"x"}', b'[{"id":"1.1","channels":["2"]}]', b'{"message":"no"}', b'{"id":"1","caller":{"number":"4"}}', b"<html>", b'{"timestamp":"2026-11-22T05:28:15.804+0000"}'))
            for status in (50, 152, 200)
        ),
    ),
    Target(
        name="channel variables", reads="variables of channels: a trunk's dialled number and priority among them", check=_variables,
        seeds=(b"10\xffprohib\xff0912345678\xffSales:\xfffi\xffallowed", *encoded("-5", "+3 x", "99999999999", "TIMEOUT", "\u0665")),
    ),
    Target(
        name="queue answers", reads="app_queue's counts, callers and members, through functions of the dialplan", check=_queues,
        seeds=(
            b"2\x1e1\x1e2\x1e3\x1ePJSIP/a-1\x1ePJSIP/b-2\xffPJSIP/agent1,Local/200@from-queue/n\xff0\x1e1\xffNOT_INUSE\x1eINUSE\xff\xff",
            b"0\x1e0\x1e0\x1e0\xff1\x1e1\x1e0\xff1\x1e0\x1e0\x1e0\x1e0", b"99\x1e99\xff\x1e\x1e", b"9" * 30,
            b'{"timestamp":"2026-11-22T05:28:15.804+0000"}\xff[{"id":"1.1","name":"PJSIP/x-1","dialplan":{"app_name":"Queue","app_data":"support"}}]\xff[]\xff1\xffsupport\x1e1795325295\x1e',
        ),
    ),
)  # fmt: skip
