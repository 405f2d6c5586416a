"""A person is exported, and erased: in database, write-ahead log and unused bytes, and in all files of the log."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
import structlog
import yaml
from click.testing import CliRunner, Result

from callcentre.app import ledger_shape
from callcentre.cli.main import main
from callcentre.features.callbacks.events import CallbackRequested
from callcentre.kernel.database import Database
from callcentre.kernel.event import Event
from callcentre.kernel.log_files import BESIDE
from callcentre.messaging.events import TextReceived
from callcentre.statistics.figures import figures
from callcentre.statistics.questions import By, Question
from callcentre.statistics.sources import ledger_of_database, ledger_of_log
from callcentre.values.numbers import caller_hash, mask
from tests.cast import REPLY_NUMBER
from tests.integration.kept import keep, kept
from tests.integration.kernel.crashing import CRASHES
from tests.testbed.configuration import merged, shipped
from tests.testbed.databases import the_server
from tests.testbed.postgresql import fresh
from tests.testbed.process import python_environment
from tests.unit.counted import six_calls

KEY = b"k" * 32
PERSON = "+358401110001"
"""Called, talked with Anna, is to be asked about it, wants no texts, and has an open callback."""
OTHER = "+358401110002"

SHAPE = ledger_shape()
HELSINKI = ZoneInfo("Europe/Helsinki")


@dataclass
class Held:
    """The folder of a daemon that does not run."""

    folder: Path

    def run(self, *arguments: str) -> Result:
        # With COLUMNS set, as a test runner may do, help is folded to that width.
        command = [*arguments[:2], "-c", str(self.folder / "config.yaml"), *arguments[2:]]
        return CliRunner().invoke(main, command, env={"COLUMNS": None}, catch_exceptions=False)

    @property
    def database(self) -> Path:
        return self.folder / "callcentre.db"

    @property
    def logs(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.name.startswith("facts.jsonl"))

    def figures(self) -> dict[str, Any]:
        """All figures of the database and of the log."""
        questions = [Question(by=by, zone=HELSINKI) for by in get_args(By)]
        with ledger_of_database(SHAPE, Database.of_file(self.database)) as ledger:
            of_database = [figures(SHAPE, ledger, question) for question in questions]
        with ledger_of_log(SHAPE, self.logs) as (ledger, _):
            of_log = [figures(SHAPE, ledger, question) for question in questions]
        return {"database": of_database, "log": of_log}

    def bytes(self) -> dict[str, bytes]:
        """All files but the configuration, uncompressed."""
        files = [path for path in self.folder.iterdir() if path.name != "config.yaml"]
        return {path.name: _unpacked(path.read_bytes()) for path in files}

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(query).fetchall()


def _unpacked(held: bytes) -> bytes:
    return gzip.decompress(held) if held.startswith(b"\x1f\x8b") else held


def story() -> list[Event]:
    """What happened to the person, and to others."""
    rehearsal = six_calls()
    at = rehearsal.at + timedelta(minutes=1)
    callback = CallbackRequested(
        at=at, request="request", service="support", number=PERSON, caller_name="Matti Virtanen", by="staff"
    )
    stop = TextReceived(at=at, gateway="kannel", gateway_id="1", sender=PERSON, recipient=REPLY_NUMBER, body="STOP")
    return [*rehearsal.events, callback, stop]


@pytest.fixture
async def held(tmp_path: Path) -> Held:
    database, log = await kept(tmp_path, story())
    lines = log.read_bytes().splitlines(keepends=True)
    log.with_name("facts.jsonl.2.gz").write_bytes(gzip.compress(b"".join(lines[:6])))
    log.with_name("facts.jsonl-20260602").write_bytes(b"".join(lines[6:12]))
    log.write_bytes(b"".join(lines[12:]))
    log.chmod(0o640)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("INSERT INTO meta (node, key, value) VALUES ('', 'hash_key', ?)", [KEY.hex()])
        connection.commit()
    changes = {"store": {"url": "sqlite:///callcentre.db"}, "log": {"file": "facts.jsonl"}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(merged(shipped(), changes), allow_unicode=True))
    return Held(tmp_path)


@pytest.fixture(autouse=True)
def _diagnostics_as_before() -> Iterator[None]:
    """A command that works without the daemon shows errors only, in the whole process."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def traces(number: str, *, kept_hash: bool) -> Iterator[bytes]:
    """What may not be in any file: the number in three forms, its hash as stored in the journal, and in words."""
    caller = caller_hash(KEY, number)
    yield from (number.encode(), number.replace("+358", "0").encode(), bytes.fromhex(caller))
    if not kept_hash:
        yield caller.encode()


