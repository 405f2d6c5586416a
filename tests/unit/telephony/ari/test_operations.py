"""Requests as they are built, and replies as they are read, without a server."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from callcentre.telephony.ari import Backoff, Client
from callcentre.telephony.ari.bridges import Bridges, Playbacks
from callcentre.telephony.ari.channels import Channels
from callcentre.telephony.ari.model import (
    AriError,
    Channel,
    Conflict,
    Forbidden,
    InvalidAnswer,
    InvalidArgument,
    NotFound,
    ReadOnly,
    ServerError,
    Unreachable,
)
from callcentre.telephony.ari.operation import OPERATIONS, Reply, Request
from callcentre.telephony.ari.server import Applications, Asterisk, Endpoints

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@dataclass
class Recording:
    """A transport that keeps the requests and answers each with the same reply."""

    reply: Reply = field(default_factory=lambda: Reply(204, b""))
    requests: list[Request] = field(default_factory=list)

    async def send(self, request: Request) -> Reply:
        self.requests.append(request)
        return self.reply


def channel_reply(text: str) -> Reply:
    return Reply(200, text.encode())


@pytest.mark.parametrize(
    ("operation", "arguments", "method", "target", "body"),
    [
        ("channels.list", {}, "GET", "/channels", None),
        ("channels.answer", {"channel_id": "1.2"}, "POST", "/channels/1.2/answer", None),
        ("channels.hangup", {"channel_id": "c", "reason": "busy"}, "DELETE", "/channels/c?reason=busy", None),
        ("channels.hangup", {"channel_id": "c", "reason_code": "17"}, "DELETE", "/channels/c?reason_code=17", None),
        (
            "channels.play",
            {"channel_id": "c", "media": "sound:a", "offset_ms": 5, "playback_id": "p"},
            "POST",
            "/channels/c/play?media=sound%3Aa&offsetms=5&playbackId=p",
            None,
        ),
        (
            "channels.play_with_id",
            {"channel_id": "c", "playback_id": "p", "media": ["sound:a", "sound:b"], "skip_ms": 0},
            "POST",
            "/channels/c/play/p?media=sound%3Aa%2Csound%3Ab&skipms=0",
            None,
        ),
        (
            "channels.originate_with_id",
            {"channel_id": "c", "endpoint": "PJSIP/1@t", "timeout": 30, "variables": {"A": 1, "B": "å", "C": 1.5}},
            "POST",
            "/channels/c?endpoint=PJSIP%2F1%40t&timeout=30",
            {"variables": {"A": "1", "B": "å", "C": "1.5"}},
        ),
        (
            "channels.set_channel_var",
            {"channel_id": "c", "variable": "CALLERID(num)", "value": "+358 45"},
            "POST",
            "/channels/c/variable?variable=CALLERID%28num%29&value=%2B358%2045",
            None,
        ),
        (
            "asterisk.set_global_var",
            {"variable": "LEASE", "value": 1763788800},
            "POST",
            "/asterisk/variable?variable=LEASE&value=1763788800",
            None,
        ),
        (
            "bridges.add_channel",
            {"bridge_id": "b", "channel": "c", "absorb_dtmf": True, "mute": False},
            "POST",
            "/bridges/b/addChannel?channel=c&absorbDTMF=true&mute=false",
            None,
        ),
        (
            "applications.filter",
            {"application_name": "a", "filter": {"allowed": [{"type": "StasisStart"}]}},
            "PUT",
            "/applications/a/eventFilter",
            {"allowed": [{"type": "StasisStart"}]},
        ),
        ("device_states.get", {"device_name": "Queue:support"}, "GET", "/deviceStates/Queue%3Asupport", None),
        ("sounds.get", {"sound_id": "callcentre/offer"}, "GET", "/sounds/callcentre%2Foffer", None),
        ("recordings.stop", {"recording_name": "r"}, "POST", "/recordings/live/r/stop", None),
    ],
)
def test_arguments_go_where_the_api_wants_them(
    operation: str, arguments: dict[str, Any], method: str, target: str, body: dict[str, Any] | None
) -> None:
    request = OPERATIONS[operation].request(arguments)
    assert (request.method, request.target) == (method, target)
    assert (request.body and msgspec.json.decode(request.body)) == body


async def test_a_method_sends_its_request_and_decodes_the_answer() -> None:
    transport = Recording(channel_reply('{"id": "1.2", "state": "Up", "caller": {"number": "100", "name": ""}}'))
    channel = await Channels(transport).get("1.2")
    assert transport.requests == [Request("channels.get", "GET", "/channels/1.2", None)]
    assert (channel.id, channel.state, channel.caller.number) == ("1.2", "Up", "100")


async def test_fields_of_a_newer_asterisk_are_passed_over_and_those_missing_in_an_older_one_are_empty() -> None:
    transport = Recording(channel_reply('{"id": "1.2", "hologram": {"depth": 3}, "state": "Hovering"}'))
    assert await Channels(transport).get("1.2") == Channel(id="1.2", state="Hovering")


async def test_an_operation_without_an_answer_reads_no_body() -> None:
    transport = Recording(Reply(200, b"whatever"))
    answer: Callable[[str], Awaitable[object]] = Channels(transport).answer
    assert await answer("1.2") is None


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (400, b'{"message": "Invalid parameters"}', AriError, "Invalid parameters"),
        (401, b'{"message": "Authentication required"}', Forbidden, "Authentication required"),
        (403, b'{"message": "Access denied by ACL"}', Forbidden, "Access denied by ACL"),
        (403, b"{}", Forbidden, "{}"),
        (
            403,
            b'{"message": "Write access denied"}',
            ReadOnly,
            "Write access denied; this ARI user may only read: write read_only=no into its section of ari.conf, then "
            "`module reload res_ari.so`",
        ),
        (404, b'{"message": "Channel not found"}', NotFound, "Channel not found"),
        (409, b'{"message": "Channel not in Stasis application"}', Conflict, "Channel not in Stasis application"),
        (412, b'{"message": "Channel in invalid state"}', Conflict, "Channel in invalid state"),
        (422, b'{"message": "Channel not in this bridge"}', Conflict, "Channel not in this bridge"),
        (500, b'{"error": "Allocation failed"}', ServerError, "Allocation failed"),
        (500, b'{"message": 5}', ServerError, '{"message": 5}'),
        (503, b"<h1>Service\n  Unavailable</h1>", ServerError, "<h1>Service Unavailable</h1>"),
        (503, b"", ServerError, "no explanation"),
        (500, b"\xff\xfe", ServerError, "\ufffd\ufffd"),
        (302, b"", AriError, "no explanation"),
    ],
)
async def test_each_refusal_is_an_error_of_its_own_kind_in_asterisks_words(
    status: int, body: bytes, kind: Any, message: str
) -> None:
    with pytest.raises(AriError) as caught:
        await Channels(Recording(Reply(status, body))).play("1.2", media="sound:a")
    assert type(caught.value) is kind
    assert (caught.value.operation, caught.value.message, caught.value.status) == ("channels.play", message, status)
    assert str(caught.value) == f"channels.play: {message} ({status})"


async def test_a_bridge_tells_by_400_that_a_channel_is_gone() -> None:
    bridges = Bridges(Recording(Reply(400, b'{"message": "Channel not found"}')))
    with pytest.raises(NotFound):
        await bridges.add_channel("b", channel="c")
    with pytest.raises(NotFound):
        await bridges.remove_channel("b", channel="c")


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"id": 5}', b"[]", b'{"id": "\xff"}', b"{}"])
async def test_an_answer_that_is_not_what_ari_promises_is_an_error_of_ours(body: bytes) -> None:
    with pytest.raises(InvalidAnswer, match=r"channels\.get"):
        await Channels(Recording(Reply(200, body))).get("1.2")


@pytest.mark.parametrize("channel_id", ["", ".", "..", "1.2\0", "\ud800"])
async def test_an_id_that_would_name_something_else_is_not_sent(channel_id: str) -> None:
    transport = Recording()
    with pytest.raises(InvalidArgument, match="channel_id"):
        await Channels(transport).hangup(channel_id)
    assert transport.requests == []


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
async def test_a_value_that_asterisk_would_cut_short_is_not_sent(value: str) -> None:
    transport = Recording()
    with pytest.raises(InvalidArgument, match="value"):
        await Asterisk(transport).set_global_var(variable="A", value=value)
    with pytest.raises(InvalidArgument):
        await Playbacks(transport).control("p\0", operation="pause")
    assert transport.requests == []


async def test_a_variable_of_an_originate_that_is_not_unicode_is_not_sent() -> None:
    transport = Recording()
    with pytest.raises(InvalidArgument):
        await Channels(transport).originate(endpoint="PJSIP/1", variables={"NAME": "\ud800"})
    assert transport.requests == []


@given(TEXT, TEXT)
def test_no_id_alters_the_path(tech: str, resource: str) -> None:
    assume(not {tech, resource} & {".", ".."})
    target = OPERATIONS["endpoints.get"].request({"tech": tech, "resource": resource}).target
    parts = urlsplit(target)
    assert (parts.query, parts.fragment) == ("", "")
    assert target.isascii()
    assert list(map(unquote, parts.path.split("/"))) == ["", "endpoints", tech, resource]


@given(TEXT, TEXT)
def test_no_value_alters_the_query(variable: str, value: str) -> None:
    arguments = {"variable": variable, "value": value}
    parts = urlsplit(OPERATIONS["asterisk.set_global_var"].request(arguments).target)
    assert parse_qs(parts.query, strict_parsing=True, keep_blank_values=True) == {
        "variable": [variable],
        "value": [value],
    }
    assert "+" not in parts.query


def separated_by_asterisk(text: str) -> list[str]:
    """Split as Asterisk does: at commas outside quotes, brackets and parentheses; backslash takes the next as it is."""
    items, depth, quoted, characters = [""], 0, False, iter(text)
    for character in characters:
        match character:
            case "\\":
                items[-1] += next(characters)
            case '"':
                quoted = not quoted
            case "," if not quoted and depth == 0:
                items.append("")
            case _:
                depth += (character in "([") - (character in ")]")
                items[-1] += character
    return items


@given(st.lists(TEXT, min_size=1))
def test_several_values_in_one_parameter_stay_separate(media: list[str]) -> None:
    target = OPERATIONS["channels.play"].request({"channel_id": "c", "media": media}).target
    [sent] = parse_qs(urlsplit(target).query, keep_blank_values=True)["media"]
    assert separated_by_asterisk(sent) == media


@given(TEXT)
def test_one_value_stays_one_where_several_are_possible(media: str) -> None:
    target = OPERATIONS["channels.play"].request({"channel_id": "c", "media": media}).target
    [sent] = parse_qs(urlsplit(target).query, keep_blank_values=True)["media"]
    assert separated_by_asterisk(sent) == [media]


@pytest.mark.parametrize(
    ("name", "nickname", "path"),
    [
        ("channels.send_dtmf", "sendDTMF", "/channels/{channelId}/dtmf"),
        ("channels.continue_in_dialplan", "continueInDialplan", "/channels/{channelId}/continue"),
        ("device_states.get", "get", "/deviceStates/{deviceName}"),
        ("applications.filter", "filter", "/applications/{applicationName}/eventFilter"),
    ],
)
def test_an_operation_knows_its_name_in_the_api(name: str, nickname: str, path: str) -> None:
    assert (OPERATIONS[name].nickname, OPERATIONS[name].path) == (nickname, path)


async def test_wrong_use_is_a_type_error_before_anything_is_sent() -> None:
    transport = Recording()
    endpoints: Any = Endpoints(transport)
    with pytest.raises(TypeError):
        await endpoints.get("PJSIP")
    applications: Any = Applications(transport)
    with pytest.raises(TypeError):
        await applications.subscribe("app", source="channel:")
    assert transport.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8088/ari",
        "ftp://127.0.0.1/ari",
        "http:///ari",
        "http://me:secret@127.0.0.1/ari",
        "http://h/ari?a=1",
    ],
)
def test_an_address_that_cannot_be_ari_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="such as http://") as caught:
        Client(url, "callcentre", "callcentre")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("connections", [0, -1, 100])
def test_more_connections_than_asterisk_accepts_are_refused(connections: int) -> None:
    with pytest.raises(ValueError, match="session_limit"):
        Client("http://127.0.0.1/ari", "callcentre", "callcentre", connections=connections)


async def test_a_client_that_is_not_open_says_so() -> None:
    with pytest.raises(Unreachable, match="async with"):
        await Client("http://127.0.0.1/ari", "callcentre", "callcentre").channels.list()


@pytest.mark.parametrize(
    ("losses", "chance", "delay"),
    [(1, 1.0, 0.1), (2, 1.0, 0.2), (3, 1.0, 0.4), (3, 0.25, 0.1), (7, 1.0, 5.0), (10**6, 1.0, 5.0), (5, 0.0, 0.0)],
)
def test_the_back_off_doubles_up_to_its_cap_and_is_a_random_part_of_it(
    losses: int, chance: float, delay: float
) -> None:
    assert Backoff().delay(losses, chance) == pytest.approx(delay)
