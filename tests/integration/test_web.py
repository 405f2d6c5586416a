"""The web server over real sockets: hooks, health, metrics, and whatever else comes in from a network."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_network
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import Counter
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from callcentre.kernel.event import Event
from callcentre.kernel.program import Health
from callcentre.messaging.events import Delivery, DeliveryReported, TextReceived
from callcentre.messaging.gateways.console import ConsoleGateway
from callcentre.web.server import CannotListen, WebServer
from tests.integration.hooked import API_TOKEN, AT, TOKEN, Client, Daemon

MO = f"/hooks/kannel/mo?token={quote(TOKEN)}&id=u-1&from=%2B358401112222&to=18222&text=SOITA&ts=1"
DLR = f"/hooks/kannel/dlr?token={quote(TOKEN)}&message=m-1&type=1"
RECEIVED = TextReceived(
    at=AT, gateway="kannel", gateway_id="u-1", sender="+358401112222", recipient="18222", body="SOITA"
)
REPORTED = DeliveryReported(at=AT, message="m-1", delivery=Delivery.DELIVERED)


@pytest.fixture
async def daemon() -> Daemon:
    running = Daemon()
    running.open.set()
    return running


@pytest.fixture
async def client(daemon: Daemon) -> AsyncIterator[Client]:
    server = WebServer("127.0.0.1:0", daemon.app())
    await server.start()
    yield Client(server.address)
    await server.stop()


# --- hooks: what is taken ------------------------------------------------------------------------


@pytest.mark.parametrize(("target", "event"), [(MO, RECEIVED), (DLR, REPORTED)])
async def test_a_hook_stores_its_event_and_answers_with_nothing(
    client: Client, daemon: Daemon, target: str, event: Event
) -> None:
    answer = await client.get(target)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Type"] == "text/plain"
    assert daemon.stored == [event]


async def test_a_hook_takes_a_posted_form(client: Client, daemon: Daemon) -> None:
    target, _, form = MO.partition("&")
    assert (await client.post(target, form.encode())).status == 200
    assert daemon.stored == [RECEIVED]


async def test_a_hook_answers_only_after_the_event_is_stored(client: Client, daemon: Daemon) -> None:
    daemon.open.clear()
    asking = asyncio.create_task(client.get(MO))
    await daemon.storing.wait()
    assert not asking.done()
    daemon.open.set()
    assert (await asking).status == 200
    assert daemon.stored == [RECEIVED]


async def test_an_event_that_is_not_stored_in_time_is_asked_for_again(daemon: Daemon) -> None:
    daemon.open.clear()
    server = WebServer("127.0.0.1:0", daemon.app(0.05))
    await server.start()
    answer = await Client(server.address).get(MO)
    await server.stop()
    assert (answer.status, answer.body) == (503, b"not stored in time, try again\n")


async def test_an_event_is_stored_even_when_the_gateway_hangs_up(client: Client, daemon: Daemon) -> None:
    daemon.open.clear()
    _, writer = await asyncio.open_connection(*client.address)
    writer.write(f"GET {MO} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await daemon.storing.wait()
    writer.close()
    await writer.wait_closed()
    await client.get("/health")
    daemon.open.set()
    await client.get("/health")
    assert daemon.stored == [RECEIVED]


async def test_a_report_of_nothing_we_keep_is_taken_and_forgotten(client: Client, daemon: Daemon) -> None:
    answer = await client.get(DLR.replace("type=1", "type=0"))
    assert (answer.status, daemon.stored) == (200, [])


async def test_every_octet_of_a_text_arrives(client: Client, daemon: Daemon) -> None:
    body = "ä€😀\n+&=#% %00x\u202e"
    assert (await client.get(MO.replace("SOITA", quote(body)))).status == 200
    assert isinstance(daemon.stored[0], TextReceived)
    assert daemon.stored[0].body == body


# --- hooks: what is turned away ------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "/hooks/kannel/mo",
        "/hooks/kannel/mo?token=",
        "/hooks/kannel/mo?token=wrong",
        "/hooks/kannel/dlr?token=wrong&message=m&type=1",
        "/hooks/nobody/mo?token=wrong",
        f"/hooks/kannel/mo?token={quote(TOKEN)}&token=wrong",
        f"/hooks/kannel/mo?token={quote(TOKEN)}x",
        "/hooks/kannel/mo?token=%ff%zz",
        "/hooks/kannel/mo?token=wrong&text=" + "x" * 20_000,
        "/metrics",
        "/metrics?token=wrong",
        f"/metrics?token={quote(TOKEN)}",
        f"/hooks/kannel/mo?token={quote(API_TOKEN)}",
    ],
)
async def test_without_the_token_nothing_else_is_looked_at(client: Client, daemon: Daemon, target: str) -> None:
    answer = await client.get(target)
    at_hook = target.startswith("/hooks")
    assert (answer.status, answer.body) == (403 if at_hook else 401, b"wrong or missing token\n")
    assert answer.headers.get("WWW-Authenticate") == (None if at_hook else 'Bearer realm="callcentre"')
    assert daemon.stored == []


async def test_an_empty_token_lets_nobody_in(client: Client, daemon: Daemon) -> None:
    daemon.token = daemon.hook_token = ""
    assert (await client.get("/hooks/kannel/mo?token=")).status == 403
    assert (await client.get("/metrics")).status == 401


async def test_a_token_read_again_holds_at_once(client: Client, daemon: Daemon) -> None:
    daemon.hook_token = "new"
    assert (await client.get(MO)).status == 403
    assert (await client.get(MO.replace(quote(TOKEN), "new"))).status == 200


async def test_a_hook_of_another_gateway_is_not_there(client: Client, daemon: Daemon) -> None:
    assert (await client.get(MO.replace("kannel", "twilio"))).status == 404
    daemon.gateway = ConsoleGateway()
    assert (await client.get(MO)).status == 404
    assert (await client.get(MO.replace("kannel", "console"))).status == 400
    assert daemon.stored == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("&text=%zz", "a percent sign begins no escape"),
        ("&text=%", "a percent sign begins no escape"),
        ("&text=%ff%fe", "an escape is no UTF-8"),
        ("&text=%ed%a0%bd", "an escape is no UTF-8"),
        ("&id=1&from=2&to=3&text=a%00b", "text holds a character that no text has"),
        ("&id=", "id is empty"),
        ("&id=1&id=2", "a field is given twice"),
        ("", "id is missing"),
        ("&a" * 101, "more than 100 fields"),
    ],
)
async def test_nonsense_is_answered_with_one_plain_line(client: Client, daemon: Daemon, query: str, said: str) -> None:
    for answer in (
        await client.get(f"/hooks/kannel/mo?token={quote(TOKEN)}{query}"),
        await client.post(f"/hooks/kannel/mo?token={quote(TOKEN)}", query.encode()),
    ):
        assert (answer.status, answer.body) == (400, f"{said}\n".encode())
        assert answer.headers["Content-Type"].startswith("text/plain")
    assert daemon.stored == []


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({"Content_Type": "application/json"}, b'{"id": 1}', "the body is no form"),
        ({"Content_Type": "multipart/form-data; boundary=x"}, b"--x", "the body is no form"),
        ({"Content_Encoding": "gzip"}, b"\x1f\x8b\x08", "the body is compressed"),
        ({}, b"text=\xff\xfe", "what is no ASCII must be escaped"),
    ],
)
async def test_a_body_that_is_no_form_is_nonsense(
    client: Client, daemon: Daemon, headers: dict[str, str], body: bytes, said: str
) -> None:
    answer = await client.post(MO, body, **headers)
    assert (answer.status, answer.body) == (400, f"{said}\n".encode())
    assert daemon.stored == []


async def test_a_query_too_long_is_told_so(client: Client, daemon: Daemon) -> None:
    for length in (9_000, 50_000):
        answer = await client.get(MO + "x" * length)
        assert (answer.status, answer.body) == (413, b"query too long\n")
    for octets in (MO + "x" * 300_000, MO + " HTTP/1.1\r\nX: " + "y" * 300_000):
        answer = await client.send(f"GET {octets}".encode())
        assert (answer.status, answer.body) == (413, b"request line or header too long\n")
    assert daemon.stored == []


@pytest.mark.parametrize("head", ["Content-Length: 99999999999", "Content-Length: 65537"])
async def test_a_body_announced_too_long_is_refused_unread(client: Client, head: str) -> None:
    answer = await client.send(f"POST {MO} HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
    assert (answer.status, answer.body) == (413, b"body too long\n")


async def test_a_body_that_grows_too_long_is_refused(client: Client, daemon: Daemon) -> None:
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    head = f"POST {MO} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    answer = await client.send(head + 3 * chunk)
    assert (answer.status, answer.body) == (413, b"body too long\n")
    assert daemon.stored == []


@pytest.mark.parametrize("octets", [b"3\r\nabc\r\nzz\r\n", b"3\r\nabcdef\r\n", b"-1\r\n\r\n"])
async def test_a_body_in_broken_chunks_is_nonsense(client: Client, daemon: Daemon, octets: bytes) -> None:
    head = f"POST {MO} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    answer = await client.send(head + octets)
    assert (answer.status, answer.body) == (400, b"malformed request\n")
    assert daemon.stored == []


async def test_a_body_that_never_ends_is_not_waited_for(daemon: Daemon) -> None:
    server = WebServer("127.0.0.1:0", daemon.app(0.05))
    await server.start()
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write(f"POST {MO} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc".encode())
    assert (await reader.readline()) == b"HTTP/1.1 503 Service Unavailable\r\n"
    writer.close()
    await server.stop()


# --- anything at all -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 s3cret\r\n\r\n",
        b"GET /hooks/kannel/mo?token=s3cret\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /hooks/kannel/mo?token=s3cret x y HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://[::1/s3cret HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT s3cret:x HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /s3cret HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nbad header s3cret\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5 s3cret\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\ns3cret",
        b"\x00" * 10_000,
    ],
)
async def test_what_is_no_http_gets_one_plain_line_and_leaves_no_trace_of_itself(client: Client, octets: bytes) -> None:
    with capture_logs() as logged:
        answer = await client.send(octets)
    assert (answer.status, answer.body) == (400, b"malformed request\n")
    assert "s3cret" not in repr(logged)


@given(junk=st.binary(max_size=200).map(lambda octets: octets.translate(None, b"\r\n")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_no_octets_in_a_request_line_break_the_server(client: Client, junk: bytes) -> None:
    with capture_logs() as logged:
        answer = await client.send(b"GET " + DLR.encode() + junk + b" HTTP/1.0\r\n\r\n")
    assert answer.status in {200, 400, 403, 404}
    assert not [line for line in logged if line["log_level"] == "error"]


@given(body=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_no_octets_in_a_form_break_the_server(client: Client, body: bytes) -> None:
    with capture_logs() as logged:
        answer = await client.post(DLR, body)
    assert answer.status in {200, 400}
    assert not [line for line in logged if line["log_level"] == "error"]


@pytest.mark.parametrize(
    ("method", "target", "status", "body"),
    [
        ("GET", "/", 404, b"not found\n"),
        ("GET", "/nowhere", 404, b"not found\n"),
        ("GET", "/hooks/kannel", 404, b"not found\n"),
        ("GET", "/../../etc/passwd", 404, b"not found\n"),
        ("GET", "/hooks/%2e%2e/%00/mo", 404, b"not found\n"),
        ("PUT", MO, 405, b"method not allowed\n"),
        ("HEAD", MO, 405, b""),
        ("POST", "/health", 405, b"method not allowed\n"),
        ("OPTIONS", "*", 404, b"not found\n"),
        ("HEAD", "/health", 200, b""),
    ],
)
async def test_other_paths_and_methods_get_a_plain_answer(
    client: Client, daemon: Daemon, method: str, target: str, status: int, body: bytes
) -> None:
    answer = await client.ask(method, target)
    assert (answer.status, answer.body) == (status, body)
    assert daemon.stored == []


async def test_an_unexpected_error_tells_nothing_outside_and_its_kind_in_the_log(
    client: Client, daemon: Daemon
) -> None:
    daemon.broken = RuntimeError("SOITA +358401112222 s3cret")
    with capture_logs() as logged:
        answer = await client.get(MO)
    assert (answer.status, answer.body) == (500, b"internal error\n")
    [line] = logged
    assert line["error"] == "RuntimeError"
    assert line["page"] == "/hooks/{gateway}/mo"
    assert line["where"].startswith("test_web.py:")
    for secret in ("SOITA", "358401112222", "s3cret"):
        assert secret not in repr(logged)


async def test_a_hook_that_is_turned_away_is_logged_without_what_it_brought(client: Client) -> None:
    with capture_logs() as logged:
        await client.get(MO.replace(quote(TOKEN), "s3cret"))
        await client.get(MO + "&id=evil%0a")
        await client.get(MO.replace("kannel", "evil%0a"))
    assert [line["reason"] for line in logged] == [
        "wrong or missing token",
        "a field is given twice",
        "sms.gateway is kannel",
    ]
    for outside in ("s3cret", "evil", "SOITA"):
        assert outside not in repr(logged)


async def test_no_answer_names_the_libraries_behind_it(client: Client) -> None:
    for octets in (f"GET {MO} HTTP/1.0\r\n\r\n".encode(), b"GET /x HTTP/1.0\r\n\r\n", b"nonsense\r\n\r\n"):
        assert (await client.send(octets)).headers["Server"] == "callcentre"


# --- health and metrics --------------------------------------------------------------------------


async def test_health_says_ready_to_everybody(client: Client) -> None:
    answer = await client.get("/health")
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ready"})
    assert answer.headers["Content-Type"] == "application/json"


async def test_health_says_why_the_daemon_is_not_ready(client: Client, daemon: Daemon) -> None:
    daemon.health = Health(False, {"asterisk": "no connection (10.0.0.1)", "database": "/var is full"}, {"waiting": 3})
    plain = {"status": "not ready", "reason": "asterisk"}
    answer = await client.get("/health")
    assert (answer.status, json.loads(answer.body)) == (503, plain)
    answer = await client.get("/health", Authorization=f"Bearer {API_TOKEN}")
    assert (answer.status, json.loads(answer.body)) == (
        503, plain | {"reasons": ["no connection (10.0.0.1)", "/var is full"], "details": {"waiting": 3}}
    )  # fmt: skip
    for wrong in ("wrong", TOKEN):
        answer = await client.get("/health", Authorization=f"Bearer {wrong}")
        assert (answer.status, answer.body) == (401, b"wrong or missing token\n")


async def test_health_says_no_figures_to_strangers(client: Client, daemon: Daemon) -> None:
    daemon.health = Health(True, details={"calls": 3})
    assert json.loads((await client.get("/health")).body) == {"status": "ready"}


# --- wrong tokens --------------------------------------------------------------------------------


async def test_many_wrong_tokens_are_slowed_down_and_leave_two_lines_and_a_right_one_opens(client: Client) -> None:
    with capture_logs() as logged:
        answers = [await client.get(MO.replace(quote(TOKEN), f"guess{number}")) for number in range(60)]
        right = await client.get(MO)
    assert [answer.status for answer in answers] == [403] * 30 + [429] * 30
    assert {answer.headers.get("Retry-After") for answer in answers[30:]} == {"60"}
    assert right.status == 200
    assert [(line["event"], line["address"]) for line in logged] == [("hook refused", "127.0.0.1")]


async def test_behind_a_trusted_proxy_each_client_has_its_own_count(daemon: Daemon) -> None:
    async def guess(client: Client, forwarded: str) -> int:
        return (await client.get("/metrics?token=guess", X_Forwarded_For=forwarded)).status

    for trusted, others in ((True, 401), (False, 429)):
        daemon.proxies = [ip_network("127.0.0.1")] if trusted else []
        server = WebServer("127.0.0.1:0", daemon.app())
        await server.start()
        client = Client(server.address)
        assert [await guess(client, "198.51.100.7") for _ in range(31)][-1] == 429
        # The proxy adds the address that it saw to what the client made up.
        assert await guess(client, "203.0.113.9, 198.51.100.7") == 429
        assert await guess(client, "198.51.100.8") == others
        await server.stop()


@pytest.mark.parametrize("by", ["query", "header"])
async def test_metrics_are_told_in_the_format_of_prometheus(client: Client, daemon: Daemon, by: str) -> None:
    Counter("texts", "Texts sent.", ["kind"], registry=daemon.registry).labels('we"l\ncome').inc(2)
    answer = (
        await client.get(f"/metrics?token={quote(API_TOKEN)}")
        if by == "query"
        else await client.get("/metrics", Authorization=f"Bearer {API_TOKEN}")
    )
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    samples = [
        (sample.name, sample.labels, sample.value)
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    ]
    assert ("texts_total", {"kind": 'we"l\ncome'}, 2.0) in samples


# --- listening -----------------------------------------------------------------------------------


async def test_an_address_in_use_is_told_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen) as reported:
            await WebServer(f"127.0.0.1:{port}", Daemon().app()).start()
    assert str(reported.value) == (
        f"http.listen: cannot listen on 127.0.0.1:{port}: Address already in use; "
        "stop what uses this address, or choose another"
    )


async def test_a_request_under_way_is_answered_before_the_server_is_gone(daemon: Daemon) -> None:
    daemon.open.clear()
    server = WebServer("127.0.0.1:0", daemon.app())
    await server.start()
    client = Client(server.address)
    asking = asyncio.create_task(client.get(MO))
    await daemon.storing.wait()
    stopping = asyncio.create_task(server.stop())
    daemon.open.set()
    assert (await asking).status == 200
    await stopping
    with pytest.raises(ConnectionError):
        await client.get("/health")


async def test_an_ipv6_address_is_listened_on() -> None:
    server = WebServer("[::1]:0", Daemon(health=Health(True)).app())
    await server.start()
    assert (await Client(server.address).get("/health")).status == 200
    await server.stop()
