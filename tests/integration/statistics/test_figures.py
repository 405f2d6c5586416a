"""Figures of real files: the database and the log that an engine wrote say the same, and what was counted by hand."""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner

from callcentre.app import ledger_shape
from callcentre.cli.main import main
from callcentre.features.surveys.model import given_answers
from callcentre.kernel import schema
from callcentre.kernel.database import Database
from callcentre.statistics.figures import figures
from callcentre.statistics.questions import By, Question
from callcentre.statistics.sources import ledger_of_database, ledger_of_log
from callcentre.statistics.tables import ledger_table
from tests.cast import ANNA, BO
from tests.integration.kept import keep
from tests.testbed.configuration import merged, shipped
from tests.testbed.postgresql import Server, fresh
from tests.testbed.process import python_environment
from tests.unit.counted import BY_AGENT, SIX_CALLS, six_calls
from tests.unit.rehearsal import NOON

SHAPE = ledger_shape()
HELSINKI = ZoneInfo("Europe/Helsinki")


@dataclass(frozen=True, slots=True)
class Kept:
    """The database and the log of two agents and six calls."""

    database: Database
    log: Path


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Once in each kind of database. No test changes them."""
    folder = tmp_path_factory.mktemp("six-calls")
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        database = Database(server.make("six-calls"))
    else:
        database = Database.of_file(folder / "callcentre.db")
    asyncio.run(keep(database, folder / "facts.jsonl", six_calls().events))
    return Kept(database, folder / "facts.jsonl")


@pytest.fixture
def copies(files: Kept, request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """Copies that a test may change."""
    log = Path(shutil.copy(files.log, tmp_path))
    if files.database.path is None:
        return Kept(Database(fresh(request.getfixturevalue("postgresql"), "six-calls")), log)
    return Kept(Database.of_file(Path(shutil.copy(files.database.path, tmp_path))), log)


def asked(by: By) -> Question:
    return Question(by=by, zone=HELSINKI)


@pytest.mark.parametrize("by", get_args(By))
def test_the_figures_of_the_log_are_those_of_the_database(files: Kept, by: By) -> None:
    with ledger_of_database(SHAPE, files.database) as ledger:
        of_database = figures(SHAPE, ledger, asked(by))
    with ledger_of_log(SHAPE, [files.log]) as (ledger, _):
        assert figures(SHAPE, ledger, asked(by)) == of_database
    assert sum(int(row["offered"] or 0) for row in of_database) == SIX_CALLS["offered"]


def test_the_figures_of_six_calls_are_those_counted_by_hand(files: Kept) -> None:
    with ledger_of_database(SHAPE, files.database) as ledger:
        (service,) = figures(SHAPE, ledger, asked("service"))
        agents = {row["agent"]: row for row in figures(SHAPE, ledger, asked("agent"))}
    assert service | SIX_CALLS == service
    assert agents.keys() == BY_AGENT.keys()
    for agent, counted in BY_AGENT.items():
        assert agents[agent] | counted == agents[agent]


def test_a_log_counts_the_same_rotated_compressed_given_twice_and_in_any_order(copies: Kept) -> None:
    log = copies.log
    lines = log.read_bytes().splitlines(keepends=True)
    older, newer = log.with_name("facts.jsonl.2.gz"), log.with_name("facts.jsonl.1")
    older.write_bytes(gzip.compress(b"".join(lines[:9])))
    newer.write_bytes(b"".join(lines[5:12]) + b'not json\n{"event":"queue.joined"}\n[]\n\n\xff\xfe\n')
    log.write_bytes(b"".join(lines[12:]))
    with ledger_of_database(SHAPE, copies.database) as ledger:
        expected = figures(SHAPE, ledger, asked("agent"))
    with ledger_of_log(SHAPE, [log, newer, older]) as (ledger, reading):
        assert figures(SHAPE, ledger, asked("agent")) == expected
    assert (reading.facts, reading.again, reading.others) == (len(lines), 4, 4)


async def test_an_engine_enters_what_the_journal_had_before_there_was_a_ledger(copies: Kept) -> None:
    with sa.create_engine(copies.database.url).begin() as connection:
        for kept in SHAPE.tables:
            connection.execute(sa.delete(ledger_table(kept)))
        connection.execute(sa.delete(schema.meta).where(schema.meta.c.key == "entered"))
    await keep(copies.database, copies.log, [])
    with ledger_of_database(SHAPE, copies.database) as ledger, ledger_of_log(SHAPE, [copies.log]) as (reported, _):
        assert figures(SHAPE, ledger, asked("agent")) == figures(SHAPE, reported, asked("agent"))
        assert figures(SHAPE, ledger, asked("service"))[0]["offered"] == 6


def run(files: Kept | None, folder: Path, *arguments: str | Path) -> Any:
    file = folder / "config.yaml"
    changes = {"store": {"url": "sqlite:///callcentre.db" if files is None else files.database.url}}
    file.write_text(yaml.safe_dump(merged(shipped(), changes), allow_unicode=True), encoding="utf-8")
    command, *rest = map(str, arguments)
    # With COLUMNS set, as a test runner may do, a table is folded to that width.
    return CliRunner().invoke(main, [command, "-c", str(file), *rest], env={"COLUMNS": None})


def test_the_command_shows_figures_and_names_only(files: Kept, tmp_path: Path) -> None:
    shown = run(files, tmp_path, "stats", "--by", "agent", "--format", "json")
    assert shown.exit_code == 0
    rows = json.loads(shown.stdout)
    assert [row["agent"] for row in rows] == [ANNA, BO, None]
    assert all(value is None or isinstance(value, str | int | float) for row in rows for value in row.values())
    of_log = run(files, tmp_path, "stats", "--by", "agent", "--format", "json", "--log", files.log)
    assert of_log.stdout == shown.stdout


def test_a_time_in_which_nothing_happened_is_reported(files: Kept, tmp_path: Path) -> None:
    shown = run(files, tmp_path, "stats", "--to", "2020-01-01")
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "", "nothing happened in this time\n")


def test_a_table_names_the_side_that_closed_a_callback(tmp_path: Path) -> None:
    who = ("sms", "auto_agent", "customer", "caller_returned", "staff", "api")
    facts = [
        {"event": event, "id": 2 * number + later, "callback": by, "service": "support", "by": by, "position": 1}
        for number, by in enumerate(who, 1)
        for later, event in enumerate(("callback.accepted", "callback.cancelled"))
    ]
    log = tmp_path / "facts.jsonl"
    reported = (json.dumps({**fact, "at": "2026-06-03T09:00:00.000Z"}) + "\n" for fact in facts)
    log.write_text("".join(reported), encoding="utf-8")
    lines = run(None, tmp_path, "stats", "--log", log).stdout.splitlines()
    counted = lines[lines.index("Callbacks closed by") + 2]
    assert counted.split() == ["support", *"111111"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("stats", "--format", "xlsx"), "needs --output FILE"),
        (("stats", "--from", "2026-13-01"), "is not a date"),
        (("stats", "--from", "2026-02-02", "--to", "2026-02-01"), "is before"),
        (("stats", "--service", "suport"), "nothing is known of such a service"),
        (("stats", "--service-level", "20"), "has no unit"),
        (("stats", "--timezone", "Europe/Helsingfors"), "is not a timezone"),
        (("export", "calls", "--service", "suport"), "nothing is known of such a service"),
        (("export", "calls", "--separator", "."), 'is not a separator: "."; write "," or ";" or "|" or tab'),
        (("export", "calls", "--format", "json", "--bom"), "are for --format csv, not json"),
        (("stats", "--for-spreadsheet", "fi"), "are for --format csv, not table"),
    ],
)
def test_wrong_use_is_shown_and_ends_with_2(
    files: Kept, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    ended = run(files, tmp_path, *arguments)
    assert ended.exit_code == 2
    assert complaint in ended.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_what_cannot_be_written_to_standard_output_is_a_failure(unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "callcentre", "schema"], stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env={**python_environment(), "PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (1, "cannot be written: No space left on device\n")


def test_without_a_database_the_command_fails_and_says_why(tmp_path: Path) -> None:
    ended = run(None, tmp_path, "stats")
    assert ended.exit_code == 1
    assert "there is no database yet" in ended.stderr


def test_a_database_without_a_table_of_the_ledger_is_of_an_older_version(copies: Kept, tmp_path: Path) -> None:
    with sa.create_engine(copies.database.url).begin() as connection:
        ledger_table(SHAPE.tables[-1]).drop(connection)
    ended = run(copies, tmp_path, "stats")
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "is of an older version; start the daemon once" in ended.stderr


SCORES = [
    *(("csat", value) for value in (4, 5, 3)),
    *(("nps", value) for value in (10, 9, 7, 6)),
    ("ces", 2),
    ("ces", 7),
]


def test_satisfaction_is_what_its_formulas_say(tmp_path: Path) -> None:
    log = tmp_path / "facts.jsonl"
    about = {"at": "2026-06-03T09:00:00.000Z", "service": "support", "agent": ANNA}
    reported = [
        {"event": "survey.answered", "id": number, "survey": f"s{number}", "metric": metric, "value": value, **about}
        for number, (metric, value) in enumerate(SCORES, 1)
    ]
    log.write_text("".join(f"{json.dumps(fact)}\n" for fact in reported), encoding="utf-8")
    with ledger_of_log(SHAPE, [log]) as (ledger, _):
        [row] = figures(SHAPE, ledger, asked("agent"))
    # Top two of five: two of three. Promoters two, passives one, detractors one of four: 50 - 25.
    assert (row["csat_answers"], row["csat"]) == (3, round(2 / 3, 4))
    assert (row["nps_answers"], row["nps"]) == (4, 25.0)
    assert (row["ces_answers"], row["ces"]) == (2, 4.5)
    assert (row["nps_low"], row["nps_high"]) == (-100, 100)


def test_an_export_has_every_answer_with_whom_it_is_about_and_what_was_written(copies: Kept, tmp_path: Path) -> None:
    row = {
        "key": "s1 why", "survey": "s1", "question": "why", "at": NOON,
        "service": "support", "queue": "support", "call": "1.1", "agent": ANNA, "agent_name": "Anna",
        "caller": "abc", "wait": 4.5, "talk": 60.25, "answer": "=1+1", "value": None, "metric": "none", "by": "sms",
    }  # fmt: skip
    with sa.create_engine(copies.database.url).begin() as connection:
        connection.execute(sa.insert(given_answers().table), row)
    shown = run(copies, tmp_path, "export", "surveys")
    assert shown.exit_code == 0
    [answer] = csv.DictReader(shown.stdout.splitlines())
    assert answer == {
        "at": "2026-06-03T12:00:00.000+03:00", "service": "support", "queue": "support", "agent": ANNA,
        "agent_name": "Anna", "call": "1.1", "survey": "s1", "question": "why", "answer": "'=1+1", "value": "",
        "metric": "none", "caller": "abc", "wait": "4.5", "talk": "60.25",
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "rows"), [("calls", 6), ("callbacks", 0), ("messages", 2), ("surveys", 0)])
def test_an_export_has_a_row_for_each(files: Kept, tmp_path: Path, kind: str, rows: int) -> None:
    path = tmp_path / "rows.xlsx"
    shown = run(files, tmp_path, "export", kind, "--format", "xlsx", "--output", path)
    assert shown.exit_code == 0
    workbook = openpyxl.load_workbook(path)
    assert workbook.active.max_row == 1 + rows
    workbook.close()


def test_an_export_comes_in_every_format_of_a_list(files: Kept, tmp_path: Path) -> None:
    as_csv = [*csv.DictReader(run(files, tmp_path, "export", "calls").stdout.splitlines())]
    as_json = json.loads(run(files, tmp_path, "export", "calls", "--format", "json").stdout)
    assert len(as_json) == 6
    reported = [{name: "" if value is None else str(value) for name, value in row.items()} for row in as_json]
    assert [row | {"number": f"'{row['number']}"} for row in reported] == as_csv
    assert {type(row["wait"]) for row in as_json} == {float}
    heads, *lines = run(files, tmp_path, "export", "calls", "--format", "table").stdout.splitlines()
    assert heads.split() == [*as_json[0]]
    assert [row["call"] in line for row, line in zip(as_json, lines, strict=True)] == [True] * 6
    file = tmp_path / "calls.json"
    assert run(files, tmp_path, "export", "calls", "--format", "json", "--output", file).exit_code == 0
    assert json.loads(file.read_text(encoding="utf-8")) == as_json
    assert json.loads(run(files, tmp_path, "export", "surveys", "--format", "json").stdout) == []
    for form in ("table", "xlsx"):
        wrong = ("--output", file) if form == "table" else ()
        assert run(files, tmp_path, "export", "calls", "--format", form, *wrong).exit_code == 2


def test_an_agent_goes_by_the_latest_name_in_the_span(tmp_path: Path) -> None:
    log = tmp_path / "facts.jsonl"
    named = [(ANNA, "Anna"), (ANNA, "Anna V."), (BO, None)]
    reported = [
        {"event": "queue.left", "id": number, "at": f"2026-06-03T09:0{number}:00.000Z", "queue": "support",
         "call": str(number), "reason": "answered", "wait": 1, "agent": agent, "agent_name": name}
        for number, (agent, name) in enumerate(named, 1)
    ]  # fmt: skip
    log.write_text("".join(f"{json.dumps(fact)}\n" for fact in reported), encoding="utf-8")
    with ledger_of_log(SHAPE, [log]) as (ledger, _):
        rows = figures(SHAPE, ledger, asked("agent"))
    assert [(row["agent"], row["agent_name"]) for row in rows] == [(ANNA, "Anna V."), (BO, None)]
