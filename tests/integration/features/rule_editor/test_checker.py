"""The worker process: it answers, and what keeps it busy is ended without anybody else waiting for it."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator

import pytest

from callcentre.features.rule_editor.outside.checker import MOST_WAITING, Checker, NoAnswer
from callcentre.features.rule_editor.outside.messages import Check, Compare, Differences, Files, Verdict
from tests.unit.config.files import SMALLEST

FILES = Files(disk=SMALLEST, in_force=SMALLEST, path="config.yaml")
QUICK = Compare(files=FILES, before="a", after="b")
CHANCE = random.Random(1)
ENDLESS = Compare(
    files=FILES,
    before="\n".join(str(CHANCE.randrange(110)) for _ in range(60_000)),
    after="\n".join(str(CHANCE.randrange(110)) for _ in range(60_000)),
)
"""Two texts that would be compared for hours."""


@pytest.fixture
async def checker() -> AsyncIterator[Checker]:
    found = Checker("callcentre.configuration")
    async with found.open():
        yield found


async def test_one_process_answers_many_questions(checker: Checker) -> None:
    answers = await asyncio.gather(*(checker.ask(QUICK, Differences) for _ in range(5)))
    assert [len(each.lines) for each in answers] == [3] * 5
    first = checker._process
    assert (await checker.ask(Check(files=FILES, text="a: b"), Verdict)).problems
    assert checker._process is first


async def test_what_takes_too_long_is_ended_and_the_next_question_answered() -> None:
    checker = Checker("callcentre.configuration", longest=3.0)
    async with checker.open():
        await checker.ask(QUICK, Differences)
        busy = checker._process
        with pytest.raises(NoAnswer, match="slow"):
            await checker.ask(ENDLESS, Differences)
        assert busy is not None
        assert busy.returncode == -signal.SIGKILL
        assert (await checker.ask(QUICK, Differences)).lines


async def test_the_event_loop_goes_on_while_a_text_is_looked_at(checker: Checker) -> None:
    await checker.ask(QUICK, Differences)
    asking = asyncio.create_task(checker.ask(ENDLESS, Differences))
    turns = 0
    while turns < 1_000 and not asking.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns == 1_000
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert (await checker.ask(QUICK, Differences)).lines


async def test_a_process_that_dies_is_replaced(checker: Checker) -> None:
    await checker.ask(QUICK, Differences)
    assert checker._process is not None
    os.kill(checker._process.pid, signal.SIGKILL)
    with pytest.raises(NoAnswer, match="failed"):
        await checker.ask(ENDLESS, Differences)
    assert (await checker.ask(QUICK, Differences)).lines


async def test_a_text_that_wants_much_memory_is_refused(checker: Checker) -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 20))
    found = await checker.ask(Check(files=FILES, text=bomb), Verdict)
    assert "aliases that hold aliases grow without end" in found.problems[0].message


async def test_more_questions_than_can_wait_are_refused(checker: Checker) -> None:
    asked = [asyncio.create_task(checker.ask(QUICK, Differences)) for _ in range(MOST_WAITING + 2)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, NoAnswer) for each in answers) == 2


async def test_without_questions_the_process_ends() -> None:
    checker = Checker("callcentre.configuration", idle=0.0)
    async with checker.open():
        await checker.ask(QUICK, Differences)
        assert checker._process is not None
        assert await checker._process.wait() == -signal.SIGKILL
        assert (await checker.ask(QUICK, Differences)).lines
