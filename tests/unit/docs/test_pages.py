"""What the explaining pages name is there: tests, opt-out words, decisions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from callcentre.messaging.words import OPT_IN, OPT_OUT, OPT_OUT_UNLESS_CANCELS

TOP = Path(__file__).parents[3]
DOCS = TOP / "docs"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def rows(page: str, header: str) -> list[list[str]]:
    """The cells of the table on a page whose first line begins with this header."""
    table = text(page).partition(f"\n{header}")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]


@pytest.mark.parametrize("page", PAGES)
def test_a_test_that_a_page_names_exists(page: str) -> None:
    for path in set(re.findall(r"`((?:[a-z_]+/)*test_[a-z0-9_]+\.py)`", text(page))):
        folder, _, name = path.rpartition("/")
        found = [TOP / "tests" / path] if folder else [*(TOP / "tests" / "unit").rglob(name)]
        assert any(one.exists() for one in found), path


def test_the_page_of_opt_out_words_has_all_of_them() -> None:
    reported = [
        {word.strip().casefold() for word in words.split(",")}
        for words, _ in rows("sms/opt-out.md", "| words | what happens |")
    ]
    assert reported == [OPT_OUT, OPT_OUT_UNLESS_CANCELS, OPT_IN]


def test_every_decision_is_in_the_list_and_has_its_parts() -> None:
    listed = re.findall(r"\| (\d+) \| \[(.+?)\]\((.+?)\) \|", text("decisions/index.md"))
    files = sorted(page.name for page in (DOCS / "decisions").glob("0*.md"))
    assert [name for _, _, name in listed] == files
    for number, title, name in listed:
        page = text(f"decisions/{name}")
        assert page.startswith(f"# {number}. {title}\n")
        assert re.findall(r"^## (.+)$", page, re.MULTILINE) == ["Context", "Decision", "Consequences"]
