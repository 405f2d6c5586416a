"""Whether advisories are known: silence is no answer."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from scripts.fuzzing.advisories import FILES, NotAskedError, advisories, answered, of_pages, pinned

PACKAGES = frozenset({"jinja2", "aiohttp"})


def said(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


CLEAN = {"name": "aiohttp", "version": "3.14.5", "vulns": []}
KNOWN = {"name": "Jinja2", "version": "3.1.2", "vulns": [{"id": "GHSA-1", "fix_versions": ["3.1.3"], "aliases": []}]}
SKIPPED = {"name": "Jinja2", "skip_reason": "Dependency not found on PyPI"}


def test_each_advisory_is_one_line_with_the_version_that_has_its_fix() -> None:
    assert advisories(answered(said(CLEAN, KNOWN), PACKAGES)) == ["Jinja2 3.1.2: GHSA-1; fixed in 3.1.3"]
    assert advisories(answered(said(CLEAN), frozenset({"aiohttp"}))) == []


@pytest.mark.parametrize("nothing", [said(CLEAN), said(CLEAN, SKIPPED), said(), "", "[]", "{}", "null"])
def test_an_answer_that_leaves_a_package_out_is_none(nothing: str) -> None:
    with pytest.raises(NotAskedError):
        answered(nothing, PACKAGES)


def test_every_file_of_requirements_is_asked_about() -> None:
    names = pinned("".join(path.read_text("utf-8") for path in FILES))
    assert {"aiohttp", "mkdocs-material", "hatchling", "atheris", "psycopg-binary", "psycopg"} <= names.keys()
    assert pinned("a.B_c[x]==1 \\\n    --hash=sha256:1\n# d==2\ne==3 ; p < '3.12' \\\ne==4\n") == {
        "a-b-c": "1",
        "e": "3",
    }


def page(version: str, *known: str) -> dict[str, Any]:
    return {"info": {"version": version}, "vulnerabilities": [{"id": one, "fixed_in": ["9"]} for one in known]}


def test_a_page_of_the_index_speaks_of_the_latest_version() -> None:
    answer = of_pages(
        {"aiohttp": "3.14.5", "jinja2": "3.1.2"}, {"aiohttp": page("3.14.5"), "jinja2": page("3.1.2", "GHSA-1")}
    )
    assert advisories(answer) == ["jinja2 3.1.2: GHSA-1; fixed in 9"]


@pytest.mark.parametrize(("found", "why"), [(page("3.1.3"), "the latest is 3.1.3"), (None, "no page")])
def test_a_page_about_another_version_is_no_answer(found: dict[str, Any] | None, why: str) -> None:
    said = f"of 1 packages aiohttp 1: GHSA-2; fixed in 9 is known; not asked: jinja2 3.1.2 ({why})"
    with pytest.raises(NotAskedError, match=re.escape(said)):
        of_pages({"aiohttp": "1", "jinja2": "3.1.2"}, {"aiohttp": page("1", "GHSA-2"), "jinja2": found})
