"""`scripts/demo --stay`: a call centre with live synthetic traffic, its pages in the browser, log-ins for each role.

Everything is real and on this machine alone: Asterisk, phones, the SMS gateway, and the daemon. It runs until Ctrl-C.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.testbed.ari import AriError
from tests.testbed.bed import Bed
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import SALES_NUMBER, SUPPORT_NUMBER
from tests.testbed.phones import Call, Phone
from tests.testbed.process import CHECKOUT
from tests.testbed.waiting import NotSeenError

AGENTS: Final = {
    "agent1": "Anna Virtanen",
    "agent2": "Bo Lindqvist",
    "agent3": "Carita Åberg",
    "agent4": "Eero Nieminen",
}
PEOPLE: Final = (
    "Matti Meikäläinen", "Liisa Mäkinen", "Aino Korhonen", "Olle Söderström", "Sanna Laine", "Jussi Niemi",
    "Åsa Öhman", "Pekka O'Brien", "Tiina Järvinen", "Erik Nyström",
)  # fmt: skip

USERS: Final = (
    ("aino", "administrator", ()),
    ("seppo", "supervisor", ("support",)),
    ("siiri", "sender", ("support",)),
    ("anna", "agent", ("support", "sales")),
    ("veera", "viewer", ("support", "sales")),
)
"""Names, roles and services of the accounts."""

PHONES: Final[Mapping[str, str]] = {"anna": "PJSIP/agent1"}
"""The phones of accounts that answer calls."""

CHANGES: Final[Mapping[str, Any]] = {
    "services": {
        "support": {
            "hours": None,
            "name": {"en": "Customer service", "fi": "Asiakaspalvelu", "sv": "Kundtjänst"},
            "callback": {"offer": {"min_wait": "5s"}},
            "survey": {"after": "10s"},
            "live": {"waiting_warning": 4, "waiting_critical": 7, "wait_warning": "45s", "wait_critical": "2m"},
        },
        "sales": {
            "queue": "sales",
            "numbers": [SALES_NUMBER],
            "name": {"en": "Sales", "fi": "Myynti", "sv": "Försäljning"},
        },
    },
}

_BETWEEN: Final = (2.0, 9.0)
"""Seconds from one call to the next."""
_TALKS: Final = (8.0, 30.0)
_PATIENCE: Final = (25.0, 120.0)
"""Seconds until a caller hangs up."""
_RINGS: Final = (1.0, 5.0)


@dataclass
class Traffic:
    """Callers who call, and agents who answer."""

    bed: Bed
    choice: random.Random = field(default_factory=random.Random)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Go on until cancelled."""
        for agent in AGENTS:
            self._begin(self._answer(self.bed.network.phone(agent)))
        while True:
            await asyncio.sleep(self.choice.uniform(*_BETWEEN))
            if len(self.tasks) < 30:
                self._begin(self._caller(self.choice.randrange(10)))

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            print(f"demo: {error!r}", file=sys.stderr)

    async def _caller(self, person: int) -> None:
        number = f"+3584055501{person:02}"
        to = SALES_NUMBER if self.choice.random() < 0.25 else SUPPORT_NUMBER
        with suppress(NotSeenError, AriError):
            call = await self.bed.network.call(number, to, name=PEOPLE[person])
            if to == SUPPORT_NUMBER and self.choice.random() < 0.4:
                # The offer is spoken when the call has been answered: 1 takes it.
                await asyncio.sleep(self.choice.uniform(8, 12))
                await call.press("1")
                self._begin(self._called_back(self.bed.network.phone(number)))
            await self._until_the_end(call, self.choice.uniform(*_PATIENCE))

    async def _called_back(self, phone: Phone) -> None:
        with suppress(NotSeenError, AriError):
            call = await phone.rings(within=600)
            await asyncio.sleep(self.choice.uniform(*_RINGS))
            await call.answer()
            await asyncio.sleep(6)
            await call.press("1")
            await self._until_the_end(call, 180)

    async def _answer(self, phone: Phone) -> None:
        while True:
            with suppress(NotSeenError, AriError):
                call = await phone.rings(within=3600)
                await asyncio.sleep(self.choice.uniform(*_RINGS))
                await call.answer()
                await self._until_the_end(call, self.choice.uniform(*_TALKS))

    async def _until_the_end(self, call: Call, seconds: float) -> None:
        try:
            await call.ended(within=seconds)
        except NotSeenError:
            await call.hang_up()


async def stay() -> int:
    """Set everything up, print the log-ins, and go on until the process is asked to end."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    folder = Path(tempfile.mkdtemp(prefix="callcentre-demo-"))
    try:
        async with Bed(folder, agents=len(AGENTS)) as bed:
            daemon = bed.configure(folder / "config.yaml", CHANGES)
            await bed.install(daemon.file)
            await daemon.start(within=30)
            try:
                return await _show(bed, daemon, ended)
            finally:
                await daemon.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _show(bed: Bed, daemon: Daemon, ended: asyncio.Event) -> int:
    for place, (agent, name) in enumerate(AGENTS.items()):
        await bed.pbx.log_on("support", agent, name=name)
        if place % 2:
            await bed.pbx.log_on("sales", agent, name=name)
    print("\nThe log-ins of this demonstration; they end with it:\n")
    print(f"  {'name':<10}{'password':<16}role, services")
    for name, role, services in USERS:
        password = secrets.token_urlsafe(9)
        await _add_user(daemon.file, name, role, services, password)
        print(f"  {name:<10}{password:<16}{role}{', ' + ' and '.join(services) if services else ''}")
    key = await _add_key(daemon.file)
    address = f"http://127.0.0.1:{bed.http_port}"
    print(f"\nOpen {address}/ in a browser of this machine. A screen on a wall: {address}/wallboard?key={key}")
    print("Callers come every few seconds. End it with Ctrl-C.", flush=True)
    traffic = Traffic(bed)
    running = asyncio.create_task(traffic.run())
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
    for task in (running, waiting, *traffic.tasks):
        task.cancel()
    await asyncio.gather(running, waiting, *traffic.tasks, return_exceptions=True)
    print("\nEverything is ended.")
    return 0 if ended.is_set() else 1


async def _add_user(file: Path, name: str, role: str, services: tuple[str, ...], password: str) -> None:
    options = [option for service in services for option in ("--service", service)]
    if name in PHONES:
        options += ["--agent", PHONES[name]]
    await _command(file, "user", "add", name, "--role", role, *options, password=password)


async def _add_key(file: Path) -> str:
    printed = await _command(file, "key", "add", "wallboard", "--role", "device", "--service", "support")
    return next(word for word in printed.split() if word.startswith("cc_"))


async def _command(file: Path, *words: str, password: str = "") -> str:
    process = await asyncio.create_subprocess_exec(
        CHECKOUT / ".venv" / "bin" / "callcentre", *words, "-c", file,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )  # fmt: skip
    out, _ = await process.communicate(f"{password}\n".encode())
    if process.returncode != 0:
        raise NotSeenError(f"`callcentre {' '.join(words)}` to succeed")
    return out.decode()