def test_everything_about_a_person_is_exported(held: Held) -> None:
    shown = held.run("person", "export", "040 111 0001")
    assert shown.exit_code == 0, shown.output
    everything = json.loads(shown.stdout)
    assert (everything["number"], everything["caller"]) == (PERSON, caller_hash(KEY, PERSON))
    tables = {each["table"]: each["rows"] for each in everything["tables"]}
    assert tables.keys() >= {"journal", "visits", "callbacks", "callback_records", "callback_requests", "suppressions"}
    assert [row["caller_name"] for row in tables["callbacks"]] == ["Matti Virtanen"]
    names = [fact["event"] for fact in tables["journal"]]
    assert {"queue.joined", "queue.left", "call.ended", "callback.accepted", "number.opted_out"} <= set(names)
    assert len(tables["visits"]) == 1, "the visits of others are not this person's"
    assert caller_hash(KEY, OTHER) not in shown.stdout
    output = held.folder / "person.json"
    assert held.run("person", "export", PERSON, "--output", str(output)).exit_code == 0
    assert output.stat().st_mode & 0o777 == 0o600
    assert json.loads(output.read_text())["tables"] == everything["tables"]


def test_nothing_of_an_erased_person_is_in_database_or_log_and_the_figures_stay(held: Held) -> None:
    before, figures_before = held.bytes(), held.figures()
    assert any(trace in file for trace in traces(PERSON, kept_hash=True) for file in before.values())
    modes = {path.name: (path.stat().st_mode, path.stat().st_mtime) for path in held.logs}
    ended = held.run("person", "erase", PERSON, "--yes")
    assert ended.exit_code == 0, ended.output
    for name, file in held.bytes().items():
        for trace in traces(PERSON, kept_hash=name.startswith("callcentre.db")):
            assert trace not in file, f"{name} holds {trace!r}"
        for call in ("cb-request", "Matti"):
            assert call.encode() not in file, name
    facts = [json.loads(line) for path in held.logs for line in _unpacked(path.read_bytes()).splitlines()]
    assert mask(PERSON) not in [fact.get("number") for fact in facts if fact.get("caller") != caller_hash(KEY, OTHER)]
    assert held.rows("SELECT count(*) FROM suppressions") == [(1,)], "an opt-out stays, as a keyed hash"
    assert held.rows("SELECT count(*) FROM callbacks") == [(0,)]
    assert held.rows("SELECT count(*) FROM visits WHERE caller IS NULL") == [(1,)]
    kept_modes = {path.name: (path.stat().st_mode, path.stat().st_mtime) for path in held.logs}
    assert {name: kept_modes[name][0] for name in modes} == {name: mode for name, (mode, _) in modes.items()}
    older = "facts.jsonl-20260602"
    assert kept_modes[older] == modes[older]
    after = held.figures()
    assert untouched(after["database"]) == untouched(figures_before["database"])
    assert after["log"] == after["database"]


