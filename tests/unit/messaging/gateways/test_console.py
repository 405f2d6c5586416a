"""The gateway that prints."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, Refused
from callcentre.messaging.gateways.console import ConsoleGateway
from callcentre.messaging.gateways.gateway import BadHook


def text(body: str) -> SendText:
    return SendText(message="m-1", number="+358401112222", sender="Neuvonta", body=body)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("Hei hyvää", "SMS to +358401112222 from Neuvonta, 1 part: 'Hei hyvää'\n"),
        ("a\nb\x1b[2J\u202e", "SMS to +358401112222 from Neuvonta, 1 part: 'a\\nb\\x1b[2J\\u202e'\n"),
        ("x" * 161, f"SMS to +358401112222 from Neuvonta, 2 parts: '{'x' * 161}'\n"),
    ],
)
async def test_a_text_is_printed_with_its_parts_on_one_line(body: str, line: str) -> None:
    stream = io.StringIO()
    assert await ConsoleGateway(stream).send(text(body)) == Accepted()
    assert stream.getvalue() == line


@given(st.text())
async def test_no_text_brings_a_terminal_out_of_order(body: str) -> None:
    stream = io.StringIO()
    await ConsoleGateway(stream).send(text(body))
    assert stream.getvalue()[-1] == "\n"
    assert stream.getvalue()[:-1].isprintable()


async def test_standard_error_is_where_texts_go_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    await ConsoleGateway().send(text("Hei"))
    out, err = capsys.readouterr()
    assert (out, err) == ("", "SMS to +358401112222 from Neuvonta, 1 part: 'Hei'\n")


async def test_a_text_that_cannot_be_printed_is_refused() -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    assert await ConsoleGateway(Full()).send(text("Hei")) == Refused("cannot print: OSError")


async def test_the_console_is_ready_and_has_no_hooks() -> None:
    gateway = ConsoleGateway()
    assert await gateway.probe() is None
    for read in (gateway.read_report, gateway.read_text):
        with pytest.raises(BadHook):
            read({}, datetime(2026, 3, 2, tzinfo=UTC))
