"""What `/api/callbacks` refuses: numbers, services, bodies, tokens, paths."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from callcentre.features.callbacks.views import Views
from callcentre.kernel.event import SettingsChanged
from tests.integration.features.callbacks.served import CHANGES, FROM_LIISA, FROM_MATTI, NONSENSE, Served
from tests.testbed.configuration import TOKEN, merged
from tests.unit.rehearsal import NOON, settings


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"number": "112"}, "emergency"),
        ({"number": "+4670123456"}, "invalid"),
        ({"number": "+46701234567"}, "foreign"),
        ({"number": "0600123456"}, "premium_rate"),
        ({"number": "PJSIP/evil"}, "invalid"),
        ({"number": "anonymous"}, "withheld"),
        ({"service": "nobody"}, "service"),
        ({"service": "mute"}, "service"),
    ],
)
async def test_a_request_that_cannot_be_met_is_refused_with_its_reason(
    served: Served, change: dict[str, str], reason: str
) -> None:
    answer = await served.requested(FROM_MATTI | change)
    assert (answer.status, answer.json["reason"]) == (422, reason)
    assert set(answer.json) == {"error", "mend", "reason"}
    assert len(served.world.callbacks) == 0


async def test_no_more_are_taken_than_may_be_open(served: Served) -> None:
    for last in range(3):
        assert (await served.requested(FROM_MATTI | {"number": f"040111222{last}"})).status == 201
    answer = await served.requested(FROM_LIISA)
    assert (answer.status, answer.json["reason"]) == (422, "full")


EXPIRE = {"services": {"support": {"callback": {"at_closing": "expire"}}}}


CLOSED = datetime(2026, 6, 5, 18, 0, tzinfo=UTC)
"""A Friday, 21:00 in Helsinki."""


@pytest.mark.parametrize(
    ("at", "at_closing", "status"),
    [(NOON, "expire", 201), (CLOSED, "carry_over", 201), (CLOSED, "expire", 422)],
)
async def test_a_request_that_would_expire_at_once_is_refused(
    served: Served, at: datetime, at_closing: str, status: int
) -> None:
    changed = settings(merged(CHANGES, EXPIRE if at_closing == "expire" else {}))
    await served.engine.settle(SettingsChanged(at=served.at, settings=changed))
    served.at = at
    answer = await served.requested(FROM_MATTI)
    assert answer.status == status
    if status == 422:
        assert answer.json["reason"] == "closed"
        assert (len(served.world.callbacks), served.facts("callback.accepted")) == (0, [])
        result = await served.command("add", "0401112222", "--service", "support")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == (
            "the service is closed, and its callbacks do not outlast closing (at_closing: expire); "
            "ask again when it is open, with another Idempotency-Key where one was sent\n"
        )


@pytest.mark.parametrize("body", NONSENSE, ids=repr)
async def test_nonsense_is_refused_as_such(served: Served, body: Any) -> None:
    answer = await served.requested(body)
    assert (answer.status, set(answer.json)) == (400, {"error", "mend"})
    assert len(served.world.callbacks.requests) == 0


@given(body=st.binary(max_size=200))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_no_octets_break_the_api(served: Served, body: bytes) -> None:
    with capture_logs() as logged:
        answer = await served.requested(body)
    assert answer.status == 400
    assert logged == []


@pytest.mark.parametrize(
    "headers", [{"Content_Type": "application/x-www-form-urlencoded"}, {"Content_Encoding": "gzip"}]
)
async def test_a_body_that_is_no_json_is_nonsense(served: Served, headers: dict[str, str]) -> None:
    assert (await served.ask("POST", "/api/callbacks", json.dumps(FROM_MATTI).encode(), **headers)).status == 400


async def test_a_body_too_long_is_refused(served: Served) -> None:
    for size in (9_000, 100_000):
        answer = await served.requested(b" " * size)
        assert (answer.status, answer.json["error"]) == (413, "body too long")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/callbacks"), ("POST", "/api/callbacks"), ("GET", "/api/callbacks/x"),
        ("DELETE", "/api/callbacks/x"), ("GET", "/api/openapi.json"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("token", ["", "wrong"])
async def test_without_the_token_nothing_is_looked_at(served: Served, method: str, path: str, token: str) -> None:
    answer = await served.ask(method, path, b"{" if method == "POST" else None, token=token)
    assert (answer.status, answer.json["error"]) == (401, "wrong or missing token")


@pytest.mark.parametrize("token", [TOKEN, "of-hooks", "wrong"])
async def test_a_token_in_the_address_opens_nothing(served: Served, token: str) -> None:
    answer = await served.ask("GET", f"/api/callbacks?token={token}", Authorization="")
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="callcentre"')
    assert answer.json["error"] == "a token in the address does not count here"
    assert "http.token" in answer.json["mend"]
    assert (await served.ask("GET", f"/api/callbacks?token={token}")).status == 200


async def test_the_token_of_hooks_opens_no_api(served: Served) -> None:
    assert (await served.ask("GET", "/api/callbacks", token="of-hooks")).status == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/", 404), ("GET", "/api/nowhere", 404), ("PUT", "/api/callbacks", 405),
        ("POST", "/api/callbacks/x", 405),
    ],
)  # fmt: skip
async def test_other_paths_and_methods_are_refused_in_json(served: Served, method: str, path: str, status: int) -> None:
    answer = await served.ask(method, path)
    assert (answer.status, set(answer.json)) == (status, {"error", "mend"})
    assert answer.headers["Content-Type"] == "application/json"


async def test_a_mistake_of_ours_tells_nothing_outside(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Views, "place", lambda *_args: 1 / 0)
    with capture_logs() as logged:
        answer = await served.requested(FROM_MATTI)
    assert (answer.status, answer.json["error"]) == (500, "internal error")
    assert [line["error"] for line in logged] == ["ZeroDivisionError"]
