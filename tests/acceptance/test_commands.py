"""The commands beside the daemon: what they print, and how they end."""

from __future__ import annotations

import asyncio
import csv
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from callcentre.cli.main import main
from callcentre.telephony import sounds
from tests.acceptance.conftest import StartDaemon
from tests.acceptance.scene import calls_in, ended, joined, masked, ran, welcome
from tests.cast import MATTI
from tests.testbed.bed import Bed
from tests.testbed.kannel import Kannel
from tests.testbed.pbx import SUPPORT_NUMBER, Pbx, extensions_conf, queues_conf
from tests.testbed.phones import PhoneNetwork
from tests.testbed.process import CHECKOUT

MISTAKES = [
    ("  listen: 127.0.0.1:8090", "  listen: 127.0.0.1", "http.listen"),
    ("region: FI", "region: FX", "region"),
    ("      min_waiting: 3", "      min_wating: 3", "services.support.welcome.min_wating"),
    ("      cooldown: 1h", "      cooldown: soon", "services.support.welcome.cooldown"),
    ("{{ waiting }}", "{{ wating }}", "services.support.welcome.text"),
]


async def test_five_mistakes_are_reported_at_once_each_with_its_place(tmp_path: Path) -> None:
    text = (CHECKOUT / "config.yaml").read_text(encoding="utf-8")
    assert (await ran("check", "-c", CHECKOUT / "config.yaml")).code == 0
    places = {}
    for right, wrong, path in MISTAKES:
        head, found, _ = text.partition(right)
        assert found
        places[path] = head.count("\n") + 1
        text = text.replace(right, wrong, 1)
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    said = await ran("check", "-c", file)
    assert said.code == 2
    for path, line in places.items():
        (reported,) = [
            one for one in said.errors.splitlines() if one.startswith(f"{file}:{line}:") and f" {path}: " in one
        ]
        assert "warning" not in reported
        column = int(reported.split(":")[2])
        assert column > 0
    assert "did you mean min_waiting?" in said.errors
    assert (await ran("run", "-c", file)).code == 2
    assert os.listdir(tmp_path) == [file.name]


async def test_the_doctor_finds_nothing_where_all_is_well(bed: Bed, pbx: Pbx, network: PhoneNetwork) -> None:
    file = bed.configure(bed.folder / "config.yaml").file
    await bed.install(file)
    await pbx.reload("res_ari_sounds.so")
    await pbx.cli("module reload sounds")
    await pbx.log_on("support", "agent1")
    said = await ran("doctor", "-c", file)
    assert said.code == 0, said.output
    findings = [line for line in said.output.splitlines() if line.startswith(("ok ", "FIX "))]
    healthy = (
        "database", "Asterisk at", "queue support", "dialplan for service support", "dialplan for callbacks",
        "dialplan for the Auto Agent", "sounds in fi", "kannel",
    )  # fmt: skip
    for what in healthy:
        assert [line for line in findings if line.startswith("ok ") and what in line], what
    assert not await pbx.ari.get("/channels")
    assert not network.agent("agent1").rung


async def test_the_doctor_says_of_each_fault_how_to_fix_it(bed: Bed, pbx: Pbx, kannel: Kannel, tmp_path: Path) -> None:
    first = {"callback": {"dial": {"order": "agent_first"}}}
    changes = {"services": {"sales": {"queue": "nosuch", "name": {"fi": "Myynti"}}, "support": first}}
    file = bed.configure(tmp_path / "config.yaml", changes).file
    await pbx.write_queues(queues_conf())
    await pbx.write_extensions(extensions_conf(callcentre=""))
    await kannel.kill()
    said = await ran("doctor", "-c", file)
    assert said.code == 1
    assert "none now: nobody answers until one logs on" in said.output
    for fix in (
        "queue nosuch: is not known to Asterisk: correct services.*.queue",
        "dialplan for service support: callcentre-queue does not know it",
        "version of the dialplan: was printed by another version",
        "dialplan for callbacks: there is no callcentre-callback",
        "dialplan for agents who are rung first: there is no callcentre-agent",
        "dialplan for the Auto Agent: there is no callcentre-notice",
        "start bearerbox and smsbox",
    ):
        assert [line for line in said.output.splitlines() if line.startswith("FIX ") and fix in line], said.output
    file = bed.configure(file, {"ari": {"password": "wrong"}}).file
    assert "refuses ari.username and ari.password" in (await ran("doctor", "-c", file)).output
    file = bed.configure(file, {"ari": {"url": "http://127.0.0.1:9/ari"}}).file
    assert "cannot be reached" in (await ran("doctor", "-c", file)).output


