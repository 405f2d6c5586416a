"""A line that comes a thousand times is written twice: once, and once with its count."""

from structlog.testing import capture_logs

from callcentre.kernel.seldom import MOST_KINDS, Seldom
from tests.testbed.waiting import until


class Clock:
    """Seconds that elapse when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_of_a_kind_is_written_and_the_rest_counted() -> None:
    clock = Clock()
    seldom = Seldom(clock=clock)
    with capture_logs() as lines:
        for _ in range(1000):
            seldom.say("warning", "hook refused", reason="wrong token", address="10.0.0.1")
        clock.now += 60
        seldom.say("warning", "hook refused", reason="wrong token", address="10.0.0.2")
    assert [(line.get("more"), line["address"]) for line in lines] == [
        (None, "10.0.0.1"),
        (999, "10.0.0.1"),
        (None, "10.0.0.2"),
    ]


def test_another_reason_is_another_kind() -> None:
    seldom = Seldom(clock=Clock())
    with capture_logs() as lines:
        for reason in ("a", "b", "a"):
            seldom.say("warning", "hook refused", reason=reason)
    assert [line["reason"] for line in lines] == ["a", "b"]


def test_kinds_without_end_take_no_memory_and_no_log() -> None:
    clock = Clock()
    seldom = Seldom(clock=clock)
    with capture_logs() as lines:
        for number in range(10_000):
            seldom.say("warning", f"line {number}")
    assert len(lines) == MOST_KINDS + 1
    assert lines[-1]["event"] == "many kinds of lines"
    clock.now += 60
    with capture_logs() as lines:
        seldom.say("warning", "after all of that")
    assert [(line["event"], line.get("more")) for line in lines] == [
        ("many kinds of lines", 10_000 - MOST_KINDS - 1),
        ("after all of that", None),
    ]


async def test_the_count_comes_by_itself_when_the_time_is_over() -> None:
    seldom = Seldom(seconds=0.01)
    with capture_logs() as lines:
        for _ in range(5):
            seldom.say("error", "accept failed")

        async def counted() -> bool:
            return len(lines) == 2

        await until(counted, within=5, awaited="the count", seen=lambda: str(lines))
    assert lines[1] == {"event": "accept failed", "log_level": "error", "more": 4, "seconds": 0.01}
