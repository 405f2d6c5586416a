"""What `callcentre doctor` finds on a real Asterisk, and that it says what to type."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from callcentre.configuration import read
from callcentre.telephony import dialplan
from tests.acceptance.scene import Examined, complains, examined, ran
from tests.cast import ANNA
from tests.testbed.bed import Bed
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.pbx import Pbx, extensions_conf, queues_conf
from tests.testbed.phones import PhoneNetwork
from tests.testbed.waiting import until

FREEPBX = """
[from-queue]
exten => _X.,1,GotoIf($["${NODEST}" = ""]?hangup)
 same => n,Dial(PJSIP/agent1)
 same => n(hangup),Hangup()

[ext-queues]
exten => support,1,Set(__NODEST=${EXTEN})
 same => n,Queue(support)

[ext-local]
exten => 1001,1,Dial(PJSIP/agent1)
exten => 1001,hint,PJSIP/agent1

[from-internal]
include => outbound-allroutes
exten => _X.,1,Playback(cannot-complete-as-dialed)

[outbound-allroutes]
exten => _0X.,1,Dial(PJSIP/${EXTEN}@trunk)
"""
"""As much of FreePBX's dialplan as doctor looks at."""


WORDS = {"ok": "ok", "warning": "WARN", "error": "FIX"}
"""How a line of the table begins."""


class Doctor:
    """Runs doctor on the shipped configuration with changes, after the PBX got what belongs to it."""

    def __init__(self, bed: Bed, folder: Path) -> None:
        self._bed = bed
        self._file = folder / "config.yaml"

    def configure(self, changes: Mapping[str, Any] | None = None) -> Daemon:
        return self._bed.configure(self._file, changes)

    async def install(self, *, queues: Mapping[str, str] | None = None, more: str = "") -> None:
        if queues is not None:
            await self._bed.pbx.write_queues(queues_conf(support=queues))
        await self._bed.install(self._file, more=more)

    async def says(self) -> Examined:
        return await examined(self._file)


@pytest_asyncio.fixture(loop_scope="session")
async def doctor(bed: Bed, tmp_path: Path) -> Doctor:
    return Doctor(bed, tmp_path)


async def test_agents_that_lead_nowhere_are_listed_one_by_one(doctor: Doctor, pbx: Pbx, network: PhoneNetwork) -> None:
    doctor.configure()
    await doctor.install(queues={"member": "Local/1001@nowhere/n"})
    for interface in ("PJSIP/ghost", "Skinny/1", "Local/agent1@agents", "PJSIP/+358401112222@trunk", ANNA):
        await pbx.cli(f"queue add member {interface} to support")
    try:
        said = await doctor.says()
    finally:
        for interface in ("PJSIP/ghost", "Skinny/1", "Local/agent1@agents", "PJSIP/+358401112222@trunk"):
            await pbx.cli(f"queue remove member {interface} from support")
    expected = {
        "agent Local/1001@nowhere/n of queue support": "add extension 1001 to context nowhere of the dialplan",
        "agent PJSIP/ghost of queue support": "there is no endpoint ghost. Add it to pjsip.conf, then `pjsip reload`",
        "agent Skinny/1 of queue support": "Look whether Skinny is among `core show channeltypes`",
        "agent PJSIP/+358401112222@trunk of queue support": "state_interface Custom:NAME",
    }
    assert set(said.faults) == set(expected)
    for what, fix in expected.items():
        assert fix in said.faults[what]
        assert "`queue remove member" in said.faults[what]
    assert said.note("agent Local/agent1@agents of queue support") == "write it with /n: Local/agent1@agents/n"
    assert not await pbx.ari.get("/channels")
    assert not network.agent("agent1").rung


async def test_agents_behind_the_guard_of_freepbx_ring_only_by_its_own_way_in(doctor: Doctor, pbx: Pbx) -> None:
    file = doctor.configure().file
    await doctor.install(queues={"member": "Local/1001@from-queue/n,0,Anna,hint:1001@ext-local"}, more=FREEPBX)
    said = await doctor.says()
    assert set(said.faults) == {"agents of queue support"}
    fix = said.faults["agents of queue support"]
    assert "Local/1001@from-queue/n cannot ring" in fix
    assert "`callcentre dialplan --pbx freepbx`" in fix
    assert "queue_entry: ext-queues,support,1" in fix

    printed = dialplan.extensions(read(file).settings, 22, "freepbx")
    await pbx.write_extensions(extensions_conf(printed, FREEPBX))
    said = await doctor.says()
    assert not said.faults
    assert said.note("dialplan for this configuration") == "printed with --pbx freepbx"
    assert said.note("agents of queue support") == "1 logged on, 1 of them reachable, 1 ready"

    doctor.configure({"services": {"support": {"queue_entry": "ext-queues,support,1"}}})
    await doctor.install(more=FREEPBX)
    assert not (await doctor.says()).faults


async def test_a_hint_that_is_missing_makes_an_agent_unreachable(doctor: Doctor) -> None:
    doctor.configure({"services": {"support": {"queue_entry": "ext-queues,support,1"}}})
    await doctor.install(
        queues={"member": "Local/1001@from-queue/n,0,Anna,hint:1001@ext-local"},
        more=FREEPBX.replace("exten => 1001,hint,PJSIP/agent1", ""),
    )
    said = await doctor.says()
    assert set(said.faults) == {"agent Local/1001@from-queue/n of queue support"}
    assert "there is no hint 1001@ext-local" in said.faults["agent Local/1001@from-queue/n of queue support"]


