"""Frames of RFC 6455 in the bytes of a server, whatever pieces they arrive in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.telephony.ari.websocket import Closed, FrameReader, ProtocolError, masked_frame

LARGEST = 70_000
PING, PONG = 0x9, 0xA


def frame(payload: bytes, first: int = 0x81) -> bytes:
    """A frame as a server sends it."""
    length = len(payload)
    if length < 126:
        return bytes((first, length)) + payload
    if length < 2**16:
        return bytes((first, 126)) + length.to_bytes(2) + payload
    return bytes((first, 127)) + length.to_bytes(8) + payload


class Heard:
    """What a reader hands over: texts as they are, control frames with their opcode."""

    def __init__(self, **options: Any) -> None:
        self.all: list[bytes | tuple[int, bytes]] = []
        self.reader = FrameReader(
            text=self.all.append,
            control=lambda opcode, payload: self.all.append((opcode, payload)),
            largest=LARGEST,
            **options,
        )

    def feed(self, data: bytes, cuts: Sequence[int] = ()) -> list[bytes | tuple[int, bytes]]:
        begin = 0
        for end in [*sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]:
            self.reader.feed(data[begin:end])
            begin = end
        return self.all


TEXTS = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([125, 126, 127, 65535, 65536]).map(lambda length: b"x" * length),
)


@st.composite
def messages(draw: st.DrawFn) -> tuple[bytes, list[bytes | tuple[int, bytes]]]:
    """A text in some frames with control frames between them, and what is to be heard of it."""
    parts = draw(st.lists(TEXTS, min_size=1, max_size=4).filter(lambda found: sum(map(len, found)) <= LARGEST))
    data, heard = b"", []
    for number, part in enumerate(parts):
        if number:
            control = draw(st.none() | st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=125)))
            if control is not None:
                data += frame(control[1], 0x80 | control[0])
                heard.append(control)
        data += frame(part, (0x80 if part is parts[-1] and number == len(parts) - 1 else 0) | (0 if number else 1))
    return data, [*heard, b"".join(parts)]


@given(st.lists(messages(), max_size=5), st.lists(st.integers(0, 200_000), max_size=20))
def test_every_text_and_control_frame_arrives_once_and_in_order(
    sent: list[tuple[bytes, list[bytes | tuple[int, bytes]]]], cuts: list[int]
) -> None:
    data = b"".join(data for data, _ in sent)
    assert Heard().feed(data, cuts) == [one for _, heard in sent for one in heard]


@given(st.lists(st.binary(max_size=10), max_size=10))
def test_byte_by_byte_is_the_same(texts: list[bytes]) -> None:
    data = b"".join(map(frame, texts))
    assert Heard().feed(data, range(len(data))) == texts


@given(st.lists(st.sampled_from([b"yes", b"no"])), st.lists(st.integers(0, 100)))
def test_texts_of_no_interest_are_left_out_whole_or_in_parts(texts: list[bytes], cuts: list[int]) -> None:
    in_parts = b"".join(frame(text[:1], 0x01) + frame(text[1:], 0x80) for text in texts)
    data = b"".join(map(frame, texts)) + in_parts
    heard = Heard(ignores=lambda data, begin, end: data[begin:end] == b"no")
    assert heard.feed(data, cuts) == [text for text in texts * 2 if text == b"yes"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(b"a", 0xC1), 1002),
        (frame(b"a", 0x83), 1002),
        (frame(b"a", 0x8B), 1002),
        (frame(b"a", 0x82), 1003),
        (frame(b"a", 0x09), 1002),
        (frame(b"a" * 126, 0x89), 1002),
        (frame(b"a", 0x80), 1002),
        (frame(b"a", 0x01) + frame(b"a", 0x81), 1002),
        (frame(b"a", 0x01) + frame(b"a", 0x01), 1002),
        (b"\x81\x81abcda", 1002),
        (b"\x81\xfe", 1002),
        (frame(b"a", 0x88), 1002),
        (frame(b"a" * (LARGEST + 1)), 1009),
        (b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 1009),
        (frame(b"a" * LARGEST, 0x01) + frame(b"a", 0x80), 1009),
    ],
)
def test_what_a_server_may_not_send_is_refused(data: bytes, code: int) -> None:
    heard = Heard()
    assert heard.feed(frame(b"before")) == [b"before"]
    with pytest.raises(ProtocolError) as error:
        heard.feed(data)
    assert error.value.code == code
    assert heard.all == [b"before"]


@pytest.mark.parametrize(("payload", "code"), [(b"", 1005), (b"\x03\xe8", 1000), (b"\x03\xe9bye", 1001)])
def test_a_close_says_its_code_and_nothing_comes_after_it(payload: bytes, code: int) -> None:
    heard = Heard()
    with pytest.raises(Closed) as closed:
        heard.feed(frame(b"last") + frame(payload, 0x88) + frame(b"never"))
    assert (closed.value.code, heard.all) == (code, [b"last"])


@given(st.lists(st.binary(max_size=30)))
def test_any_bytes_are_frames_or_an_error(pieces: list[bytes]) -> None:
    heard = Heard()
    try:
        for piece in pieces:
            heard.feed(piece)
    except (Closed, ProtocolError):
        pass


@given(st.binary(max_size=125), st.sampled_from([PING, PONG, 0x8]))
def test_a_frame_of_ours_is_whole_and_masked(payload: bytes, opcode: int) -> None:
    made = masked_frame(opcode, payload)
    assert (made[0], made[1], len(made)) == (0x80 | opcode, 0x80 | len(payload), 6 + len(payload))
    mask = made[2:6]
    assert bytes(byte ^ mask[index % 4] for index, byte in enumerate(made[6:])) == payload