def untouched(tables: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Figures without those that the end of the open callback and of the open texts changes."""
    changes = ("closed", "cancel", "sms", "welcome_sent", "open")
    return [
        [{name: value for name, value in row.items() if not any(word in name for word in changes)} for row in table]
        for table in tables
    ]


def test_another_person_stays_and_a_second_erasure_finds_nothing(held: Held) -> None:
    others = held.rows("SELECT count(*) FROM journal WHERE caller IS NOT NULL")[0][0]
    assert held.run("person", "erase", PERSON, "--yes").exit_code == 0
    hash_of_other = bytes.fromhex(caller_hash(KEY, OTHER))
    assert any(hash_of_other in file for file in held.bytes().values())
    assert 0 < held.rows("SELECT count(*) FROM journal WHERE caller IS NOT NULL")[0][0] < others
    again = held.run("person", "erase", PERSON, "--yes")
    assert (again.exit_code, "rows erased: none" in again.stdout) == (0, True), again.output
    exported = json.loads(held.run("person", "export", PERSON).stdout)
    assert [each["table"] for each in exported["tables"]] == ["suppressions"]


def test_without_yes_nothing_is_erased_and_what_is_no_number_is_refused(held: Held) -> None:
    before = held.bytes()
    refused = held.run("person", "erase", PERSON)
    assert (refused.exit_code, "add --yes" in refused.stderr) == (2, True)
    assert held.run("person", "erase", "Matti", "--yes").exit_code == 2
    assert held.run("person", "export", "12").exit_code == 2
    assert held.bytes() == before


@pytest.mark.parametrize("where", CRASHES)
def test_an_erasure_that_crashed_is_done_to_its_end_by_the_next_run(held: Held, where: str) -> None:
    crashed = subprocess.run(
        [sys.executable, "-m", "tests.integration.kernel.crashing", where, str(held.folder / "config.yaml"), PERSON],
        env=python_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert crashed.returncode == 9, crashed.stdout + crashed.stderr
    before = held.figures()["log"] if where == "before the database is cleaned" else None
    ended = held.run("person", "erase", PERSON, "--yes")
    assert ended.exit_code == 0, ended.output
    for name, file in held.bytes().items():
        for trace in traces(PERSON, kept_hash=name.startswith("callcentre.db")):
            assert trace not in file, f"{name} holds {trace!r}"
        assert b"cb-request" not in file, name
    after = held.figures()
    assert after["log"] == after["database"]
    assert before in (None, after["log"])
    assert not [path for path in held.folder.iterdir() if path.name.endswith(BESIDE)]


@pytest.fixture
async def on_a_server(tmp_path: Path) -> tuple[Held, str]:
    """The same on a server, and the name of the database."""
    url = fresh(the_server())
    await keep(Database(url), tmp_path / "facts.jsonl", story())
    name = url.rpartition("@/")[2].partition("?")[0]
    with the_server().connect(name) as connection:
        connection.execute("INSERT INTO meta (node, key, value) VALUES ('', 'hash_key', %s)", [KEY.hex()])
    changes = {"store": {"url": url}, "log": {"file": "facts.jsonl"}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(merged(shipped(), changes), allow_unicode=True))
    return Held(tmp_path), name


def test_a_person_is_erased_in_every_row_of_a_server_too(on_a_server: tuple[Held, str]) -> None:
    held, name = on_a_server
    caller = caller_hash(KEY, PERSON)

    def tables_with(trace: str) -> set[str]:
        with the_server().connect(name) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            rows = {table: connection.execute(f'SELECT t::text FROM "{table}" t').fetchall() for (table,) in tables}
        return {str(table) for table, found in rows.items() for (row,) in found if trace in str(row)}

    exported = json.loads(held.run("person", "export", PERSON).stdout)
    assert {each["table"] for each in exported["tables"]} >= {"journal", "visits", "callbacks", "suppressions"}
    assert tables_with(PERSON) >= {"callbacks", "outbox"}
    assert tables_with(caller) >= {"journal", "visits", "suppressions"}
    ended = held.run("person", "erase", PERSON, "--yes")
    assert ended.exit_code == 0, ended.output
    assert tables_with(PERSON) == set()
    assert tables_with(caller) == {"suppressions"}
    for file in held.logs:
        assert caller.encode() not in file.read_bytes()
