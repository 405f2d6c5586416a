"""What comes over HTTP: requests to the web server, hooks, bodies of `/api`, forms of surveys, answers of gateways."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any, Final, cast
from urllib.parse import parse_qsl, quote

import structlog
from prometheus_client import CollectorRegistry

from callcentre.features.callbacks.web import _new_callback
from callcentre.features.surveys.model import COMMENT, LONGEST_ANSWER, MOST_ANSWERS, SATISFACTION, name_of
from callcentre.features.surveys.outside.api import _answers as answers_of_results
from callcentre.features.surveys.outside.page import _answers as answers_of_form
from callcentre.features.surveys.outside.page import _filled
from callcentre.features.surveys.page_words import WORDS
from callcentre.kernel.event import Event
from callcentre.kernel.program import Health
from callcentre.messaging import hooks
from callcentre.messaging.events import Accepted, DeliveryReported, Handover, TextReceived
from callcentre.messaging.gateways import elks, kannel, twilio
from callcentre.messaging.gateways.gateway import BadHook, Gateway, HookRequest
from callcentre.messaging.hooks import _once_each, _pairs
from callcentre.values.lines import is_line
from callcentre.web.exchange import ApiRefusal
from callcentre.web.peers import client_of, customer_of
from callcentre.web.ports import WebPorts
from callcentre.web.server import WebServer, build
from scripts.fuzzing.target import Target, encoded, is_one_line, pieces_of, text_of

_AT: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_TOKEN: Final = "s3cret/\u00e4"
_GATEWAYS: Final[tuple[Gateway, ...]] = (
    kannel.KannelGateway("http://127.0.0.1:1/", "u", "p", "http://127.0.0.1:2/", _TOKEN),
    elks.ElksGateway("http://127.0.0.1:1/", "u", "p", "http://127.0.0.1:2/", _TOKEN),
    twilio.TwilioGateway("http://127.0.0.1:1/", "AC" + "0" * 32, "auth", "http://127.0.0.1:2/hooks/twilio/dlr", _TOKEN),
)


# --- hooks ---------------------------------------------------------------------------------------


def _hook(data: bytes) -> None:
    """The query and the form of a hook; the first byte says which gateway."""
    if not data:
        return
    gateway = _GATEWAYS[data[0] % len(_GATEWAYS)]
    query, *form = (piece.decode("latin-1") for piece in pieces_of(data[1:]))
    try:
        fields = _once_each([*_pairs(query), *(_pairs(form[0]) if form else [])])
    except BadHook as wrong:
        assert is_one_line(str(wrong), 100)
        return
    headers = {"X-Twilio-Signature": form[-1] if form else ""}
    genuine = gateway.is_genuine(HookRequest("mo", query, fields, headers))
    assert genuine is not isinstance(gateway, twilio.TwilioGateway)
    for read in (gateway.read_text, gateway.read_report):
        try:
            _is_bounded(read(fields, _AT))
        except BadHook as wrong:
            assert is_one_line(str(wrong), 100)


def _is_bounded(event: TextReceived | DeliveryReported | None) -> None:
    match event:
        case TextReceived():
            for value in (event.gateway_id, event.sender, event.recipient):
                assert 0 < len(value) <= 200
                assert "\0" not in value
            assert "\0" not in event.body
            event.body.encode()
        case DeliveryReported():
            assert 0 < len(event.message) <= 200


# --- answers of gateways ------------------------------------------------------------------------


_OUTCOMES: Final[tuple[Callable[[int, str], Handover], ...]] = (kannel.outcome, elks.outcome, twilio.outcome)


def _gateway(data: bytes) -> None:
    """An answer of a gateway: which one, the status, and the body."""
    if len(data) < 2:
        return
    status = 100 + data[1] * 2
    found = _OUTCOMES[data[0] % len(_OUTCOMES)](status, data[2:].decode("utf-8", "replace"))
    if isinstance(found, Accepted):
        assert 200 <= status < 300
    else:
        assert is_one_line(found.reason, 1_000), found.reason


# --- bodies of /api and forms -------------------------------------------------------------------


def _callback(data: bytes) -> None:
    try:
        wanted = _new_callback(data)
    except ApiRefusal as refusal:
        _is_refused(refusal)
    else:
        assert 1 <= len(wanted.number) <= 40
        assert 1 <= len(wanted.service) <= 60
        assert len(wanted.name) <= 80
        assert all(map(is_line, (wanted.number, wanted.service, wanted.name)))


def _is_refused(refusal: ApiRefusal) -> None:
    assert refusal.status == 400
    answer = refusal.answer()
    assert isinstance(answer.body, bytes)
    assert len(answer.body) < 20_000
    answer.body.decode()


def _results(data: bytes) -> None:
    try:
        answers = answers_of_results(data)
    except ApiRefusal as refusal:
        _is_refused(refusal)
    else:
        assert 1 <= len(answers) <= MOST_ANSWERS
        assert len({one.question for one in answers}) == len(answers)
        for one in answers:
            assert one.value is None or -1000 <= one.value <= 1000
            assert one.answer is None or len(one.answer) <= LONGEST_ANSWER
            (one.answer or "").encode()


def _form(data: bytes) -> None:
    try:
        fields = dict(parse_qsl(data.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=20))
    except ValueError:
        return
    for words in WORDS.values():
        filled = _filled(fields, words)
        for answer in answers_of_form(filled):
            assert answer.question in {SATISFACTION, COMMENT}
            if not filled.mistakes:
                assert len(answer.answer or "") <= LONGEST_ANSWER
                (answer.answer or "").encode()
    assert len(name_of(text_of(data))) == 16


def _address(data: bytes) -> None:
    """The connection's address and X-Forwarded-For: that of whoever connects, and of the proxies."""
    peer, *forwarded = (piece.decode("latin-1") for piece in pieces_of(data))
    for proxies in ([], [ip_network("127.0.0.1")], [ip_network("::/0"), ip_network("0.0.0.0/0")]):
        client = client_of(peer, forwarded, proxies)
        assert client == peer or is_one_line(client, 45), client
        customer_of(client)


