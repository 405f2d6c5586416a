"""Rows as Excel workbooks, by one of two writers (docs/decisions/0024-two-writers-of-workbooks.md).

XlsxWriter takes any rows and is everywhere. rustpy-xlsxwriter takes a tenth of its time, and must know beforehand how
many rows come and what the columns hold. It is not there on machines for which nobody has compiled it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from importlib import import_module
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, assert_never

from callcentre.values.characters import cleaned, guarded

Value = str | int | float | bool | datetime | None
"""A cell; a datetime is aware, in the timezone in which it is shown."""

MOST_ROWS: Final = 1_048_576
"""Rows of a sheet in Excel, its header included; more go on another sheet."""
MOST_CHARACTERS: Final = 32_767
"""Characters of a cell in Excel; what is longer is cut."""

_WIDTH: Final = 18
_DATE: Final = "yyyy-mm-dd hh:mm:ss"
_DAY: Final = timedelta(days=1)
_DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel knows no timezones
"""Excel stores a time as days since then (ECMA-376, part 1, 18.17.4.1, the 1900 date base system)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of rows before they come: how many there are, and what their columns hold.

    `texts` may have texts, `moments` datetimes. The other columns have numbers and booleans.
    """

    rows: int
    texts: frozenset[str]
    moments: frozenset[str]


def write_xlsx(
    path: Path, title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]], known: Known | None = None
) -> None:
    """Write an Excel workbook: header frozen, numbers as numbers, times as dates without timezone, texts as texts.

    What begins like a formula is marked as a text, and stays one also when somebody edits the cell. A row leaves memory
    for a temporary file as soon as the next one comes. With `known`, rows take a tenth of the time where the faster
    writer is installed, and all cells of `texts` have the mark. Raises `OSError`.
    """
    if known is not None and _has_faster_writer():
        _write_known(path, title, columns, iter(rows), known)
    else:
        _write_any(path, title, columns, rows)


@cache
def _has_faster_writer() -> bool:
    """Whether rustpy-xlsxwriter is installed and can be loaded here: its wheel may be for another machine."""
    try:
        import_module("rustpy_xlsxwriter")
    except ImportError:
        return False
    return True


def _text(value: str) -> str:
    return cleaned(value)[:MOST_CHARACTERS]


# --- rustpy-xlsxwriter ---------------------------------------------------------------------------


def _write_known(path: Path, title: str, columns: Sequence[str], rows: Iterator[Sequence[Value]], known: Known) -> None:
    from rustpy_xlsxwriter import Format, write_worksheets

    cells = partial(map, partial(_cells, columns, [_reading(name, known) for name in columns]))
    of_sheet = MOST_ROWS - 1
    names = [title, *(f"{title} {number}" for number in range(2, -(-known.rows // of_sheet) + 1))]
    # Each takes its part of the rows when its turn comes, and the last one what is left.
    parts = [*(islice(rows, of_sheet) for _ in names[1:]), rows]
    # The header comes from the first row.
    nothing: Sequence[Value] = [None] * len(columns)
    if known.rows == 0:
        parts = [chain(rows, [nothing])]
    formats = dict.fromkeys(known.texts, Format().set_quote_prefix())
    formats |= dict.fromkeys(known.moments, Format().set_num_format(_DATE))
    try:
        write_worksheets(
            [(name, cells(part)) for name, part in zip(names, parts, strict=True)],
            path,
            freeze_panes={"general": {"row": 1, "col": 0}},
            bold_headers=True,
            column_width=dict.fromkeys(names, float(_WIDTH)),
            column_formats=dict.fromkeys(names, formats),
        )
    except RuntimeError as error:  # Its temporary file cannot be made.
        raise OSError(str(error)) from error
    except BaseException as error:
        # It panics when its temporary file cannot be written, such as on a full disk. No module exports the class.
        if type(error).__name__ != "PanicException":
            raise
        raise OSError(f"its temporary file cannot be written: {error}") from error


def _reading(column: str, known: Known) -> Any:
    if column in known.texts:
        return _as_text
    return _as_days if column in known.moments else _as_number


def _cells(columns: Sequence[str], readings: Sequence[Any], row: Sequence[Value]) -> dict[str, Any]:
    return {
        name: None if value is None else read(value) for name, read, value in zip(columns, readings, row, strict=True)
    }


def _as_text(value: Any) -> Any:
    return _text(value) if isinstance(value, str) else value


def _as_days(value: Any) -> Any:
    """A time on the wall in days, as Excel stores it."""
    return (value.replace(tzinfo=None) - _DAY_ZERO) / _DAY


def _as_number(value: Any) -> Any:
    """A number or boolean. A text, against what is known of the column, gets an apostrophe as in csv."""
    return guarded(_text(value)) if isinstance(value, str) else value


# --- XlsxWriter ----------------------------------------------------------------------------------


def _write_any(path: Path, title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    from tempfile import TemporaryDirectory

    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    # XlsxWriter leaves its temporary files behind when the rows end in an error.
    with TemporaryDirectory(prefix="callcentre.") as folder:
        workbook = Workbook(path, {"constant_memory": True, "tmpdir": folder})
        bold = workbook.add_format({"bold": True})
        date = workbook.add_format({"num_format": _DATE})
        # Excel's own apostrophe: the text stays one also when somebody edits the cell.
        quoted = workbook.add_format({"quote_prefix": True})

        def sheet(name: str) -> Any:
            made = workbook.add_worksheet(name)
            made.freeze_panes(1, 0)
            made.set_column(0, len(columns) - 1, _WIDTH)
            for place, column in enumerate(columns):
                made.write_string(0, place, column, bold)
            return made

        current = sheet(title)
        filled, sheets = 1, 1
        for row in rows:
            if filled == MOST_ROWS:
                sheets += 1
                current, filled = sheet(f"{title} {sheets}"), 1
            for place, value in enumerate(row):
                match value:
                    case None:
                        pass
                    case str():
                        text = _text(value)
                        current.write_string(filled, place, text, quoted if guarded(text) != text else None)
                    case bool():
                        current.write_boolean(filled, place, value)
                    case int() | float():
                        current.write_number(filled, place, value)
                    case datetime():
                        # Excel knows no timezones: the time on the wall.
                        current.write_datetime(filled, place, value.replace(tzinfo=None), date)
                    case _:
                        assert_never(value)
            filled += 1
        try:
            workbook.close()
        except FileCreateError as error:
            raise OSError(str(error)) from error
