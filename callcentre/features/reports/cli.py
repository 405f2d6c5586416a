"""`callcentre report`: make a scheduled report now."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import click

from callcentre.terminal import (
    CONFIG,
    DAY,
    FAILED,
    LOW_PRIORITY,
    WRONG,
    Command,
    configuration,
    declared,
    fail,
    say,
    waits,
)


@click.command(cls=Command, epilog="Example:\n  callcentre report agents --day 2026-03-02")
@CONFIG
@click.argument("name")
@click.option("--day", type=DAY, help="As it would be made on this day; left out: today.")
@waits
async def report(path: Path, name: str, day: date | None) -> None:
    """Make a report of the configuration now, into its folder and to its mail addresses.

    This is how the daemon makes it, too: in a process of its own, at low priority.
    """
    from callcentre.features.reports.outside.scheduled import CannotDeliver, deliver
    from callcentre.features.reports.settings import ReportSettings
    from callcentre.statistics.files import CannotRead
    from callcentre.statistics.parts import LedgerShape

    known = configuration(path)
    reports = known.settings.sections(ReportSettings)
    found = next((each for each in reports if each.name == name), None)
    if found is None:
        names = ", ".join(each.name for each in reports) or "none"
        raise fail(f"{path} has no report {name}; it has: {names}", WRONG)
    os.nice(LOW_PRIORITY)
    try:
        shape = LedgerShape(declared().parts("statistics", "LEDGER_PARTS"))
        file = await deliver(found, known, shape, day or datetime.now(known.settings.timezone).date())
    except (CannotRead, CannotDeliver) as error:
        raise fail(f"report {name}: {error}", FAILED) from error
    except OSError as error:
        where = error.filename or found.folder
        raise fail(f"report {name}: {where}: cannot be written: {error.strerror or error}", FAILED) from error
    if file is not None:
        say(str(file))
    if found.email is not None:
        say(f"sent to {', '.join(found.email.to)}")


COMMANDS = (report,)
