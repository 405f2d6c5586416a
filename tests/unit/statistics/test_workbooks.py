"""Workbooks: both writers write the same, and what comes from outside stays text, whatever it looks like."""

from __future__ import annotations

import gc
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from callcentre.statistics import workbooks
from callcentre.statistics.workbooks import MOST_CHARACTERS, Known, Value, write_xlsx
from callcentre.values.characters import cleaned, guarded

Write = Callable[[Path, Sequence[str], Sequence[Sequence[Value]]], None]

MOMENT = datetime(2026, 6, 3, 9, 0, 0, 250_000, tzinfo=UTC).astimezone(ZoneInfo("Europe/Helsinki"))
FORMULAS = ["=1+1", "+358", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0"]
LINKS = ["http://x.example", "mailto:a@x.example", "file:///etc/passwd", "internal:a!A1", "external:c:\\a.xlsx"]
OTHERS = ["#REF!", "#N/A", "hyvä;=1", "_x003D_1+1", " a ", "a\nb", "<&>\"'", "{=1}", "1", "1.5", "TRUE", "2026-01-01"]


def _any(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    write_xlsx(path, "calls", columns, rows)


def _known(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
    def having(kind: type) -> frozenset[str]:
        return frozenset(
            name for place, name in enumerate(columns) if any(isinstance(row[place], kind) for row in rows)
        )

    write_xlsx(path, "calls", columns, rows, Known(len(rows), texts=having(str), moments=having(datetime)))


leaves_files = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
"""XlsxWriter does not close its temporary files where it fails; they are closed as garbage."""

writers = pytest.mark.parametrize("write", [_any, _known])


def sheets_of(path: Path) -> dict[str, list[list[Any]]]:
    """The cells of each sheet, by its name."""
    workbook = openpyxl.load_workbook(path)
    try:
        return {sheet.title: [list(row) for row in sheet.iter_rows()] for sheet in workbook}
    finally:
        workbook.close()


def values_of(path: Path) -> dict[str, list[list[Any]]]:
    return {title: [[cell.value for cell in row] for row in rows] for title, rows in sheets_of(path).items()}


def test_both_writers_are_tested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(workbooks, "_write_any")
    _known(tmp_path / "a.xlsx", ["a"], [["x"]])
    with pytest.raises(NameError):
        _any(tmp_path / "a.xlsx", ["a"], [["x"]])


def test_where_the_faster_writer_is_not_installed_the_other_one_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(workbooks, "_write_known")
    # None: its import raises ImportError, as that of a wheel for another machine does.
    monkeypatch.setitem(sys.modules, "rustpy_xlsxwriter", None)
    workbooks._has_faster_writer.cache_clear()
    _known(tmp_path / "a.xlsx", ["a"], [["x"]])
    workbooks._has_faster_writer.cache_clear()
    assert values_of(tmp_path / "a.xlsx") == {"calls": [["a"], ["x"]]}


@writers
@pytest.mark.parametrize("text", [*FORMULAS, *LINKS, *OTHERS])
def test_no_text_is_a_formula_a_link_or_an_error_nor_becomes_one_when_it_is_edited(
    write: Write, text: str, tmp_path: Path
) -> None:
    write(tmp_path / "a.xlsx", ["a"], [[text]])
    [[cell]] = sheets_of(tmp_path / "a.xlsx")["calls"][1:]
    assert cell.data_type == "s"
    assert unescape(cell.value) == cleaned(text)
    assert cell.hyperlink is None
    assert cell.quotePrefix or guarded(text) == cleaned(text)


def test_a_text_in_a_column_without_texts_is_no_formula_either(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(path, "calls", ["a"], [["=1+1"]], Known(1, texts=frozenset(), moments=frozenset()))
    assert values_of(path) == {"calls": [["a"], ["'=1+1"]]}


@writers
@given(st.text(max_size=30) | st.text("=+-@\r\n\t,\"'a1_x\x01\ud800", max_size=12))
@hypothesis.settings(max_examples=25, deadline=None)
def test_whatever_a_text_says_a_workbook_can_be_read_and_has_no_formula(write: Write, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "a.xlsx", ["a", "b"], [[text, 1]])
        [[cell, number]] = sheets_of(Path(folder) / "a.xlsx")["calls"][1:]
    assert cell.data_type not in ("f", "e")
    assert unescape(cell.value or "") == cleaned(text)
    assert number.value == 1


@writers
def test_values_keep_their_types(write: Write, tmp_path: Path) -> None:
    last: list[Value] = [-3, 0.1, False, None, None, ""]
    write(tmp_path / "a.xlsx", list("abcdef"), [[1, 2.5, True, MOMENT, None, "x"], [None] * 6, last])
    rows = sheets_of(tmp_path / "a.xlsx")["calls"]
    assert [[cell.value or None for cell in row] for row in rows] == [
        list("abcdef"),
        [1, 2.5, True, datetime(2026, 6, 3, 12, 0, 0, 250_000), None, "x"],  # noqa: DTZ001
        [None] * 6,
        [-3, 0.1, None, None, None, None],
    ]
    assert [cell.data_type for cell in rows[1]] == ["n", "n", "b", "d", "n", "s"]
    assert rows[3][2].value is False
    assert rows[1][3].number_format == "yyyy-mm-dd hh:mm:ss"
    assert [cell.number_format for cell in rows[1][:3]] == ["General"] * 3
    assert not any(cell.quotePrefix for cell in rows[1][:5])


@writers
def test_the_header_is_bold_and_stays_in_sight_and_columns_are_wide(write: Write, tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", ["a", "b", "c"], [["x", MOMENT, 1]])
    workbook = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = workbook.active
    assert sheet.freeze_panes == "A2"
    assert [[cell.font.bold for cell in row] for row in sheet.iter_rows()] == [[True] * 3, [False] * 3]
    assert {round(dimension.width) for dimension in sheet.column_dimensions.values()} == {19}
    workbook.close()


@writers
def test_a_workbook_of_no_rows_has_the_header(write: Write, tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", ["a", "b"], [])
    [header, *nothing] = values_of(tmp_path / "a.xlsx")["calls"]
    assert header == ["a", "b"]
    assert nothing in ([], [[None, None]])


@writers
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5])
def test_more_rows_than_a_sheet_takes_go_on_another(
    write: Write, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    write(tmp_path / "a.xlsx", ["n"], [[number] for number in range(rows)])
    names = ["calls", "calls 2", "calls 3"]
    numbers = [[number for number in range(rows) if number // 2 == place] for place in range(3)]
    assert values_of(tmp_path / "a.xlsx") == {
        name: [["n"], *([number] for number in found)] for name, found in zip(names, numbers, strict=True) if found
    }


@writers
def test_a_text_that_is_longer_than_a_cell_takes_is_cut(write: Write, tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx", ["a"], [["x" * (MOST_CHARACTERS + 1)], ["y" * MOST_CHARACTERS]])
    assert values_of(tmp_path / "a.xlsx")["calls"][1:] == [["x" * MOST_CHARACTERS], ["y" * MOST_CHARACTERS]]


@leaves_files
@pytest.mark.parametrize("known", [None, Known(2, texts=frozenset(), moments=frozenset())])
def test_an_error_of_the_rows_is_that_of_the_workbook(known: Known | None, tmp_path: Path) -> None:
    def broken() -> Iterator[list[Value]]:
        yield [1]
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        write_xlsx(tmp_path / "a.xlsx", "calls", ["n"], broken(), known)
    gc.collect()


@leaves_files
@writers
def test_a_place_that_cannot_be_written_is_an_oserror(write: Write, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        write(tmp_path / "none" / "a.xlsx", ["n"], [[1]])
    gc.collect()


@writers
def test_no_place_for_temporary_files_is_an_oserror(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(OSError):
        write(tmp_path / "a.xlsx", ["n"], [[1]])


@leaves_files
@writers
def test_a_full_disk_is_an_oserror(write: Write, tmp_path: Path) -> None:
    most, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, most[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write(tmp_path / "a.xlsx", ["t"], [[f"{number:060}"] for number in range(5_000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
        signal.signal(signal.SIGXFSZ, handler)
    gc.collect()
