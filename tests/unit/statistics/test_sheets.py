"""Files for spreadsheets: what comes from outside stays text, whatever it looks like."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcentre.cli.statistics import _pages
from callcentre.statistics.sheets import PLAIN, SPREADSHEETS, CsvForm, write_csv, write_sheet
from callcentre.values.characters import cleaned, guarded, harmless

MOMENT = datetime(2026, 6, 3, 9, 0, tzinfo=UTC).astimezone(ZoneInfo("Europe/Helsinki"))
FORMULAS = ["=1+1", "+358", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "=cmd|' /C calc'!A0"]


SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
SEPARATORS = ",;|\t"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+358", "'+358"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", " '=1"),
        ("\r=1", "\n'=1"),
        ("＝1", "'＝1"),
        ("hyvä;=1+1", "hyvä;'=1+1"),
        ("hyvä\t=1+1", "hyvä =1+1"),
        ("hyvä, -1", "hyvä, '-1"),
        ("hyvä|＠A1", "hyvä|'＠A1"),
        ('hyvä"+1', "hyvä\"'+1"),
        ("hyvä\n=1", "hyvä\n'=1"),
        ("\ufeff=1", "'=1"),
        ("\u200b=1", "\u200b'=1"),
        ("hyvä;\u202e=1", "hyvä;'=1"),
        ("';=1", "';'=1"),
        ("'=1", "''=1"),
        ("1-2 + 3=0", "1-2 + 3=0"),
        ("aino@example.fi", "aino@example.fi"),
        ("2026-06-03", "2026-06-03"),
    ],
)
def test_an_apostrophe_is_where_a_reader_may_begin_a_formula_and_nowhere_else(text: str, written: str) -> None:
    assert guarded(text) == written


def cells_of(text: str, separator: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]


HOSTILE = st.text(f"{SIGNS}{SEPARATORS}\r\n\"' a1ä\u200b\ufeff\u202e\x1b\x85\u2028", max_size=14) | st.text(max_size=30)


@pytest.mark.parametrize("separator", SEPARATORS)
@given(HOSTILE, HOSTILE)
def test_no_text_is_a_formula_whichever_separator_the_file_is_opened_with(
    separator: str, first: str, second: str
) -> None:
    for form in (PLAIN, *SPREADSHEETS.values()):
        file = io.StringIO(newline="")
        write_csv(file, ["a", "b", "c"], [[first, 1, second]], form)
        for cell in cells_of(file.getvalue().removeprefix("\ufeff"), separator):
            assert not cell.strip(" \n\u200b").startswith(tuple(SIGNS)), cell


@given(HOSTILE)
def test_taking_one_apostrophe_away_at_each_place_brings_the_text_back(text: str) -> None:
    blanks = r"[\s\u00ad\u180e\u200b-\u200d\u2060-\u2064]*"
    place = re.compile(rf"(\A|[,;|\n\"])({blanks})'(?='*[=+\-@＝＋－＠﹦﹢﹣﹫])")
    assert place.sub(r"\1\2", guarded(text)) == cleaned(text)


def test_a_spreadsheet_gets_its_separator_decimal_sign_and_mark() -> None:
    def written(form: CsvForm) -> str:
        file = io.StringIO(newline="")
        write_csv(file, ["a", "b", "c"], [["x;y", 2.5, 3], ["x,y", -1.5, None]], form)
        return file.getvalue()

    assert written(PLAIN) == 'a,b,c\nx;y,2.5,3\n"x,y",-1.5,\n'
    assert written(SPREADSHEETS["en"]) == f"\ufeff{written(PLAIN)}"
    assert written(SPREADSHEETS["fi"]) == '\ufeffa;b;c\n"x;y";2,5;3\nx,y;-1,5;\n'
    assert SPREADSHEETS["sv"] == SPREADSHEETS["fi"]
    assert written(CsvForm(separator="\t")) == "a\tb\tc\nx;y\t2.5\t3\nx,y\t-1.5\t\n"


TEXTS = st.text(max_size=30) | st.text("=+-@\r\n\t,\"'a1", max_size=12)


@given(TEXTS)
def test_whatever_a_text_says_csv_has_one_row_and_begins_no_formula_with_it(text: str) -> None:
    file = io.StringIO(newline="")
    write_csv(file, ["a", "b"], [[text, 1]])
    [_, [cell, number]] = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert cell == harmless(text)
    assert number == "1"


def test_values_of_csv_are_as_they_are(tmp_path: Path) -> None:
    write_sheet(tmp_path / "a.csv", "csv", "a", list("abcde"), [[1, 2.5, True, MOMENT, None]])
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "a,b,c,d,e\n1,2.5,True,2026-06-03T12:00:00.000+03:00,\n"


def test_nobody_finds_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("before", encoding="utf-8")

    def broken() -> Iterator[list[int]]:
        yield [1]
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        write_sheet(path, "csv", "a", ["n"], broken())
    assert [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()] == ["before"]


def test_what_is_no_file_is_written_and_not_replaced(tmp_path: Path) -> None:
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
def test_a_list_of_many_rows_is_shown_in_tables_of_a_thousand(rows: int, tables: list[int]) -> None:
    assert [len(page) for page in _pages(iter([[1]] * rows))] == tables
