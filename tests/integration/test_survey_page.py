"""A survey's own page and `/api/surveys/{token}`, on a running engine with a real database and real sockets."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import sqlalchemy as sa
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from callcentre.app import components
from callcentre.features.callbacks import web as callbacks_web
from callcentre.features.callbacks.ports import ports_of
from callcentre.features.surveys.model import LONGEST_ANSWER, SurveyAnswer, token_of
from callcentre.features.surveys.page_words import WORDS
from callcentre.features.surveys.web import routes as survey_routes
from callcentre.kernel.component import Built, Components, On, on
from callcentre.kernel.effect import Effect
from callcentre.kernel.engine import Engine
from callcentre.kernel.event import Event, TimerDue
from callcentre.kernel.journal import FactLog
from callcentre.kernel.outbox import Outbox
from callcentre.kernel.program import Health, Program
from callcentre.kernel.schema import table_of
from callcentre.kernel.store import Store, read
from callcentre.kernel.timers import Timers
from callcentre.messaging.effects import SendText
from callcentre.messaging.events import Accepted, TextHandedOver
from callcentre.telephony.queue_view.model import Call, CallOver, Stage
from callcentre.web.openapi import description
from callcentre.web.ports import WebPorts
from callcentre.web.routes import Route
from callcentre.web.server import WebServer, build
from callcentre.world import World
from tests.testbed.configuration import TOKEN
from tests.testbed.json_schema import mistakes
from tests.unit.features.surveys.people import links
from tests.unit.rehearsal import NOON, settings
from tests.unit.telephone import MATTI

KEY = b"k" * 32
CALL = "1795325295.1"
SURVEY = token_of(KEY, CALL)
GOOD = {"answers": [{"question": "satisfaction", "value": 5}, {"question": "why", "answer": "Ripeä\npalvelu"}]}
FORM = {"satisfaction": "4", "comment": "Ihan hyvä <b>&amp; ripeä\r\nkiitos"}


@dataclass
class Answer:
    status: int
    headers: Any
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Served:
    """A daemon without Asterisk that sends a link for one call.

    `at` is its clock, and `gate` holds back what is to be stored.
    """

    folder: Path
    engine: Engine
    world: World
    timers: Timers
    at: datetime = NOON
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""
    routes: Sequence[Route] = ()
    http: aiohttp.ClientSession | None = None

    async def submit(self, event: Event) -> None:
        await self.gate.wait()
        await self.engine.settle(event)

    async def asked(self) -> None:
        """The call has ended, and the link to its page went out."""
        call = Call(
            call=CALL, channel="PJSIP/trunk-1", queue="support", service="support", number=MATTI, caller_name="Matti",
            language="", stage=Stage.TALKING, joined_at=self.at, entered=self.at, position=1, agent="PJSIP/agent1",
            agent_name="Maija", answered=self.at,
        )  # fmt: skip
        await self.engine.settle(_Ended(at=self.at, over=CallOver(at=self.at, call=call, wait=3.0, talk=60.0)))
        await self.passes(60)

    async def passes(self, seconds: float) -> None:
        """Time passes, and what falls due meanwhile does."""
        self.at += timedelta(seconds=seconds)
        due = [(key, when) for key, timer in self.timers._due.items() if (when := timer.at) <= self.at]
        for key, when in due:
            await self.engine.settle(TimerDue(at=self.at, key=key, due=when))

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        assert self.http is not None
        async with self.http.request(method, self.url + path, allow_redirects=False, **options) as response:
            return Answer(response.status, response.headers, await response.text())

    async def page(self, query: str = "", token: str = SURVEY) -> Answer:
        return await self.ask("GET", f"/s/{token}{query}")

    async def send(self, form: dict[str, str], query: str = "", token: str = SURVEY) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.ask("POST", f"/s/{token}{query}", data=urlencode(form).encode(), headers=headers)

    async def results(self, body: Any, token: str = SURVEY, bearer: str = TOKEN) -> Answer:
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.ask("POST", f"/api/surveys/{token}", data=data, headers=headers)

    async def kept(self) -> list[dict[str, Any]]:
        """The answers on disk."""
        answers = table_of(SurveyAnswer, "survey_answers")
        (rows,) = await read(self.folder / "callcentre.db", [sa.select(answers).order_by(answers.c.question)])
        return rows

    def facts(self) -> list[str]:
        lines = map(json.loads, (self.folder / "facts.jsonl").read_text().splitlines())
        return [
            " ".join(str(line[name]) for name in ("event", "question", "value", "metric", "by") if name in line)
            for line in lines
            if line["event"].startswith("survey.")
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended(Event):
    over: CallOver


@asynccontextmanager
async def served_in(folder: Path, answer_within: float = 5.0) -> AsyncIterator[Served]:
    store = Store(folder / "callcentre.db")
    await store.open()
    world = World(settings=settings(links()), key=KEY)
    served: Served

    async def send(effect: Effect) -> Event:
        assert isinstance(effect, SendText)
        return TextHandedOver(at=served.at, message=effect.message, outcome=Accepted())

    outbox = Outbox({SendText: send}, lambda *reported: engine.report(*reported), lambda: served.at)
    scheduler = AsyncIOScheduler(timezone=UTC)
    timers = Timers(scheduler, lambda due: engine.submit(due), lambda: served.at)
    facts = FactLog(folder / "facts.jsonl", "json")
    built = components(world)
    survey = next(each for each in built.built if each.name == "surveys")
    ((over,),) = (heard.rules for heard in survey.of(On) if heard.heard is CallOver)
    ending = Built("ending", frozenset(), (on(_Ended, lambda event, at: over(event.over, at)),))
    engine = Engine(
        Components((*built.built, ending)),
        store=store,
        timers=timers,
        outbox=outbox,
        facts=facts,
        clock=lambda: served.at,
    )
    served = Served(folder, engine, world, timers)
    served.gate.set()
    ports = WebPorts(
        submit=served.submit,
        token=lambda: TOKEN,
        health=lambda: Health(ready=True),
        registry=CollectorRegistry(),
        clock=lambda: served.at,
        answer_within=answer_within,
    )
    await engine.load()
    running = asyncio.create_task(engine.run())
    program = Program(settled=engine.settled, database=store.path)
    served.routes = [
        *callbacks_web.routes(ports, ports_of(world.for_callbacks, program)),
        *survey_routes(ports, world.surveys, world),
    ]
    server = WebServer("127.0.0.1:0", build(ports, served.routes))
    await server.start()
    served.url = f"http://127.0.0.1:{server.address[1]}"
    try:
        async with aiohttp.ClientSession() as served.http:
            yield served
    finally:
        await server.stop()
        engine.stop()
        await outbox.drain(1)
        await running
        facts.close()
        await store.close()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with served_in(tmp_path) as running:
        await running.asked()
        yield running


class Page(HTMLParser):
    """What a reader's software finds in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self._within: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._within and self._within.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag in self._within:
            self.text[tag] = self.text.get(tag, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


# --- the page ------------------------------------------------------------------------------------


async def test_the_page_asks_in_the_language_of_the_service_and_in_the_others(served: Served) -> None:
    for query, language, service in (
        ("", "fi", "Asiakaspalvelu"), ("?language=sv", "sv", "Kundtjänst"), ("?language=en", "en", "Customer service"),
        ("?language=xx", "fi", "Asiakaspalvelu"),
    ):  # fmt: skip
        answer = await served.page(query)
        page, words = Page(answer.text), WORDS[language]
        assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert page.all("html") == [{"lang": language}]
        assert page.text["title"] == f"{words.title} – {service}"
        assert page.text["legend"] == words.question
        assert [link["href"] for link in page.all("a")] == [
            f"?language={other}" for other in ("en", "fi", "sv") if other != language
        ]


async def test_the_form_is_labelled_and_needs_no_script_and_nothing_from_elsewhere(served: Served) -> None:
    answer = await served.page()
    page = Page(answer.text)
    assert [(one["type"], one["name"], one["value"]) for one in page.all("input")] == [
        ("radio", "satisfaction", str(value)) for value in (5, 4, 3, 2, 1)
    ]
    # Each choice stands within its label, and the only other field has one by its id.
    assert len(page.all("label")) == 6
    assert {"class": "label", "for": "comment"} in page.all("label")
    assert [area["id"] for area in page.all("textarea")] == ["comment"]
    assert len(page.all("fieldset")) == len(page.all("legend")) == len(page.all("h1")) == 1
    assert [form["method"] for form in page.all("form")] == ["post"]
    assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "//" not in answer.text


async def test_the_page_lets_nothing_in_and_nothing_out(served: Served) -> None:
    for answer in (
        await served.page(),
        await served.page(token="unknown"),
        await served.send({}),
        await served.send(FORM),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    digits = colour if len(colour) == 6 else "".join(digit * 2 for digit in colour)
    shares = [octet / 255 for octet in bytes.fromhex(digits)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


async def test_every_colour_of_the_page_can_be_read_on_white(served: Served) -> None:
    style = Page((await served.page()).text).text["style"]
    colours = set(re.findall(r"#([0-9a-f]{6}|[0-9a-f]{3})\b", style)) - {"fff"}
    assert len(colours) >= 3
    for colour in colours:
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5, colour


async def test_what_is_sent_is_on_disk_and_shown_as_received(served: Served) -> None:
    sent = await served.send(FORM)
    assert (sent.status, sent.headers["Location"]) == (303, SURVEY)
    rows = await served.kept()
    assert [(row["question"], row["answer"], row["value"], row["metric"], row["by"]) for row in rows] == [
        ("comment", "Ihan hyvä <b>&amp; ripeä\nkiitos", None, "none", "page"), ("satisfaction", "4", 4, "csat", "page"),
    ]  # fmt: skip
    assert {(row["service"], row["queue"], row["call"], row["agent"], row["agent_name"]) for row in rows} == {
        ("support", "support", CALL, "PJSIP/agent1", "Maija")
    }
    assert {(row["wait"], row["talk"]) for row in rows} == {(3.0, 60.0)}
    assert served.facts() == [
        "survey.asked", "survey.answered satisfaction 4 csat page", "survey.answered comment none page",
        "survey.completed page",
    ]  # fmt: skip
    thanks = await served.page()
    assert (thanks.status, Page(thanks.text).text["h1"]) == (200, "Kiitos")
    assert "<form" not in thanks.text
    assert "ripeä" not in (served.folder / "facts.jsonl").read_text()


async def test_the_language_that_was_chosen_stays(served: Served) -> None:
    assert (await served.send(FORM, "?language=sv")).headers["Location"] == f"{SURVEY}?language=sv"
    assert Page((await served.page("?language=sv")).text).text["h1"] == "Tack"


async def test_a_page_sent_twice_counts_once(served: Served) -> None:
    assert (await served.send(FORM)).status == 303
    assert (await served.send({"satisfaction": "1"})).status == 303
    assert [row["value"] for row in await served.kept()] == [None, 4]


@pytest.mark.parametrize("satisfaction", ["", "0", "6", "５", "five", "4 "])
async def test_what_is_missing_is_said_on_the_page_and_what_was_written_stays(
    served: Served, satisfaction: str
) -> None:
    form = {"satisfaction": satisfaction, "comment": "</textarea><script>alert(1)</script> \"&'"}
    answer = await served.send(form)
    page = Page(answer.text)
    assert answer.status == 422
    assert "<script" not in answer.text
    assert page.text["textarea"].strip() == form["comment"]
    assert {"class": "mistake", "role": "alert", "id": "mistake-satisfaction"} in page.all("p")
    assert [one["aria-describedby"] for one in page.all("fieldset")] == ["mistake-satisfaction"]
    assert WORDS["fi"].missing in answer.text
    assert await served.kept() == []


async def test_a_comment_that_is_too_long_is_said_on_the_page_and_the_choice_stays(served: Served) -> None:
    answer = await served.send({"satisfaction": "3", "comment": "ä" * (LONGEST_ANSWER + 1)})
    page = Page(answer.text)
    assert answer.status == 422
    assert "1001" in page.text["p"]
    assert [one["value"] for one in page.all("input") if "checked" in one] == ["3"]
    assert [one["aria-describedby"] for one in page.all("textarea")] == ["mistake-comment"]
    assert (await served.send({"satisfaction": "3", "comment": "ä" * LONGEST_ANSWER})).status == 303


async def test_a_survey_that_is_over_looks_like_one_that_never_was(served: Served) -> None:
    never = await served.page(token="a" * 26)
    await served.passes(2 * 24 * 3600)
    over = await served.page()
    assert (never.status, over.status) == (404, 404)
    assert over.text == never.text
    assert WORDS["fi"].over in over.text
    assert (await served.send(FORM)).status == 404
    assert await served.kept() == []


async def test_an_answered_page_is_gone_as_well_once_its_time_is_over(served: Served) -> None:
    await served.send(FORM)
    await served.passes(2 * 24 * 3600)
    assert (await served.page()).status == 404


async def test_a_survey_whose_link_was_not_sent_yet_has_no_page(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        served.at -= timedelta(hours=1)
        assert (await served.page()).status == 404


async def test_a_page_answered_before_a_restart_is_answered_after_it(tmp_path: Path) -> None:
    async with served_in(tmp_path) as served:
        await served.asked()
        await served.send(FORM)
    async with served_in(tmp_path) as served:
        assert Page((await served.page()).text).text["h1"] == "Kiitos"
        assert (await served.send({"satisfaction": "1"})).status == 303
        assert len(await served.kept()) == 2


async def test_what_cannot_be_stored_in_time_is_said_and_can_be_sent_again(tmp_path: Path) -> None:
    async with served_in(tmp_path, answer_within=0.05) as served:
        await served.asked()
        served.gate.clear()
        with capture_logs() as logs:
            answer = await served.send(FORM)
        assert answer.status == 503
        assert WORDS["fi"].later in answer.text
        assert [one["value"] for one in Page(answer.text).all("input") if "checked" in one] == ["4"]
        assert [line["event"] for line in logs] == ["survey page too slow"]
        served.gate.set()
        assert (await served.send(FORM)).status == 303


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"x" * 40_000, "application/x-www-form-urlencoded", 413),
        ("&".join(["a=b"] * 50).encode(), "application/x-www-form-urlencoded", 400),
        (b"satisfaction=%ff%zz", "application/x-www-form-urlencoded", 422),
    ],
)
async def test_a_strange_form_is_refused(served: Served, data: bytes, kind: str, status: int) -> None:
    answer = await served.ask("POST", f"/s/{SURVEY}", data=data, headers={"Content-Type": kind})
    assert answer.status == status
    assert await served.kept() == []


@pytest.mark.parametrize("token", ["%2e%2e", "%00", "x" * 300, SURVEY.upper(), SURVEY[:-1], "ä"])
async def test_no_other_token_opens_a_page(served: Served, token: str) -> None:
    assert (await served.page(token=token)).status == 404


# --- an outside survey ---------------------------------------------------------------------------


async def test_results_of_an_outside_survey_are_on_disk_when_they_are_answered(served: Served) -> None:
    answer = await served.results(GOOD)
    assert (answer.status, answer.json["answers"]) == (200, 2)
    assert answer.json["survey"] not in (SURVEY, None)
    kept = await served.kept()
    assert [(row["question"], row["answer"], row["value"], row["metric"], row["by"]) for row in kept] == [
        ("satisfaction", None, 5, "csat", "api"), ("why", "Ripeä\npalvelu", None, "none", "api"),
    ]  # fmt: skip
    assert served.facts()[-1] == "survey.completed api"
    assert Page((await served.page()).text).text["h1"] == "Kiitos"


async def test_the_same_results_again_get_the_same_answer_and_others_are_refused(served: Served) -> None:
    first = await served.results(GOOD)
    again = await served.results({"answers": GOOD["answers"][::-1]})
    assert (again.status, again.text) == (200, first.text)
    other = await served.results({"answers": [{"question": "satisfaction", "value": 1}]})
    assert (other.status, other.json["error"]) == (409, "this survey is completed already")
    assert len(await served.kept()) == 2
    assert served.facts().count("survey.completed api") == 1


async def test_a_metric_may_be_named(served: Served) -> None:
    body = {"answers": [
        {"question": "recommend", "value": 0, "metric": "nps"}, {"question": "effort", "value": 7, "metric": "ces"},
        {"question": "satisfaction", "value": -5, "metric": "none"},
    ]}  # fmt: skip
    assert (await served.results(body)).status == 200
    assert {row["question"]: row["metric"] for row in await served.kept()} == {
        "recommend": "nps", "effort": "ces", "satisfaction": "none"
    }  # fmt: skip


async def test_every_mistake_is_told_at_once(served: Served) -> None:
    body = {"answers": [
        {"question": "satisfaction", "value": 6}, {"question": "", "answer": "x"}, {"question": "q"}, {"value": 1},
        {"question": "n", "metric": "nps"}, {"question": "q", "answer": "x" * 1001}, {"question": "z", "value": True},
    ]}  # fmt: skip
    answer = await served.results(body)
    assert (answer.status, answer.json["error"]) == (400, "the results have 8 mistakes")
    assert sorted(one.partition(":")[0].partition(" ")[0] for one in answer.json["mistakes"]) == [
        "answers[0].value", "answers[1].question", "answers[2].value", "answers[3]", "answers[4].value",
        "answers[5].answer", "answers[5].question", "answers[6]",
    ]  # fmt: skip
    assert await served.kept() == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{", b"\xff", b'{"answers": 1}', {"answers": []}, {}, {"answers": [], "more": 1},
        {"answers": [{"question": "q", "value": 1, "more": 1}]}, {"answers": [{"question": "q\n", "value": 1}]},
        {"answers": [{"question": str(place), "value": 1} for place in range(21)]}, b"[" * 5000,
    ],
    ids=repr,
)  # fmt: skip
async def test_nonsense_is_refused_with_a_reason(served: Served, body: Any) -> None:
    answer = await served.results(body)
    assert answer.status == 400
    assert answer.json["mistakes"]
    assert answer.json["mend"]
    assert await served.kept() == []


