"""The tutorial, followed: every command that the page gives, in its order, up to the callback that is over."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.testbed.ports import PortBlock
from tests.testbed.process import CHECKOUT, Process, python_environment
from tests.testbed.waiting import until

PAGE = (CHECKOUT / "docs" / "tutorial.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ASTERISK = next(command for command in COMMANDS if command.endswith(" -f\n"))
DAEMON = next(command for command in COMMANDS if " run -c " in command)


@pytest.fixture
def ports() -> Iterator[PortBlock]:
    block = PortBlock()
    yield block
    block.close()


class Reader:
    """Follows the page in `folder`. Asterisk and daemon get free ports instead of the usual ones of the page."""

    def __init__(self, folder: Path, ports: PortBlock) -> None:
        self.folder = folder
        self.ari, self.http = ports.port(), ports.port()
        for part in (".testbed", ".venv"):
            (folder / part).symlink_to(CHECKOUT / part)

    def own(self, command: str) -> str:
        """The command with the ports of this run."""
        command = command.replace("8088", str(self.ari)).replace("8090", str(self.http))
        command = command.replace("ari:\n", f"ari:\n  url: http://127.0.0.1:{self.ari}/ari\n")
        return command.replace("http:\n", f"http:\n  listen: 127.0.0.1:{self.http}\n")

    async def does(self, command: str) -> str:
        """What the command prints; an error with its words when it fails."""
        process = await asyncio.create_subprocess_exec(
            *("bash", "-euc", self.own(command)),
            cwd=self.folder,
            env=python_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, f"{command}\n{output.decode()}"
        return output.decode()

    def terminal(self, name: str, command: str) -> Process:
        """A further terminal, in which the command goes on."""
        argv = ["bash", "-c", f"exec {self.own(command)}"]
        return Process(name, argv, folder=self.folder, environment=python_environment())


async def test_a_reader_who_gives_every_command_of_the_tutorial_sees_the_first_callback(
    tmp_path: Path, ports: PortBlock
) -> None:
    reader = Reader(tmp_path, ports)
    asterisk, daemon = reader.terminal("asterisk", ASTERISK), reader.terminal("daemon", DAEMON)
    commands = iter(COMMANDS)

    async def goes_on_to(part: str) -> str:
        """Give the commands up to the one with `part`; what that one prints."""
        for command in commands:
            if command in (ASTERISK, DAEMON):
                continue
            said = await reader.does(command)
            if part in command:
                return said
        raise AssertionError(f"no further command has {part!r}")

    async def prints(process: Process, words: str) -> None:
        async def look() -> bool:
            assert process.running, process.last_words()
            return words in process.last_words(1000)

        await until(look, within=30, awaited=f"{process.name}: {words}", seen=process.last_words)

    assert next(commands) == "scripts/demo\n"  # It has tests of its own.
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asterisk.kill)
        stack.push_async_callback(daemon.kill)

        await goes_on_to("extensions.conf")
        await asterisk.start()
        await prints(asterisk, "Asterisk Ready")

        assert "trial/config.yaml: fine" in await goes_on_to(" check ")
        installed = await goes_on_to(" install ")
        assert "ok    Asterisk" in installed
        assert "FIX " not in installed

        await daemon.start()
        await prints(daemon, "ari.live")
        await until(lambda: _is_ready(reader), within=10, awaited="a daemon that is ready")
        assert (await goes_on_to("/health")).endswith('{"status":"ready"}')

        await goes_on_to("originate")
        await prints(daemon, "'We call you back. Your place is 1.'")
        assert "waits for an agent to come on duty" in await goes_on_to(" callbacks ")

        await daemon.stop()
        await daemon.start()
        await goes_on_to("queue add member")

        async def over() -> bool:
            return "callback.completed" in (tmp_path / "trial" / "facts.log").read_text(encoding="utf-8")

        await until(over, within=60, awaited="a callback that is completed", seen=daemon.last_words)
        facts = await goes_on_to("facts.log")
        shown = re.findall(r"^… (callback\.\w+)", PAGE, re.MULTILINE)
        assert re.findall(r"callback\.\w+(?= )", facts) == shown
        assert re.search(r"^support +1 ", await goes_on_to(" stats "), re.MULTILINE)
        assert next(commands, None) is None


async def _is_ready(reader: Reader) -> bool:
    return "ready" in await reader.does("curl --silent http://127.0.0.1:8090/health || true")
