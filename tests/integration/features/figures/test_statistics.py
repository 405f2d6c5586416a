"""The statistics in a browser: the same figures as `callcentre stats`, and only those of the visitor's services."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from callcentre.features.figures.charts import CHARTS, OF_SERVICES
from callcentre.features.figures.jobs import Job, Reading
from callcentre.features.figures.outside.computing import done_of
from callcentre.features.figures.outside.figure_process import MOST_WAITING, FigureProcess, NoFigures
from callcentre.kernel.database import Database
from callcentre.kernel.ownership import Reach
from callcentre.kernel.page_reads import narrowing
from tests.integration.features.figures.served import DAY, SHAPE, Page, fill, served, stats
from tests.integration.web_client import Answer, Client
from tests.testbed.databases import ON_SERVER, database_in

OWN_DAY = f"period=own&from={DAY}&to={DAY}"
ADMINISTRATOR, SUPERVISOR, VIEWER = "administrator", "supervisor", "viewer"


on_server = pytest.mark.skipif(not ON_SERVER, reason="is about PostgreSQL")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """No test changes it."""
    found = database_in(tmp_path_factory.mktemp("day"))
    asyncio.run(fill(found))
    return found


@pytest.fixture
async def running(database: Database) -> AsyncIterator[tuple[Client, FigureProcess]]:
    async with served(database) as both:
        yield both


@pytest.fixture
def client(running: tuple[Client, FigureProcess]) -> Client:
    return running[0]


async def ask(client: Client, target: str, who: str = ADMINISTRATOR, **headers: str) -> Answer:
    return await client.get(target, Cookie=f"callcentre={who}", **headers)


async def page(client: Client, query: str, who: str = ADMINISTRATOR) -> Page:
    answer = await ask(client, f"/statistics?{query}", who)
    assert answer.status == 200, answer.body
    return Page(answer.body)


def figures_of(chart: str, rows: list[dict[str, float]]) -> list[list[float | None]]:
    (known,) = (each for each in CHARTS if each.name == chart)
    names = [column.figure for column in known.columns]
    return [[row[name] for name in names] for row in rows if any(row[name] for name in names)]


@pytest.mark.parametrize("by", ["hour", "quarter_hour", "minute", "day", "week", "service", "queue", "agent", "node"])
async def test_the_tables_have_the_figures_of_the_command(
    client: Client, database: Database, tmp_path: Path, by: str
) -> None:
    rows = stats(database, tmp_path, "--by", by)
    shown = await page(client, f"{OWN_DAY}&by={by}")
    for chart in CHARTS:
        assert [list(row) for row in shown.table(chart.name).rows] == figures_of(chart.name, rows), chart.name


async def test_a_chart_draws_what_is_in_its_table(client: Client) -> None:
    shown = await page(client, f"{OWN_DAY}&by=hour")
    for chart in (*CHARTS, *OF_SERVICES):
        drawn = shown.charts[chart.name]
        table = shown.table(chart.name)
        assert drawn["zone"] == "Europe/Helsinki"
        assert all(len(series["values"]) == len(drawn["x"]) for series in drawn["series"])
        first = [value for value in drawn["series"][0]["values"] if value]
        factor = 100 if drawn["unit"] == "%" else 1
        assert [round((row[0] or 0) * factor, 2) for row in table.rows if row[0]] == [round(each, 2) for each in first]
    assert len(shown.charts["calls"]["x"]) == 25


async def test_the_two_hours_of_a_clock_that_is_put_back_have_different_names(client: Client) -> None:
    labels = (await page(client, f"{OWN_DAY}&by=hour")).table("calls").labels
    assert len(labels) == len(set(labels)) == 25
    assert [label for label in labels if label.startswith("03:00")] == ["03:00 (+03:00)", "03:00 (+02:00)"]


@pytest.mark.parametrize(
    ("who", "mine", "other"),
    [
        ("viewer:support", "support", "sales"),
        # A key of every organisation that is restricted to a service.
        ("administrator:support!", "support", "sales"),
    ],
)
async def test_a_visitor_of_one_service_sees_nothing_of_the_other(
    client: Client, database: Database, tmp_path: Path, who: str, mine: str, other: str
) -> None:
    rows = stats(database, tmp_path, "--by", "hour", "--service", mine)
    answer = await ask(client, f"/statistics?{OWN_DAY}&by=hour", who)
    assert [list(row) for row in Page(answer.body).table("calls").rows] == figures_of("calls", rows)
    files = [await ask(client, f"/statistics.{form}?{OWN_DAY}&by=service", who) for form in ("csv", "xlsx")]
    api = await ask(client, f"/api/statistics?from={DAY}&to={DAY}", who)
    assert [row["service"] for row in json.loads(api.body)] == [mine]
    assert [row[0].value for row in openpyxl.load_workbook(io.BytesIO(files[1].body)).active.iter_rows()] == [
        "service", mine,
    ]  # fmt: skip
    for each in (answer, files[0], api):
        assert other.encode() not in each.body.lower()
    # What is not theirs is refused with the same words as what does not exist.
    refused = [await ask(client, f"/statistics?{OWN_DAY}&service={name}", who) for name in (other, "nosuch")]
    assert [each.status for each in refused] == [400, 400]
    # Each page has another token.
    bodies = [re.sub(rb'="[\w-]{43}"', b"", each.body) for each in refused]
    assert bodies[0].replace(other.encode(), b"nosuch") == bodies[1]
    refused = [await ask(client, f"/api/statistics?service={name}", who) for name in (other, "nosuch")]
    assert [(each.status, each.body) for each in refused] == [(404, refused[0].body)] * 2


def unscoped(statement: Any, _reach: Reach) -> Any:
    """A first wall with a hole."""
    return statement


@pytest.mark.parametrize(("with_hole", "calls"), [(False, 50), pytest.param(True, 50, marks=on_server)])
def test_there_are_two_walls(database: Database, monkeypatch: pytest.MonkeyPatch, with_hole: bool, calls: int) -> None:
    if with_hole:
        monkeypatch.setattr(narrowing, "scoped", unscoped)
    reading = Reading(by=None, start=None, stop=None, figures=("offered",))
    job = Job(
        url=database.url, node="main", zone="Europe/Helsinki", organisation="main", services=("support",),
        readings=(reading,),
    )  # fmt: skip
    done = done_of(job, SHAPE)
    assert [answer.rows for answer in done.answers] == [[[calls]]]


async def test_the_names_of_a_service_cannot_become_markup(client: Client) -> None:
    answer = await ask(client, f"/statistics?{OWN_DAY}&by=service")
    assert b"<Sales>" not in answer.body
    assert "<Sales> & 'more'" in Page(answer.body).table("calls").labels


async def test_survey_results_of_agents_are_for_supervisors(client: Client) -> None:
    for who, sees in ((SUPERVISOR, True), (VIEWER, False)):
        hours = await page(client, f"{OWN_DAY}&by=hour", who)
        assert ("surveys_of_agents" in hours.tables) is sees
        agents = await page(client, f"{OWN_DAY}&by=agent", who)
        assert ("surveys" in agents.tables) is sees
        assert "calls" in agents.tables
        (row, *_) = json.loads((await ask(client, f"/api/statistics?by=agent&from={DAY}", who)).body)
        assert ("csat" in row) is sees
        sheet = await ask(client, f"/statistics.csv?{OWN_DAY}&by=agent", who)
        assert (b"csat" in sheet.body) is sees


@pytest.mark.parametrize("who", ["agent", "sender", "device"])
async def test_others_see_no_figures(client: Client, who: str) -> None:
    for target in ("/statistics", "/statistics.csv", "/statistics.xlsx", "/api/statistics"):
        assert (await ask(client, target, who)).status == 403


async def test_a_comparison_shows_what_was_before_and_the_difference(client: Client) -> None:
    shown = await page(client, "period=own&from=2026-10-26&to=2026-10-26&by=hour&compare=previous")
    # Nothing was counted on Monday, and on Sunday three calls an hour; the hour that there was twice is compared once.
    table = shown.table("calls")
    assert len(table.rows) == 24
    assert [row[-2] for row in table.rows] == [3.0] * 24
    labels = [series["label"] for series in shown.charts["calls"]["series"]]
    assert "Calls, earlier" in labels


async def test_mistakes_are_said_at_their_fields_and_nothing_is_lost(client: Client) -> None:
    query = f"period=own&from=2026-10-32&to={DAY}&service=support&by=hour&compare=week"
    answer = await ask(client, f"/statistics?{query}")
    text = answer.body.decode()
    assert answer.status == 400
    assert '<span class="mistake" id="mistake-from">' in text
    assert text.count('class="mistake"') == 1
    for kept in ('value="2026-10-32"', '<option value="hour" selected>', '<option value="week" selected>'):
        assert kept in text


async def test_days_in_which_nothing_happened_say_so(client: Client) -> None:
    shown = await page(client, "period=own&from=2020-01-01&to=2020-01-01")
    assert not shown.tables
    assert "Nothing happened in this time." in shown.words


async def test_the_address_for_programs_answers_as_the_command(
    client: Client, database: Database, tmp_path: Path
) -> None:
    for by in ("service", "agent", "hour"):
        answer = await client.get(f"/api/statistics?by={by}&from={DAY}&to={DAY}", Authorization="Bearer token")
        assert json.loads(answer.body) == stats(database, tmp_path, "--by", by)
        assert answer.headers["Content-Type"].startswith("application/json")
    refused = await client.get("/api/statistics?by=decade", Authorization="Bearer token")
    assert refused.status == 400
    assert json.loads(refused.body)["mistakes"][0].startswith("by: One of ")


async def test_files_have_the_same_figures_and_no_formula(client: Client, database: Database, tmp_path: Path) -> None:
    rows = stats(database, tmp_path, "--by", "agent")
    answer = await ask(client, f"/statistics.csv?{OWN_DAY}&by=agent")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="statistics_agent_{DAY}_{DAY}.csv"'
    found = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert [row["offered"] for row in found] == [str(row["offered"]) for row in rows]
    assert {row["agent_name"] for row in found} == {"Anna", "'=Bo", ""}
    answer = await ask(client, f"/statistics.xlsx?{OWN_DAY}&by=agent")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.body)).active
    head, *cells = sheet.iter_rows()
    names = [cell.value for cell in head]
    assert [row[names.index("offered")].value for row in cells] == [row["offered"] for row in rows]
    named = [row[names.index("agent_name")] for row in cells]
    assert [(cell.value, cell.data_type) for cell in named if cell.value == "=Bo"] == [("=Bo", "s")]


async def test_one_reading_serves_everybody_who_asks_the_same(running: tuple[Client, FigureProcess]) -> None:
    client, process = running
    answers = [await ask(client, f"/statistics?{OWN_DAY}", who) for who in (ADMINISTRATOR, SUPERVISOR, ADMINISTRATOR)]
    assert {answer.status for answer in answers} == {200}
    assert process.jobs_carried_out == 1
    # Who sees less gets an answer of their own.
    await ask(client, f"/statistics?{OWN_DAY}", "viewer:support")
    assert process.jobs_carried_out == 2


async def test_a_question_too_many_is_refused_at_once(database: Database) -> None:
    process = FigureProcess(Path("config.yaml"))

    async def asked(number: int) -> bool:
        reading = Reading(by=None, start=number, stop=None, figures=("offered",))
        job = Job(
            url=database.url, node="main", zone="Europe/Helsinki", organisation=None, services=(), readings=(reading,)
        )  # fmt: skip
        try:
            await process.answer(job)
        except NoFigures as why:
            assert "try again" in str(why)  # noqa: PT017
            return False
        return True

    async with process.open():
        answered = await asyncio.gather(*(asked(number) for number in range(MOST_WAITING + 1)))
    assert answered == [True] * MOST_WAITING + [False]


async def test_figures_come_again_after_the_process_was_killed(running: tuple[Client, FigureProcess]) -> None:
    client, process = running
    assert (await ask(client, f"/statistics?{OWN_DAY}")).status == 200
    process.kill()
    assert (await ask(client, f"/statistics?{OWN_DAY}&by=day")).status == 200


async def test_a_database_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    database = Database.of_file(tmp_path / "none.db")
    async with served(database) as (client, _):
        answer = await ask(client, f"/statistics?{OWN_DAY}")
        assert answer.status == 503
        assert b"The figures cannot be read now." in answer.body
        assert (await ask(client, "/api/statistics")).status == 503
        # A problem is not kept for those who ask again.
        await fill(database)
        assert (await ask(client, f"/statistics?{OWN_DAY}")).status == 200
