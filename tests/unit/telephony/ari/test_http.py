"""Where the answers of an HTTP server end, whatever pieces they arrive in."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.telephony.ari.http import LARGEST_BODY, LARGEST_HEAD, HttpError, Response, ResponseReader

OF_ASTERISK = (
    b"HTTP/1.1 200 OK\r\nServer: Asterisk/22.10.1\r\nDate: Sat, 28 Nov 2026 21:29:33 GMT\r\n"
    b'Cache-Control: no-cache, no-store\r\nContent-type: application/json\r\nContent-Length: 13\r\n\r\n{"value":"1"}'
)

COMPLETE: Sequence[tuple[bytes, int, bytes, bool]] = (
    (OF_ASTERISK, 200, b'{"value":"1"}', True),
    (b"HTTP/1.1 204 No Content\r\nServer: Asterisk\r\n\r\n", 204, b"", True),
    (b"HTTP/1.1 204\r\n\r\n", 204, b"", True),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, b"", True),
    (b"HTTP/1.1 404 Not Found\r\ncOnTeNt-LeNgTh:2\r\n\r\n{}", 404, b"{}", True),
    (b"HTTP/1.1 200 OK\r\nContent-Length: \t 2 \r\n\r\n{}", 200, b"{}", True),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}", True),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, b"", True),
    (b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}", False),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}", False),
    (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}", True),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 A\r\nA: b\r\n\r\n" + OF_ASTERISK, 200, b'{"value":"1"}', True),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\n{\r\n01 ;a=b\r\n}\r\n0\r\n\r\n", 200, b"{}", True),
    (b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello earth\r\n0\r\n\r\n", 200, b"hello earth", True),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, b"", True),
)  # fmt: skip


def fed(reader: ResponseReader, data: bytes, cuts: Sequence[int]) -> list[Response]:
    """The answers in data that arrives in pieces."""
    ends = [*sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    answers, begin = [], 0
    for end in ends:
        if (answer := reader.feed(data[begin:end])) is not None:
            answers.append(answer)
        begin = end
    return answers


@given(st.sampled_from(COMPLETE), st.lists(st.integers(0, 500)))
def test_an_answer_is_complete_with_its_last_byte_whatever_its_pieces(
    answer: tuple[bytes, int, bytes, bool], cuts: list[int]
) -> None:
    data, status, body, keeps = answer
    reader = ResponseReader()
    assert fed(reader, data[:-1], cuts) == []
    [found] = fed(reader, data[-1:], [])
    assert (found.status, found.body, found.keeps) == (status, body, keeps)
    assert (reader.has_begun, reader.rest) == (False, b"")
    # The reader is ready for the next one.
    [found] = fed(reader, OF_ASTERISK, cuts)
    assert found.body == b'{"value":"1"}'


def test_headers_have_names_in_lower_case_and_a_repeated_one_has_all_values() -> None:
    [answer] = fed(ResponseReader(), b"HTTP/1.1 204 OK\r\nX-One: a\r\nx-oNE: b: c \r\nEmpty:\r\n\r\n", [])
    assert answer.headers == {"x-one": "a, b: c", "empty": ""}


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    reader = ResponseReader()
    assert fed(reader, b"HTTP/1.1 200 OK\r\n\r\n[1,", []) == []
    assert fed(reader, b"2]", []) == []
    assert reader.close() == Response(200, {}, b"[1,2]", keeps=False)


@pytest.mark.parametrize(
    "begun",
    [
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_an_answer_that_breaks_off_is_none(begun: bytes) -> None:
    reader = ResponseReader()
    assert fed(reader, begun, []) == []
    assert reader.close() is None
    assert reader.has_begun


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"SIP/2.0 200 OK\r\n\r\n", "does not begin as HTTP"),
        (b"HTTP/2 200 OK\r\n\r\n", "does not begin as HTTP"),
        (b"HTTP/1.1 20 OK\r\n\r\n", "does not begin as HTTP"),
        (b"\r\n\r\n", "does not begin as HTTP"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "impossible header"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n", "impossible header"),
        (b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}", "impossible header"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}", "impossible length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", "impossible length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\n{}", "impossible length"),
        ("HTTP/1.1 200 OK\r\nContent-Length: \u00b2\r\n\r\n".encode("latin-1"), "impossible length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "unknown transfer coding"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "impossible size"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "impossible size"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n", "longer than its size"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * LARGEST_HEAD, "a head of more than"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * LARGEST_HEAD, "a head of more than"),
    ],
)
def test_what_is_no_answer_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(HttpError, match=why):
        fed(ResponseReader(), data, [])


@given(st.lists(st.binary(max_size=40)), st.booleans())
def test_any_bytes_are_an_answer_or_an_error(pieces: list[bytes], is_closed: bool) -> None:
    reader = ResponseReader()
    try:
        for piece in (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *pieces):
            reader.feed(piece)
        if is_closed:
            reader.close()
    except HttpError:
        pass


def test_an_answer_of_many_megabytes_arrives_whole() -> None:
    body = bytes(range(256)) * 65536
    reader = ResponseReader()
    data = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    [answer] = fed(reader, data, range(0, len(data), 100_000))
    assert answer.body == body


ENDLESS = {
    "a length": b"Content-Length: 67108865\r\n\r\n",
    "a chunk": b"Transfer-Encoding: chunked\r\n\r\n4000001\r\n",
    "chunks": b"Transfer-Encoding: chunked\r\n\r\n3ffffff\r\n" + b"x" * 0x3FFFFFF + b"\r\n2\r\n",
    "all that comes": b"\r\n" + b"x" * (LARGEST_BODY + 1),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_body_that_has_no_end_is_not_kept_in_memory(kind: str) -> None:
    with pytest.raises(HttpError):
        ResponseReader().feed(b"HTTP/1.1 200 OK\r\n" + ENDLESS[kind])
