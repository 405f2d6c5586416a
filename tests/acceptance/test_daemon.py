"""The daemon as a process: its signals, and where it refuses to run."""

from __future__ import annotations

import sqlite3
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, complains, joined, welcome
from tests.cast import LIISA, MATTI, PEKKA
from tests.testbed.configuration import TOKEN, merged
from tests.testbed.daemon import Daemon
from tests.testbed.databases import of_a_file
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx
from tests.testbed.phones import PhoneNetwork
from tests.testbed.postgresql import fresh, server
from tests.testbed.waiting import until


def rewrite(file: Path, changes: dict[str, Any]) -> None:
    """Change some keys of a configuration file."""
    settings = merged(yaml.safe_load(file.read_text(encoding="utf-8")), changes)
    file.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8")


async def test_rules_read_again_hold_for_the_next_caller_and_bad_ones_are_reported_and_left(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome())
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    assert (await kannel.phone(MATTI).receives()).body == "Tervetuloa"

    rewrite(daemon.file, welcome("Hei {{ position }}"))
    daemon.reload()
    await complains(daemon, "config.read")
    await calls_in(network, daemon, LIISA, SUPPORT_NUMBER)
    assert (await kannel.phone(LIISA).receives()).body == "Hei 2"

    rewrite(daemon.file, welcome("{{ nobody }}", cooldown="soon"))
    daemon.reload()
    await complains(daemon, "config.refused")
    errors = daemon.process.errors.read_text(encoding="utf-8")
    assert "services.support.welcome.text" in errors
    assert "services.support.welcome.cooldown" in errors
    await calls_in(network, daemon, PEKKA, SUPPORT_NUMBER)
    assert (await kannel.phone(PEKKA).receives()).body == "Hei 3"
    assert (await daemon.health())[0] == 200


async def test_a_daemon_that_gets_sigterm_ends_with_0_and_the_next_one_knows_who_waits(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome())
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await kannel.phone(MATTI).receives()
    await daemon.fact("sms.delivered")
    assert await daemon.stop() == 0
    before = len(daemon.facts)
    await daemon.start()
    await calls_in(network, daemon, LIISA, SUPPORT_NUMBER)
    assert (await joined(daemon, LIISA))["position"] == 2
    # Stopped in order, it repeats nothing.
    # Without an account each start invites an administrator.
    assert [fact["event"] for fact in daemon.facts[before:]][:2] == ["user.invited", "queue.joined"]
    assert [fact["id"] for fact in daemon.facts] == list(range(1, len(daemon.facts) + 1))


async def refuses_to_run(daemon: Daemon) -> str:
    """Start a daemon that must end with 1; the last thing it said."""
    await daemon.start(ready=False)
    assert await daemon.process.wait(within=15) == 1
    last = daemon.process.errors.read_text(encoding="utf-8").splitlines()[-1]
    assert "Traceback" not in daemon.process.errors.read_text(encoding="utf-8")
    return last


@pytest.mark.parametrize("kind", [pytest.param("sqlite", marks=of_a_file), "postgresql"])
async def test_a_standby_takes_over_when_the_first_daemon_dies_and_keeps_its_promise(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel, kind: str
) -> None:
    with server() if kind == "postgresql" else nullcontext() as running:
        first = await start_daemon(welcome() if running is None else {**welcome(), "store": {"url": fresh(running)}})
        await calls_in(network, first, MATTI, SUPPORT_NUMBER)
        await kannel.phone(MATTI).receives()
        await first.fact("sms.delivered")
        folder = first.file.parent / "standby"
        folder.mkdir()
        if running is None:
            rewrite(first.file, {"store": {"url": f"sqlite:///{first.file.parent / 'callcentre.db'}"}})
        (folder / "config.yaml").write_bytes(first.file.read_bytes())
        standby = Daemon(folder / "config.yaml", http_port=int(first.url.rpartition(":")[2]))
        await standby.start(ready=False)
        await complains(standby, "daemon.standby")
        assert (await first.health())[0] == 200
        await first.kill()
        # DESIGN.md promises five seconds.
        await standby.ready(within=5)
        await complains(standby, "daemon.takes_over")
        await calls_in(network, standby, LIISA, SUPPORT_NUMBER)
        assert (await joined(standby, LIISA))["position"] == 2
        assert (await kannel.phone(LIISA).receives()).body == "Tervetuloa"
        assert not [fact for fact in standby.find("queue.joined") if fact["position"] == 1]
        await standby.close()


@of_a_file
async def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(start_daemon: StartDaemon) -> None:
    daemon = await start_daemon(welcome())
    await daemon.stop()
    database = daemon.file.parent / "callcentre.db"
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r9999'")
    connection.close()
    said = await refuses_to_run(daemon)
    assert str(database) in said
    assert "r9999" in said
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("r9999",)]
    connection.close()


@pytest.mark.fault("Asterisk: ApplicationReplaced")
async def test_a_daemon_whose_events_another_program_takes_ends_and_says_so(
    start_daemon: StartDaemon, pbx: Pbx
) -> None:
    daemon = await start_daemon(welcome())
    await pbx.ari.listen("callcentre", lambda _event: None)
    try:
        assert await daemon.process.wait(within=15) == 1
    finally:
        await pbx.ari.close()
    assert "another program connected to Asterisk as 'callcentre' (ari.app)" in daemon.last_words()


@pytest.mark.fault("Asterisk: slow to start")
async def test_a_daemon_waits_for_an_asterisk_that_is_not_there_yet(
    start_daemon: StartDaemon, network: PhoneNetwork, pbx: Pbx
) -> None:
    await pbx.kill()
    daemon = await start_daemon(welcome(), ready=False)

    async def says_why() -> bool:
        status, body = await daemon.health(TOKEN)
        return status == 503 and "not connected to Asterisk" in body

    await until(says_why, within=10, awaited="/health that says why", seen=daemon.last_words)
    await pbx.start()
    await daemon.ready()
    await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