async def test_a_timeline_tells_all_facts_of_one_call_for_people_programs_and_spreadsheets(
    start_daemon: StartDaemon, network: PhoneNetwork, kannel: Kannel
) -> None:
    daemon = await start_daemon(welcome())
    phone = await calls_in(network, daemon, MATTI, SUPPORT_NUMBER)
    await kannel.phone(MATTI).receives()
    await daemon.fact("sms.delivered")
    await phone.hang_up()
    await ended(daemon, MATTI)
    call = (await joined(daemon, MATTI))["call"]
    mine = [fact for fact in daemon.facts if fact.get("call") == call]
    assert [fact["event"] for fact in mine] == [
        "queue.joined", "sms.queued", "sms.accepted", "sms.delivered", "queue.left", "call.ended",
    ]  # fmt: skip

    timeline = ("timeline", "-c", daemon.file)
    as_json, as_csv, as_table, unknown = await asyncio.gather(
        ran(*timeline, call, "--format", "json"),
        ran(*timeline, call, "--format", "csv"),
        ran(*timeline, call),
        ran(*timeline, "1.1"),
    )
    assert json.loads(as_json.output) == mine
    rows = list(csv.DictReader(as_csv.output.splitlines()))
    assert [row["event"] for row in rows] == [fact["event"] for fact in mine]
    # A spreadsheet would take a number that begins with + for a formula.
    assert {row["number"] for row in rows} == {f"'{masked(MATTI)}"}
    assert [line.split()[1] for line in as_table.output.splitlines()[1:]] == [fact["event"] for fact in mine]
    assert "reason=abandoned" in as_table.output
    assert MATTI not in as_json.output + as_csv.output + as_table.output + "".join(daemon.other_lines)
    assert (unknown.code, unknown.output) == (1, "")
    assert "no fact of a call 1.1" in unknown.errors


HEARING = """
exten => +358912340030,1,Answer()
 same => n,Set(CHANNEL(language)=fi)
 same => n,Playback(callcentre/please-wait)
 same => n,Set(GLOBAL(PLAYED)=${PLAYBACKSTATUS})
 same => n,Playback(callcentre/nosuch)
 same => n,Set(GLOBAL(NOT_PLAYED)=${PLAYBACKSTATUS})
"""


async def test_installed_prompts_are_heard_in_the_callers_language_and_ones_own_stay(
    network: PhoneNetwork, pbx: Pbx
) -> None:
    own = pbx.sounds / "sv" / "callcentre" / "please-wait.wav"
    said = await ran("sounds", "install", pbx.sounds)
    assert said.code == 0
    assert "prompts new" in said.output
    recording = own.read_bytes()
    own.write_bytes(recording + b"\0\0")
    again = await ran("sounds", "install", pbx.sounds)
    assert "kept your own: sv/callcentre/please-wait.wav" in again.output
    assert own.read_bytes() == recording + b"\0\0"
    own.write_bytes(recording)
    assert not sounds.missing(pbx.sounds)

    await pbx.write_extensions(extensions_conf(more=HEARING))
    call = await network.call(MATTI, "+358912340030")
    await call.answered()
    recorded = await call.record()
    await call.ended(within=20)
    assert (await recorded.stop()).anything
    for variable, value in (("PLAYED", "SUCCESS"), ("NOT_PLAYED", "FAILED")):
        assert (await pbx.ari.get("/asterisk/variable", variable=variable))["value"] == value


@pytest.mark.parametrize(
    "command", [(), ("run",), ("check",), ("doctor",), ("schema",), ("dialplan",), ("sounds", "install"), ("timeline",)]
)
def test_every_command_explains_itself_with_an_example(command: tuple[str, ...]) -> None:
    said = CliRunner().invoke(main, [*command, "--help"])
    assert said.exit_code == 0
    assert ("Exit codes:" if not command else f"Example:\n  callcentre {' '.join(command)}") in said.output
