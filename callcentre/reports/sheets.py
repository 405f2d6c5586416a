"""Rows as a spreadsheet takes them: csv and xlsx, one row after the other, so that memory does not grow with them."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, Literal

SheetFormat = Literal["csv", "xlsx"]
Value = str | int | float | bool | datetime | None
"""A cell; a datetime is aware, in the timezone in which it is shown."""

MOST_ROWS: Final = 1_048_576
"""Rows of a sheet in Excel, its header included; more go on another sheet."""

_LONGEST_TEXT: Final = 32_767
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_WIDTH: Final = 18


def harmless(value: Any) -> Any:
    """A value for csv: a text that a spreadsheet would take for a formula gets an apostrophe, which keeps it a text.

    The characters are those that OWASP names under "CSV Injection". A carriage return becomes a line feed: Python does
    not quote it, and readers would begin a row with what follows.
    """
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if value.startswith(_FORMULA) else text


def write_csv(file: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Write comma-separated values with a header (RFC 4180, lines ending in LF); times are ISO 8601."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_plain(value) for value in row])


def _plain(value: Value) -> Any:
    if isinstance(value, str):
        return harmless(value)
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value


def write_xlsx(path: Path, title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Write an Excel workbook: header frozen, numbers as numbers, times as dates without timezone, texts as texts."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    workbook = Workbook(write_only=True)

    def sheet(name: str) -> Any:
        made = workbook.create_sheet(name)
        made.freeze_panes = "A2"
        for place in range(1, len(columns) + 1):
            made.column_dimensions[get_column_letter(place)].width = _WIDTH
        heads = [WriteOnlyCell(made, value=name) for name in columns]
        for head in heads:
            head.font = Font(bold=True)
        made.append(heads)
        return made

    def cell(value: Value) -> Any:
        match value:
            case str():
                text = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)[:_LONGEST_TEXT]
                if text[:1] not in ("=", "#"):
                    return text
                # openpyxl would take these for a formula and for an error.
                made = WriteOnlyCell(current, value=text)
                made.data_type = "s"
                return made
            case datetime():
                # Excel knows no timezones: the time on the wall.
                return value.replace(tzinfo=None)
            case _:
                return value

    current = sheet(title)
    filled, sheets = 1, 1
    for row in rows:
        if filled == MOST_ROWS:
            sheets += 1
            current, filled = sheet(f"{title} {sheets}"), 1
        current.append([cell(value) for value in row])
        filled += 1
    workbook.save(path)


@contextmanager
def in_place_of(path: Path) -> Iterator[Path]:
    """A file to write beside `path` that takes its name when it is complete; nobody finds half a file there.

    Raises `OSError`.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    # Nobody else's file, nor what a link of that name leads to; with the rights that any new file of ours has.
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_sheet(
    path: Path, form: SheetFormat, title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]
) -> None:
    """Write a file in either format. Raises `OSError`."""
    with in_place_of(path) as partial:
        if form == "xlsx":
            write_xlsx(partial, title, columns, rows)
        else:
            with partial.open("w", encoding="utf-8", newline="") as file:
                write_csv(file, columns, rows)
