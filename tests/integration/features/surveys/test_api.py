"""Results of an outside survey, `POST /api/surveys/<token>`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from callcentre.web.openapi import description
from tests.integration.features.surveys.served import SURVEY, Page, Served, served_in
from tests.testbed.configuration import TOKEN
from tests.testbed.json_schema import mistakes

GOOD = {"answers": [{"question": "satisfaction", "value": 5}, {"question": "why", "answer": "Ripeä\npalvelu"}]}


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


async def test_every_mistake_is_reported_at_once(served: Served) -> None:
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
async def test_invalid_results_are_refused_with_a_reason(served: Served, body: Any) -> None:
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
async def test_invalid_results_are_those_that_the_description_forbids(
    served: Served, results: list[dict[str, Any]]
) -> None:
    schema = {"$ref": "#/components/schemas/Results"}
    forbidden = mistakes({"answers": results}, schema, description(served.routes)) != []
    # Unescaped, so that no body is refused for its length.
    body = json.dumps({"answers": results}, ensure_ascii=False).encode()
    assert ((await served.results(body)).status == 400) is forbidden


async def test_results_for_a_survey_that_is_not_open_are_not_read(served: Served) -> None:
    assert (await served.results(b"{", token="a" * 26)).status == 404


async def test_results_need_the_token_of_the_daemon_and_that_of_an_open_survey(served: Served) -> None:
    assert (await served.results(GOOD, bearer="wrong")).status == 401
    assert (await served.results(GOOD, token="a" * 26)).status == 404
    await served.passes(2 * 24 * 3600)
    assert (await served.results(GOOD)).status == 404
    assert await served.kept() == []


async def test_results_that_cannot_be_stored_in_time_may_be_sent_again(tmp_path: Path) -> None:
    async with served_in(tmp_path, answer_within=0.5) as served:
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


async def test_a_whole_number_may_be_written_with_a_point(served: Served) -> None:
    half = await served.results({"answers": [{"question": "satisfaction", "value": 4.5}]})
    assert (half.status, half.json["mistakes"]) == (
        400,
        ["answers[0]: Expected `int | null`, got `float` - at `$.value`"],
    )
    whole = await served.results({"answers": [{"question": "satisfaction", "value": 4.0}]})
    assert (whole.status, [row["value"] for row in await served.kept()]) == (200, [4])