# --- requests ------------------------------------------------------------------------------------


_ROUNDS: Final = 60


class _Client(asyncio.Protocol):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.heard = bytearray()
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.heard += data

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.closed = True


class _Server:
    """The web server with the hooks of Kannel, on a socket of this machine. What it stores and logs is looked at."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.logged: list[Mapping[str, Any]] = []
        ports = WebPorts(
            submit=self._submit, token=lambda: "other", health=lambda: Health(ready=True), registry=CollectorRegistry(),
            clock=lambda: _AT, trusted_proxies=list,
        )  # fmt: skip
        self._server = WebServer("127.0.0.1:0", build(ports, hooks.routes(ports, lambda: _GATEWAYS[0], lambda: _TOKEN)))
        self.loop.run_until_complete(self._server.start())

    async def _submit(self, event: Event) -> None:
        assert isinstance(event, TextReceived | DeliveryReported)
        _is_bounded(event)

    def ask(self, octets: bytes) -> bytes:
        """Everything that is answered to these octets, after which nothing more comes."""
        return self.loop.run_until_complete(self._ask(octets))

    async def _ask(self, octets: bytes) -> bytes:
        """The server runs in the same loop, so after some rounds of it nothing more comes."""
        client = _Client()
        await self.loop.create_connection(lambda: client, *self._server.address)
        client.transport.write(octets)
        for _ in range(_ROUNDS):
            await asyncio.sleep(0)
            if client.closed:
                break
        client.transport.abort()
        return bytes(client.heard)

    def note(self, _logger: Any, _method: str, line: Mapping[str, Any]) -> Any:
        self.logged.append(line)
        raise structlog.DropEvent


_SERVERS: Final[list[_Server]] = []


def _request(data: bytes) -> None:
    if not _SERVERS:
        _SERVERS.append(_Server())
    server = _SERVERS[0]
    before = structlog.get_config()["processors"]
    structlog.configure(processors=[server.note])
    try:
        answer = server.ask(data)
    finally:
        structlog.configure(processors=before)
    lines, server.logged = server.logged, []
    assert not [line for line in lines if line.get("event") == "web request failed"], lines
    assert not any(b"HTTP/%b 500" % version in answer for version in (b"0.9", b"1.0", b"1.1"))
    # A line without a version is a request of HTTP/0.9 to aiohttp. It needs the token like any other.
    assert not answer or answer.startswith((b"HTTP/1.", b"HTTP/0.9 "))
    for line in lines:
        assert is_one_line(repr(line), 500), line


_MO: Final = f"/hooks/kannel/mo?token={quote(_TOKEN)}&id=u-1&from=%2B358401112222&to=18222&text=SOITA&ts=1".encode()
_POST: Final = b"POST /hooks/kannel/dlr HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer s3cret/\xc3\xa4\r\nContent-Type: application/x-www-form-urlencoded\r\n"

TARGETS: Final = (
    Target(
        name="hooks", reads="the query, form and signature of gateways' hooks: anybody with the token", check=_hook,
        seeds=(
            b"\x00id=u-1&from=%2B358401112222&to=18222&text=SOITA", b"\x00message=m-1&type=1", b"\x01message_id=m&status=delivered\xffid=s1&from=%2B46701&to=%2B46702&message=a+b",
            b"\x02message=m&token=t\xffMessageSid=SM1&From=%2B1&To=%2B2&Body=x&OptOutType=STOP&MessageStatus=failed&ErrorCode=21610\xffc2ln",
            b"\x00text=%FF&id=%00", b"\x01a=1&a=2&b=%u1234", b"\x00id=%ED%A0%80&from=%F0%9F%98%80&to=1&text=",
        ),
    ),
    Target(
        name="answers of gateways", reads="the body with which a gateway answers a text", check=_gateway,
        seeds=(
            b"\x00\x330: Accepted for delivery", b"\x00\x9aMissing receiver number", b'\x01\x32{"id":"s1","status":"created"}',
            b'\x02\x32{"sid":"SM1","status":"queued","error_code":null}', b'\x02\x96{"code":21610}', b"\x01\x97040 111 2222 is no number",
            b'\x01\x32{"id":"\\u0000\\n","status":"x"}', b"\x02\x32[[[[",
        ),
    ),
    Target(
        name="callback requests", reads="bodies of POST /api/callbacks: systems with the token, and what people typed there", check=_callback,
        seeds=encoded(
            '{"number": "+358401234567", "service": "support"}', '{"number":"040","service":"s","name":"\\u202e","by":"staff"}',
            '{"number":1}', "[" * 50, '{"number":"\\ud800","service":"a"}', '{"number":"1","number":"2","service":"x","more":1}',
        ),
    ),
    Target(
        name="survey results", reads="bodies of POST /api/surveys/{token}: outside surveys, and what people typed there", check=_results,
        seeds=encoded(
            '{"answers":[{"question":"satisfaction","value":5}]}', '{"answers":[{"question":"a","answer":"b","metric":"nps","value":11},{"question":"a"}]}',
            '{"answers":[1,null,{"question":""}]}', '{"answers":[{"question":"q","answer":"a\\u0308\\u0000"}]}', '{"answers":[{"question":"q","value":1e400}]}',
        ),
    ),
    Target(
        name="survey forms", reads="the form and the token of a survey's page: anybody with a link", check=_form,
        seeds=encoded("satisfaction=5&comment=hyv%C3%A4%0D%0A", "satisfaction=%31&comment=%FF%00", "comment=" + "x" * 1_001, "&&=&satisfaction=5;a"),
    ),
    Target(
        name="addresses of clients", reads="X-Forwarded-For: anybody, and the proxies", check=_address,
        seeds=(b"127.0.0.1\xff198.51.100.7, 203.0.113.9", b"::1\xff2001:db8::1, fe80::1%eth0\xff::ffff:1.2.3.4", b"127.0.0.1\xff,,999.1.1.1", b"unknown\xff1"),
    ),
    Target(
        name="HTTP requests", reads="the bytes of connections to the web server: anybody", check=_request, sockets=True,
        seeds=(
            b"GET " + _MO + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"GET " + _MO + b" HTTP/1.0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n",
            _POST + b"Content-Length: 18\r\n\r\nmessage=m-1&type=1", _POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nmessa\r\n0\r\n\r\n",
            _POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n",
            b"GET /metrics?token=other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /health HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nExpect: 100-continue\r\n\r\n",
            b"GET /hooks/%2e%2e/%00/mo?token=\xff HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: \xe4\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ),
    ),
)  # fmt: skip
