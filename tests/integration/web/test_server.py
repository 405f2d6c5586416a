"""The web server over real sockets: health, metrics, tokens, and whatever else comes in from a network."""

from __future__ import annotations

import asyncio
import json
import socket
from ipaddress import ip_network
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import Counter
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from callcentre.kernel.program import Health
from callcentre.web.server import CannotListen, WebServer
from tests.integration.web_client import (
    API_TOKEN,
    DLR,
    MO,
    TOKEN,
    Client,
    Daemon,
)

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
    assert line["where"].startswith("web_client.py:")
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
        # The proxy adds the address that it saw to what the client invented.
        assert await guess(client, "203.0.113.9, 198.51.100.7") == 429
        assert await guess(client, "198.51.100.8") == others
        await server.stop()


@pytest.mark.parametrize("by", ["query", "header"])
async def test_metrics_are_in_the_format_of_prometheus(client: Client, daemon: Daemon, by: str) -> None:
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


async def test_an_address_in_use_is_reported_with_what_to_do() -> None:
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
