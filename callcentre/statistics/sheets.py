"""Rows as spreadsheets (csv, xlsx) and programs (json) take them: one after the other, so that memory stays flat."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, Literal

from callcentre.config import private
from callcentre.statistics.workbooks import Known, Value, write_xlsx
from callcentre.values.characters import as_json, guarded

RowFormat = Literal["csv", "xlsx", "json"]


@dataclass(frozen=True, slots=True)
class CsvForm:
    """How csv is written: what separates cells and decimals, and whether a byte order mark comes first.

    Excel opens a file by double click with the separator of its country's settings, and takes it for UTF-8 only when
    the mark is there.
    """

    separator: str = ","
    bom: bool = False
    decimal: str = "."


PLAIN: Final = CsvForm()
SPREADSHEETS: Final = {
    "en": CsvForm(bom=True),
    "fi": CsvForm(separator=";", bom=True, decimal=","),
    "sv": CsvForm(separator=";", bom=True, decimal=","),
}
"""What spreadsheets expect where a language is at home (Unicode CLDR: the decimal sign; Excel: the list separator)."""
SEPARATORS: Final = (",", ";", "|", "\t")


def write_csv(file: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Value]], form: CsvForm = PLAIN) -> None:
    """Write separated values with a header (RFC 4180, lines ending in LF); times are ISO 8601."""
    if form.bom:
        file.write("\ufeff")
    writer = csv.writer(file, delimiter=form.separator, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_plain(value, form) for value in row])


def _plain(value: Value, form: CsvForm) -> Any:
    match value:
        case str():
            return guarded(value)
        case float() if form.decimal != ".":
            return str(value).replace(".", form.decimal)
        case _:
            return written(value)


def written(value: Value) -> Any:
    """A cell as a program reads it: times are ISO 8601, all else is what it is."""
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value


def write_json(file: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """Write one array with an object for each row, a row a line."""
    before = "["
    for row in rows:
        cells = {name: written(value) for name, value in zip(columns, row, strict=True)}
        file.write(f"{before}{as_json(cells)}")
        before = ",\n"
    file.write("[]\n" if before == "[" else "]\n")


@contextmanager
def in_place_of(path: Path) -> Iterator[Path]:
    """A file to write beside `path` that takes its name when it is complete; nobody finds half a file there.

    What is no file, such as a pipe or a device, is written itself. Raises `OSError`.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    # Nobody else's file, nor what a link of that name leads to. Mode 0600, also in place of a file that more may read.
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, private.MODE))
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_sheet(
    path: Path,
    form: RowFormat,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Value]],
    csv_form: CsvForm = PLAIN,
    known: Known | None = None,
) -> None:
    """Write a file in any of the formats; `csv_form` is for csv, `known` for xlsx. Raises `OSError`."""
    with in_place_of(path) as partial:
        if form == "xlsx":
            write_xlsx(partial, title, columns, rows, known)
        else:
            with partial.open("w", encoding="utf-8", newline="") as file:
                if form == "csv":
                    write_csv(file, columns, rows, csv_form)
                else:
                    write_json(file, columns, rows)