QUESTIONS = st.sampled_from(["satisfaction", "why", "", " ", " a ", "a\n", "ä", "\u202e", "\ue000", "x" * 60, "x" * 61])
RESULTS = st.lists(
    st.fixed_dictionaries(
        {"question": QUESTIONS},
        optional={
            "answer": st.sampled_from([None, "", "hyvä", "\n", "\u0958" * 1000, " " * 1001]),
            "value": st.sampled_from([None, -1001, -1000, -1, 0, 1, 5, 6, 7, 8, 10, 11, 1000, 1001]),
            "metric": st.sampled_from([None, "csat", "nps", "ces", "none", "other"]),
        },
    ),
    max_size=2,
    unique_by=lambda result: result["question"],
)


@given(results=RESULTS)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
async def test_what_is_nonsense_is_what_the_description_forbids(served: Served, results: list[dict[str, Any]]) -> None:
    schema = {"$ref": "#/components/schemas/Results"}
    forbidden = mistakes({"answers": results}, schema, description(served.routes)) != []
    # Unescaped, so that no body is refused for its length.
    body = json.dumps({"answers": results}, ensure_ascii=False).encode()
    assert ((await served.results(body)).status == 400) is forbidden


async def test_results_for_a_survey_that_is_not_open_are_not_read(served: Served) -> None:
    assert (await served.results(b"{", token="a" * 26)).status == 404


async def test_results_need_the_token_of_the_rehearsal_and_that_of_an_open_survey(served: Served) -> None:
    assert (await served.results(GOOD, bearer="wrong")).status == 401
    assert (await served.results(GOOD, token="a" * 26)).status == 404
    await served.passes(2 * 24 * 3600)
    assert (await served.results(GOOD)).status == 404
    assert await served.kept() == []


async def test_results_that_cannot_be_stored_in_time_may_be_sent_again(tmp_path: Path) -> None:
    async with served_in(tmp_path, answer_within=0.05) as served:
        await served.asked()
        served.gate.clear()
        with capture_logs():
            assert (await served.results(GOOD)).status == 503
        served.gate.set()
        assert (await served.results(GOOD)).status == 200


async def test_the_description_says_what_may_be_sent_and_answered(served: Served) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    top = (await served.ask("GET", "/api/openapi.json", headers=headers)).json
    operation = top["paths"]["/api/surveys/{token}"]["post"]
    assert {"200", "400", "401", "404", "409", "413", "429", "500", "503"} == set(operation["responses"])
    assert operation["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Results"}
    assert set(top["components"]["schemas"]["Result"]["properties"]) == {"question", "answer", "value", "metric"}
