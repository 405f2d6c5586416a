"""What libraries and asyncio say goes through our log: a line of each kind, nothing secret, no traceback."""

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from callcentre.kernel import log


@pytest.fixture
def ours() -> Iterator[None]:
    """Our log on standard error, until the test is over."""
    before = list(logging.getLogger().handlers)
    log.configure("info", "json")
    yield
    logging.getLogger().handlers = before
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What was written to standard error."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.usefixtures("ours")
def test_a_library_that_says_the_same_a_thousand_times_is_heard_once(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(1000):
        try:
            raise OSError(24, "Too many open files")
        except OSError:
            logging.getLogger("aiohttp.server").exception("Error handling request from ?token=%s", "s3cret")
    [line] = lines(capsys)
    assert {name: line[name] for name in ("event", "library", "level", "error", "message")} == {
        "event": "library said", "library": "aiohttp.server", "level": "error", "error": "OSError",
        "message": "Error handling request from ?token=•••",
    }  # fmt: skip
    assert str(line["where"]).startswith("test_log.py:")


@pytest.mark.usefixtures("ours")
async def test_what_asyncio_says_of_an_error_is_a_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(log.log_loop_error)
    try:
        for _ in range(100):
            loop.call_exception_handler({"message": "it failed", "exception": OSError(24, "x"), "socket": "s3cret"})
    finally:
        loop.set_exception_handler(before)
    [line] = lines(capsys)
    assert (line["library"], line["message"], line["error"]) == ("asyncio", "it failed", "OSError")
    assert "s3cret" not in repr(line)


@pytest.mark.usefixtures("ours")
def test_a_line_that_does_not_fit_its_words_breaks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    # Given to our handler alone: that of pytest fails at such a line.
    [handler] = [one for one in logging.getLogger().handlers if isinstance(one, log._Others)]
    handler.handle(logging.LogRecord("library", logging.WARNING, __file__, 1, "%d", ("no number",), None))
    assert [line["message"] for line in lines(capsys)] == ["%d"]