async def test_a_dialplan_for_other_services_is_distinguished_from_one_that_is_right(doctor: Doctor) -> None:
    doctor.configure()
    await doctor.install()
    assert not (await doctor.says()).faults
    doctor.configure({"services": {"support": {"max_wait": "10m"}}})
    said = await doctor.says()
    assert set(said.faults) == {"dialplan for this configuration"}
    assert "`callcentre dialplan`, then `dialplan reload`" in said.faults["dialplan for this configuration"]
    sales = {"queue": "sales", "name": {"fi": "Myynti"}, "numbers": ["+358912345679"]}
    support = {"queue_entry": "nosuch,400,1", "exit_context": "ivr-1"}
    doctor.configure({"services": {"sales": sales, "support": support}})
    said = await doctor.says()
    assert set(said.faults) == {
        "dialplan for service sales", "dialplan for the exit key of queue sales", "services.support.queue_entry",
        "services.support.exit_context", "options of queue sales",
    }  # fmt: skip
    assert "there is no callcentre-exit-sales" in said.faults["dialplan for the exit key of queue sales"]
    assert "the dialplan has no nosuch,400,1" in said.faults["services.support.queue_entry"]


async def test_what_the_daemon_counts_on_in_queues_conf_is_looked_at_on_asterisks_machine(
    doctor: Doctor, pbx: Pbx
) -> None:
    doctor.configure()
    await doctor.install()
    assert not (await doctor.says()).faults
    await pbx.write_queues(queues_conf(support={"context": "ivr-1", "ringinuse": "yes", "setqueueentryvar": "no"}))
    faults = (await doctor.says()).faults
    assert set(faults) == {"options of queue support"}
    fix = faults["options of queue support"]
    assert "queues.conf:" in fix
    assert "write setqueueentryvar=yes, ringinuse=no, context=callcentre-exit-support" in fix
    assert "exit_context: ivr-1 in the service" in fix


@pytest.mark.parametrize(
    ("endpoint", "fix"),
    [
        ("Local/{number}@nowhere/n", "context nowhere of the dialplan has no extension for +358412345678"),
        ("Local/{national}@agents/n", "context agents of the dialplan has no extension for 0412345678"),
        ("Local/{number}@agents/n", None),
        ("Local/{digits}@from-internal/n", "no outbound route of FreePBX takes 358412345678"),
        ("Local/{national}@from-internal/n", None),
        ("PJSIP/{number}@nosuch", "there is no PJSIP endpoint nosuch"),
        ("PJSIP/nosuch/sip:{number}@127.0.0.1", "there is no PJSIP endpoint nosuch"),
        ("PJSIP/{number}@trunk", None),
    ],
)
async def test_an_endpoint_that_leads_nowhere_is_found_without_dialling(
    doctor: Doctor, pbx: Pbx, endpoint: str, fix: str | None
) -> None:
    doctor.configure({"dialling": {"endpoint": endpoint}})
    await doctor.install(more=FREEPBX)
    faults = (await doctor.says()).faults
    if fix is None:
        assert not faults
    else:
        assert set(faults) == {"dialling.endpoint"}
        assert f"leads nowhere: {fix}" in faults["dialling.endpoint"]
    assert not await pbx.ari.get("/channels")


async def test_for_a_read_only_ari_user_the_doctor_and_the_daemon_say_what_to_write(doctor: Doctor) -> None:
    daemon = doctor.configure({"ari": {"username": "reader"}})
    await doctor.install()
    said = await doctor.says()
    assert set(said.faults) == {"ARI user reader"}
    fix = "write read_only=no into [reader] of ari.conf, then `module reload res_ari.so`"
    assert fix in said.faults["ARI user reader"]
    try:
        await daemon.start(ready=False)
        fix = "write read_only=no into its section of ari.conf"

        async def reported() -> bool:
            return fix in (await daemon.health(TOKEN))[1]

        await until(reported, within=15, awaited=f"{fix} in /health", seen=daemon.last_words)
        await complains(daemon, fix)
    finally:
        await daemon.close()


async def test_a_password_that_asterisk_must_hash_at_every_request_is_reported(doctor: Doctor) -> None:
    doctor.configure({"ari": {"username": "crypted"}})
    await doctor.install()
    said = await doctor.says()
    assert set(said.faults) == {"ARI user crypted"}
    assert "write password_format=plain" in said.faults["ARI user crypted"]


async def test_the_table_says_the_same_as_the_rows(doctor: Doctor) -> None:
    file = doctor.configure({"dialling": {"endpoint": "PJSIP/{number}@nosuch"}}).file
    await doctor.install()
    # The table shows warnings of the file with their line, as `callcentre check` does.
    rows = [row for row in (await doctor.says()).rows if row["area"] != "configuration"]
    said = await ran("doctor", "-c", file)
    lines = [line for line in said.output.splitlines() if line.startswith(("ok    ", "FIX   ", "WARN  "))]
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        begin = f"{WORDS[row['state']]:6}{row['what']}"
        assert line == (f"{begin}: {row['fix'] or row['note']}" if row["fix"] or row["note"] else begin)
