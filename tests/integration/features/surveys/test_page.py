"""The page of a survey, `/s/<token>`."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from callcentre.features.surveys.model import LONGEST_ANSWER
from callcentre.features.surveys.page_words import WORDS
from tests.cast import ANNA
from tests.integration.features.surveys.served import CALL, FORM, SURVEY, Page, Served, served_in


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


async def test_the_form_is_labelled_and_needs_no_script_and_nothing_from_another_site(served: Served) -> None:
    answer = await served.page()
    page = Page(answer.text)
    assert [(one["type"], one["name"], one["value"]) for one in page.all("input")] == [
        ("radio", "satisfaction", str(value)) for value in (5, 4, 3, 2, 1)
    ]
    # Each choice is within its label, and the only other field has one by its id.
    assert len(page.all("label")) == 6
    assert {"class": "label", "for": "comment"} in page.all("label")
    assert [area["id"] for area in page.all("textarea")] == ["comment"]
    assert len(page.all("fieldset")) == len(page.all("legend")) == len(page.all("h1")) == 1
    assert [form["method"] for form in page.all("form")] == ["post"]
    assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "//" not in answer.text


async def test_the_page_loads_nothing_and_tells_nothing(served: Served) -> None:
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


async def test_an_answer_is_on_disk_and_shown_as_received(served: Served) -> None:
    sent = await served.send(FORM)
    assert (sent.status, sent.headers["Location"]) == (303, SURVEY)
    rows = await served.kept()
    assert [(row["question"], row["answer"], row["value"], row["metric"], row["by"]) for row in rows] == [
        ("comment", "Ihan hyvä <b>&amp; ripeä\nkiitos", None, "none", "page"), ("satisfaction", "4", 4, "csat", "page"),
    ]  # fmt: skip
    assert {(row["service"], row["queue"], row["call"], row["agent"], row["agent_name"]) for row in rows} == {
        ("support", "support", CALL, ANNA, "Anna")
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
async def test_a_missing_choice_is_said_on_the_page_and_the_comment_stays(served: Served, satisfaction: str) -> None:
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


async def test_a_survey_that_is_over_looks_like_one_that_never_existed(served: Served) -> None:
    never = await served.page(token="a" * 26)
    await served.passes(2 * 24 * 3600)
    over = await served.page()
    assert (never.status, over.status) == (404, 404)
    assert over.text == never.text
    assert WORDS["fi"].over in over.text
    assert (await served.send(FORM)).status == 404
    assert await served.kept() == []


async def test_an_answered_page_is_gone_once_its_time_is_over(served: Served) -> None:
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


async def test_an_answer_that_cannot_be_stored_in_time_can_be_sent_again(tmp_path: Path) -> None:
    async with served_in(tmp_path, answer_within=0.5) as served:
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
async def test_a_form_of_another_kind_is_refused(served: Served, data: bytes, kind: str, status: int) -> None:
    answer = await served.ask("POST", f"/s/{SURVEY}", data=data, headers={"Content-Type": kind})
    assert answer.status == status
    assert await served.kept() == []


@pytest.mark.parametrize("token", ["%2e%2e", "%00", "x" * 300, SURVEY.upper(), SURVEY[:-1], "ä"])
async def test_no_other_token_opens_a_page(served: Served, token: str) -> None:
    assert (await served.page(token=token)).status == 404
