"""What systemd hears of the daemon, at a real socket."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from callcentre.configuration import FILE, read
from callcentre.kernel import daemon as kernel_daemon
from callcentre.kernel.component import Component, on, performs
from callcentre.kernel.daemon import Daemon
from callcentre.kernel.decision import Decision
from callcentre.kernel.effect import Crash, Effect
from callcentre.kernel.event import Tick
from callcentre.kernel.store import Store, Writes
from callcentre.kernel.systemd import Systemd
from tests.testbed.configuration import TOKEN, write_configuration
from tests.testbed.daemon import Daemon as DaemonProcess
from tests.testbed.ports import PortBlock
from tests.testbed.process import CHECKOUT
from tests.testbed.service_manager import ServiceManager


class Note(Effect, frozen=True, tag="test_note"):
    """It is stored before it goes out, so that each tick has something to commit."""

    lane = "notes"
    on_crash = Crash.AT_MOST_ONCE


async def note(_effect: Note) -> None:
    """Nobody reads it."""


NOTES = Component(
    name="notes",
    build=lambda _building: (on(Tick, lambda _tick, _at: Decision(effects=(Note(),))), performs(Note, note)),
)


@asynccontextmanager
async def quick_daemon(folder: Path, manager: ServiceManager, patch: pytest.MonkeyPatch) -> AsyncIterator[Daemon]:
    """A daemon that ticks often, and commits something each time."""
    patch.setattr(kernel_daemon, "TICK_SECONDS", 0.01)
    file = write_configuration(folder / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=1)
    daemon = Daemon(FILE, (NOTES,), read(file), systemd=Systemd(manager.address, watchdog=True))
    running = asyncio.create_task(daemon.run())
    with manager.listening():
        await manager.hears("READY=1")
        yield daemon
        daemon.stop()
        await running


def metrics_of_alerts_and_dashboard() -> set[str]:
    texts = (path.read_text(encoding="utf-8") for path in (CHECKOUT / "docs/operate/monitoring").iterdir())
    return {name for text in texts for name in re.findall(r"\bcallcentre_[a-z_]+", text)}


async def exported(port: int) -> set[str]:
    """The names of all metrics in what /metrics answers."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as said,
    ):
        families = list(text_string_to_metric_families(await said.text()))
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


async def test_the_daemon_says_when_it_is_up_why_it_is_not_ready_that_it_works_and_that_it_ends(tmp_path: Path) -> None:
    manager = ServiceManager(str(tmp_path / "notify"))
    ports = PortBlock()
    port = ports.port()
    file = write_configuration(tmp_path / "config.yaml", ari_url="http://127.0.0.1:1/ari", http_port=port)
    daemon = DaemonProcess(file, http_port=port)
    daemon.process.environment = {
        **(daemon.process.environment or {}), "NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "30000000"
    }  # fmt: skip
    with manager.listening():
        await daemon.start(ready=False)
        try:
            await manager.hears("READY=1")
            await manager.hears("STATUS=not connected to Asterisk")
            await manager.hears("WATCHDOG=1")
            assert metrics_of_alerts_and_dashboard() <= await exported(port)
            daemon.reload()
            reloading = await manager.hears("RELOADING=1")
            assert manager.said[reloading].startswith("MONOTONIC_USEC=")
            await manager.hears("READY=1", after=reloading)
            assert await daemon.stop() == 0
            await manager.hears("STOPPING=1")
        finally:
            await daemon.close()
            ports.close()


async def test_a_reload_that_refuses_the_file_ends_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = ServiceManager(str(tmp_path / "notify"))
    async with quick_daemon(tmp_path, manager, monkeypatch) as daemon:
        (tmp_path / "config.yaml").write_text("nonsense", encoding="utf-8")
        daemon.reload()
        await manager.hears("READY=1", after=await manager.hears("RELOADING=1"))


async def test_the_watchdog_is_not_fed_while_a_commit_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = ServiceManager(str(tmp_path / "notify"))
    goes_on = asyncio.Event()
    goes_on.set()
    commit = Store.commit

    async def hanging(store: Store, writes: Writes) -> Any:
        await goes_on.wait()
        return await commit(store, writes)

    monkeypatch.setattr(Store, "commit", hanging)
    monkeypatch.setattr(kernel_daemon, "STALE_TICK", 0.2)
    async with quick_daemon(tmp_path, manager, monkeypatch):
        fed = await manager.hears("WATCHDOG=1")
        goes_on.clear()
        stalled = await manager.hears("STATUS=nothing was stored", after=fed)
        goes_on.set()
        again = await manager.hears("STATUS=ready", after=stalled)
        assert "WATCHDOG=1" not in manager.said[stalled : again - 1]
        await manager.hears("WATCHDOG=1", after=again)


async def test_a_database_that_refuses_is_said_and_is_no_reason_for_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = ServiceManager(str(tmp_path / "notify"))
    monkeypatch.setattr(kernel_daemon, "STALE_TICK", 0.2)
    async with quick_daemon(tmp_path, manager, monkeypatch):
        kept = (tmp_path / "callcentre.db").rename(tmp_path / "aside.db")
        refused = await manager.hears("STATUS=the database cannot be written")
        for _ in range(30):  # For longer than a commit may be old.
            refused = await manager.hears("WATCHDOG=1", after=refused)
        kept.rename(tmp_path / "callcentre.db")
        await manager.hears("STATUS=ready", after=refused)


async def test_an_abstract_socket_is_found_and_each_status_is_said_once(tmp_path: Path) -> None:
    manager = ServiceManager(f"@callcentre-{tmp_path}")
    systemd = Systemd(manager.address)
    with manager.listening():
        for status in ("standby:\nanother daemon runs", "standby:\nanother daemon runs", "ready"):
            systemd.ready(status)
            systemd.alive()
        await manager.hears("STATUS=ready")
    systemd.close()
    assert manager.said == ["READY=1", "STATUS=standby: another daemon runs", "STATUS=ready"]


@pytest.mark.parametrize(
    ("extra", "fed"),
    [({}, False), ({"WATCHDOG_USEC": "1"}, True), ({"WATCHDOG_USEC": "1", "WATCHDOG_PID": "me"}, True),
     ({"WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"}, False)],
)  # fmt: skip
async def test_the_watchdog_is_fed_only_by_the_process_that_is_asked_and_children_do_not_know_of_it(
    tmp_path: Path, extra: dict[str, str], fed: bool
) -> None:
    manager = ServiceManager(str(tmp_path / "notify"))
    variables = {name: str(os.getpid()) if value == "me" else value for name, value in extra.items()}
    environment = {"NOTIFY_SOCKET": manager.address, "PATH": "/bin", **variables}
    systemd = Systemd.of_environment(environment)
    with manager.listening():
        systemd.alive()
        systemd.stopping()
        await manager.hears("STOPPING=1")
    systemd.close()
    assert manager.said == (["WATCHDOG=1"] if fed else []) + ["STOPPING=1"]
    assert environment == {"PATH": "/bin"}


async def test_a_socket_that_nobody_reads_any_more_ends_nothing(tmp_path: Path) -> None:
    systemd = Systemd(str(tmp_path / "gone"), watchdog=True)
    systemd.ready("ready")
    systemd.alive()
    systemd.close()
    systemd.alive()
