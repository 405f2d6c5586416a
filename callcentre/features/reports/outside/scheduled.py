"""Makes a report as configured: its days, its file, and the mail with it."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, assert_never, cast

from callcentre.config import private
from callcentre.features.reports.settings import Smtp
from callcentre.kernel.settings import database_of
from callcentre.statistics.export import exported
from callcentre.statistics.figures import figures
from callcentre.statistics.parts import LedgerShape
from callcentre.statistics.periods import span
from callcentre.statistics.questions import Question
from callcentre.statistics.sheets import PLAIN, SPREADSHEETS, in_place_of, write_sheet
from callcentre.statistics.sources import ledger_of_database
from callcentre.statistics.workbooks import Value
from callcentre.values.characters import as_json

if TYPE_CHECKING:
    from callcentre.config.read import Configuration
    from callcentre.features.reports.settings import Period, ReportSettings
_TYPES: Final = {
    "csv": ("text", "csv"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "json": ("application", "json"),
}
_SMTP_SECONDS: Final = 60.0


class CannotDeliver(Exception):  # noqa: N818
    """The report was made, but the mail server did not accept it; the text says why."""


def days(period: Period, today: date) -> tuple[date | None, date | None]:
    """The first and the last day of a period, both included; None is open-ended. Weeks begin on Monday."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    day = timedelta(days=1)
    match period:
        case "yesterday":
            return today - day, today - day
        case "last_week":
            return monday - 7 * day, monday - day
        case "last_month":
            return (first - day).replace(day=1), first - day
        case "today":
            return today, today
        case "this_week":
            return monday, today
        case "this_month":
            return first, today
        case "all":
            return None, None
        case _:
            assert_never(period)


def file_name(report: ReportSettings, today: date) -> str:
    """The name of a report's file, such as `agents_2026-11-16_2026-11-22.xlsx`: the same for the same days."""
    first, last = days(report.period, today)
    named = dict.fromkeys(str(day) for day in (first, last or today) if day is not None)
    return f"{'_'.join((report.name, *named))}.{report.format}"


def make(report: ReportSettings, configuration: Configuration, shape: LedgerShape, today: date, folder: Path) -> Path:
    """Write a report into a folder and return its file. Raises `CannotRead`, `OSError`."""
    zone = configuration.settings.timezone
    file = folder / file_name(report, today)
    asked = span(*days(report.period, today), zone)
    csv_form = PLAIN if report.spreadsheet is None else SPREADSHEETS[report.spreadsheet]
    with ledger_of_database(shape, database_of(configuration)) as ledger:
        if report.group is None:
            found = exported(ledger, shape.exports[report.rows], zone, span=asked, service=report.service)
            write_sheet(file, cast("Any", report.format), report.rows, found.columns, found.rows, csv_form, found.known)
            return file
        question = Question(by=cast("Any", report.group), zone=zone, span=asked, service=report.service)
        rows = figures(shape, ledger, question)
    if report.format == "json":
        with in_place_of(file) as partial:
            partial.write_text(as_json(rows), encoding="utf-8")
        return file
    columns: Sequence[str] = list(rows[0]) if rows else [report.group]
    values: list[list[Value]] = [[row[name] for name in columns] for row in rows]
    write_sheet(file, report.format, f"by {report.group}", columns, values, csv_form)
    return file


async def deliver(report: ReportSettings, configuration: Configuration, shape: LedgerShape, today: date) -> Path | None:
    """Make a report, and put it into its folder or send it by mail. Returns the file, if one stays.

    Raises `CannotRead`, `OSError`, `CannotDeliver`.
    """
    if report.folder is not None:
        folder = configuration.path.absolute().parent / report.folder
        folder.mkdir(private.FOLDER_MODE, parents=True, exist_ok=True)
        file = make(report, configuration, shape, today, folder)
        await _mail(report, configuration.settings.section(Smtp), file)
        return file
    with tempfile.TemporaryDirectory(prefix="callcentre.") as scratch:
        file = make(report, configuration, shape, today, Path(scratch))
        await _mail(report, configuration.settings.section(Smtp), file)
    return None


async def _mail(report: ReportSettings, smtp: Smtp | None, file: Path) -> None:
    if report.email is None or smtp is None:
        return
    import aiosmtplib

    try:
        await aiosmtplib.send(
            _message(report, smtp, file), hostname=smtp.host, port=smtp.port, username=smtp.username,
            password=smtp.password, use_tls=smtp.encryption == "tls", start_tls=smtp.encryption == "starttls",
            timeout=_SMTP_SECONDS,
        )  # fmt: skip
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise CannotDeliver(f"{smtp.host} does not take the mail: {error}") from error


def _message(report: ReportSettings, smtp: Smtp, file: Path) -> EmailMessage:
    message = EmailMessage()
    message["From"] = smtp.sender
    message["To"] = ", ".join(report.email.to if report.email is not None else ())
    message["Subject"] = (report.email.subject if report.email is not None else None) or file.stem.replace("_", " ")
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=smtp.sender.rpartition("@")[2])
    message.set_content(f"{file.name}: {report.kind}" + (f", {report.service}" if report.service else "") + "\n")
    kind, subtype = _TYPES[report.format]
    message.add_attachment(file.read_bytes(), maintype=kind, subtype=subtype, filename=file.name)
    return message
