"""Files for spreadsheets: what comes from outside stays text, whatever it looks like."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import hypothesis
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from callcentre.cli_reports import _pages
from callcentre.reports import sheets
from callcentre.reports.sheets import harmless, write_csv, write_sheet, write_xlsx

MOMENT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC).astimezone(ZoneInfo("Europe/Helsinki"))
FORMULAS = ["=1+1", "+358", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0"]


def rows_of(path: Path) -> list[list[object]]:
    workbook = openpyxl.load_workbook(path)
    try:
        return [[cell.value for cell in row] for sheet in workbook for row in sheet.iter_rows()]
    finally:
        workbook.close()


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_is_a_formula_in_csv(text: str):
    file = io.StringIO(newline="")
    write_csv(file, ["a"], [[text]])
    [_, [cell]] = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert cell == f"'{text}".replace("\r", "\n")


@pytest.mark.parametrize("text", [*FORMULAS, "#REF!", "#N/A"])
def test_no_text_is_a_formula_or_an_error_in_xlsx(text: str, tmp_path: Path):
    path = tmp_path / "a.xlsx"
    write_xlsx(path, "a", ["a"], [[text]])
    workbook = openpyxl.load_workbook(path)
    cell = workbook.active["A2"]
    assert cell.data_type == "s"
    # A carriage return is written as _x000D_, as Excel does (ST_Xstring of ECMA-376).
    assert unescape(cell.value) == text
    workbook.close()


TEXTS = st.text(max_size=30) | st.text("=+-@\r\n\t,\"'a1", max_size=12)


@given(TEXTS)
def test_whatever_a_text_says_csv_has_one_row_and_begins_no_formula_with_it(text: str):
    file = io.StringIO(newline="")
    write_csv(file, ["a", "b"], [[text, 1]])
    [_, [cell, number]] = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell == harmless(text)
    assert number == "1"


@given(TEXTS)
@hypothesis.settings(max_examples=25, deadline=None)
def test_whatever_a_text_says_a_workbook_can_be_read_and_has_no_formula(text: str):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        write_xlsx(path, "a", ["a", "b"], [[text, 1]])
        workbook = openpyxl.load_workbook(path)
        assert workbook.active["A2"].data_type not in ("f", "e")
        assert workbook.active["B2"].value == 1
        workbook.close()


def test_values_keep_their_types(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    write_sheet(path, "xlsx", "a", list("abcde"), [[1, 2.5, True, MOMENT, None]])
    assert rows_of(path) == [list("abcde"), [1, 2.5, True, datetime(2026, 6, 3, 12, 0), None]]  # noqa: DTZ001
    workbook = openpyxl.load_workbook(path)
    assert workbook.active.freeze_panes == "A2"
    workbook.close()
    write_sheet(tmp_path / "a.csv", "csv", "a", list("abcde"), [[1, 2.5, True, MOMENT, None]])
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "a,b,c,d,e\n1,2.5,True,2026-06-03T12:00:00.000+03:00,\n"


def test_more_rows_than_a_sheet_takes_go_on_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    path = tmp_path / "a.xlsx"
    write_xlsx(path, "calls", ["n"], [[number] for number in range(5)])
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == ["calls", "calls 2", "calls 3"]
    workbook.close()
    assert rows_of(path) == [["n"], [0], [1], ["n"], [2], [3], ["n"], [4]]


def test_nobody_finds_half_a_file(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("before", encoding="utf-8")

    def broken():
        yield [1]
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        write_sheet(path, "csv", "a", ["n"], broken())
    assert [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()] == ["before"]


def test_what_is_no_file_is_written_and_not_replaced(tmp_path: Path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    both_ends = os.open(path, os.O_RDWR)
    try:
        write_sheet(path, "csv", "a", ["n"], [[1]])
        assert os.read(both_ends, 100) == b"n\n1\n"
    finally:
        os.close(both_ends)
    assert path.is_fifo()


@pytest.mark.parametrize(("rows", "tables"), [(0, [0]), (1000, [1000]), (2001, [1000, 1000, 1])])
def test_a_list_of_many_rows_is_shown_in_tables_of_a_thousand(rows: int, tables: list[int]):
    assert [len(page) for page in _pages(iter([[1]] * rows))] == tables
