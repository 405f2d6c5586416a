"""The page about what was tried, made of the figures of runs."""

from __future__ import annotations

from pathlib import Path

from scripts.reliability.__main__ import KINDS, main, page
from scripts.reliability.figures import put

PAGE = Path(__file__).resolve().parents[3] / "docs" / "operate" / "reliability.md"


def test_the_page_has_what_the_runs_left_behind_and_says_where_there_was_none(tmp_path: Path) -> None:
    rows = [
        {"what": "no text | twice", "tried": 12_000, "held": 12_000},
        {"what": "other", "tried": 1, "found": "x\ny"},
    ]
    put("chaos", rows, tmp_path)
    lines = list(page(tmp_path))
    start = lines.index("## Kills")
    assert lines[start + 5 : start + 9] == [
        "| what | tried | held | found |",
        "|---|---|---|---|",
        r"| no text \| twice | 12,000 | 12,000 |  |",
        "| other | 1 |  | x y |",
    ]
    assert lines.count("No run has left figures yet.") == len(KINDS) - 1


def test_a_table_whose_figures_are_gone_stays(tmp_path: Path) -> None:
    folder, file = tmp_path / "figures", tmp_path / "page.md"
    put("fuzz", [{"what": "journal", "tried": 5}], folder)
    main(folder, file)
    (folder / "fuzz.json").unlink()
    put("chaos", [{"what": "no text twice", "tried": 1}], folder)
    main(folder, file)
    text = file.read_text(encoding="utf-8")
    assert text.index("| no text twice | 1 |") < text.index("## Broken input") < text.index("| journal | 5 |")


def test_the_committed_page_is_one_that_was_made(tmp_path: Path) -> None:
    main(tmp_path, tmp_path / "page.md")
    made = (tmp_path / "page.md").read_text(encoding="utf-8")
    committed = PAGE.read_text(encoding="utf-8")
    for line in made.splitlines():
        assert line in committed or line == "No run has left figures yet."
