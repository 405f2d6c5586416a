"""Plays the scenes on their stage, and ends everything whatever happens."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from pathlib import Path

from scripts.demonstration.scenes import AGENTS, CALLERS, SCENES
from scripts.demonstration.stage import KEPT, Stage
from scripts.demonstration.telling import Teller
from tests.testbed.ari import AriError
from tests.testbed.process import CHECKOUT
from tests.testbed.waiting import NotSeenError

DONE, FAILED, INTERRUPTED = 0, 1, 130


async def perform(began: float) -> int:
    """Play everything; the exit code: 0 all of it happened · 1 something did not · 130 interrupted.

    `began` is the epoch second at which `scripts/demo` was started.
    """
    playing = asyncio.current_task()
    assert playing is not None
    loop = asyncio.get_running_loop()
    interrupted = False

    def interrupt() -> None:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            playing.cancel()

    # Set here and not left to Python: a shell starts background jobs with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    tell = Teller(began, gone=interrupt)
    folder = Path(tempfile.mkdtemp(prefix="callcentre-demo-"))
    failed = True
    try:
        stage = Stage(folder, tell, AGENTS, CALLERS)
        await play(stage)
        failed = False
    except asyncio.CancelledError:
        tell.note("Interrupted: everything is ended.")
    except (AssertionError, AriError, OSError) as error:
        tell.note("")
        first, *rest = str(error).splitlines() or [repr(error)]
        tell.line("FAILED", f"This did not happen: {first}")
        tell.verbatim("\n".join(rest))
        tell.note(f"Logs and databases are in {folder}")
    finally:
        _end_children()
        if interrupted or not failed:
            shutil.rmtree(folder, ignore_errors=True)
    if interrupted:
        return INTERRUPTED
    return FAILED if failed else DONE


async def play(stage: Stage) -> None:
    """All scenes on a stage that is set up before and cleared after them."""
    tell = stage.tell
    tell.line("set-up", "Asterisk as PBX, another as telephone network, Kannel as SMS gateway, and callcentre")
    async with stage:
        tell.line(
            "set-up",
            "config.yaml is the shipped file but for these lines: addresses, open and calling always, asking sooner:",
        )
        for line in stage.adapted:
            tell.verbatim(f"{'':12}{line}")
        tell.line("set-up", "the PBX got the output of `callcentre dialplan`, and queue options, and prompts")
        tell.line("set-up", "ready: GET /health answers 200")
        tell.note("")
        tell.note(
            "Calls are real SIP and RTP. Voices are tones: each agent has a pitch, the music on hold is a melody; what "
            "a caller heard, prompts as well, is recognised in a recording of their phone. Texts go through Kannel to "
            "its fake phones. On the left: seconds since the start."
        )
        for scene in SCENES:
            tell.scene(scene.title, scene.lead)
            await scene.play(stage)
            stage.look()
        code = await stage.daemon.stop()
        if code != 0:
            raise NotSeenError(f"the daemon ended with {code} when it was asked to stop:\n{stage.daemon.last_words()}")
        stage.keep()
    left = [name for name, process in stage.processes.items() if process.running]
    if left:
        raise NotSeenError(f"the end of {', '.join(left)}")
    tell.scene("Done", f"All of it happened, in {tell.seconds:.0f} s, and nothing is left running. To look at next:")
    call = next(fact["call"] for _, fact in stage.reported if fact["event"] == "queue.joined")
    kept = KEPT.relative_to(CHECKOUT)
    tell.verbatim(
        f"scripts/demo --stay              its pages in the browser, with live traffic and a log-in for each role\n"
        f"docs/operate/install.md          how to put it into your own PBX\n"
        f"config.yaml                      every rule, with comments\n"
        f".venv/bin/callcentre check       what the file says, and what each text costs\n"
        f"{kept}/facts.jsonl        the log of this run\n"
        f".venv/bin/callcentre timeline -c {kept}/config.yaml {call}\n"
        f".venv/bin/callcentre stats -c {kept}/config.yaml --by hour\n"
        f"scripts/test                     every test, on the same real parts"
    )


def _end_children() -> None:
    """Kill what an interruption left half started, such as a command that was being asked."""
    try:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    except FileNotFoundError:
        return
    for child in children:
        try:
            os.kill(int(child), signal.SIGKILL)
        except ProcessLookupError:
            continue
