"""The figure process: it answers one job after the other, until nobody is there to give it another."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from zoneinfo import ZoneInfo

import msgspec

from callcentre.features.figures.jobs import Figures, Job, JobDone, Reading
from callcentre.kernel.database import Database
from callcentre.kernel.ownership import Owner, Reach, owner_of
from callcentre.kernel.page_reads.narrowing import narrowed
from callcentre.statistics.figures import Row, figures_of_all
from callcentre.statistics.files import CannotRead
from callcentre.statistics.parts import LedgerPart, LedgerShape
from callcentre.statistics.periods import Span
from callcentre.statistics.questions import UNITS, Question
from callcentre.statistics.sheets import PLAIN, SPREADSHEETS, write_sheet
from callcentre.statistics.sources import ledger_of_database
from callcentre.statistics.tables import ledger_table
from callcentre.values.characters import as_json

if TYPE_CHECKING:
    import sqlalchemy as sa

LENGTH: Final = 4
"""Octets before each message, big-endian: how many octets it has."""


def serve(shape: LedgerShape) -> None:
    """Answer the jobs on standard input on standard output. Ends when the daemon is gone."""
    # What anything else prints goes to standard error, and not between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while (octets := _message(sys.stdin.buffer)) is not None:
        done = msgspec.json.encode(done_of(msgspec.json.decode(octets, type=Job), shape))
        answers.write(len(done).to_bytes(LENGTH, "big") + done)
        answers.flush()


def _message(stream: BinaryIO) -> bytes | None:
    length = stream.read(LENGTH)
    if len(length) < LENGTH:
        return None
    octets = stream.read(int.from_bytes(length, "big"))
    return octets if len(octets) == int.from_bytes(length, "big") else None


def done_of(job: Job, shape: LedgerShape) -> JobDone:
    """A job's answers."""
    zone = ZoneInfo(job.zone)
    try:
        reach = Reach(job.organisation, frozenset(job.services))
        with ledger_of_database(shape, Database(job.url, job.node)) as ledger, narrowed(ledger, reach):
            found = _rows(job, shape, ledger, zone)
        answers = [_columns(reading, rows) for reading, rows in zip(job.readings, found, strict=True)]
        if job.file is not None:
            _write(job, answers[0])
    except CannotRead as error:
        return JobDone(problem=str(error))
    except OSError as error:
        return JobDone(problem=f"the file cannot be written: {error.strerror or error}")
    if job.file is not None:
        return JobDone()
    return JobDone(json=as_json(found[0])) if job.as_json else JobDone(answers=answers)


def _rows(job: Job, shape: LedgerShape, ledger: sa.Connection, zone: ZoneInfo) -> list[list[Row]]:
    """The rows of each reading. Those of the same records are read together, the one with the smallest groups first."""
    together: dict[Any, list[Reading]] = {}
    for reading in job.readings:
        together.setdefault(_records(reading), []).append(reading)
    found: dict[Reading, list[Row]] = {}
    for several in together.values():
        several.sort(key=lambda reading: (not reading.each_service, reading.by is None, reading.by not in UNITS))
        questions = [_question(reading, zone) for reading in several]
        answers = figures_of_all(shape, ledger, questions, _parts(job, several[0], shape))
        found |= dict(zip(several, answers, strict=True))
    return [found[reading] for reading in job.readings]


def _records(reading: Reading) -> Any:
    """What records it is about, and which figures of them."""
    return reading.start, reading.stop, reading.service, reading.of_agents, reading.only_of_agents


def _question(reading: Reading, zone: ZoneInfo) -> Question:
    return Question(
        by=reading.by, zone=zone, span=Span(reading.start, reading.stop), service=reading.service,
        each_service=reading.each_service,
    )  # fmt: skip


def _parts(job: Job, reading: Reading, shape: LedgerShape) -> Iterable[LedgerPart]:
    """The parts whose figures are asked for. What belongs to no service is for those who see every organisation."""
    parts = shape.parts if job.organisation is None else tuple(filter(_is_owned, shape.parts))
    if reading.only_of_agents:
        return [part for part in parts if part.judges_agents]
    return [part for part in parts if reading.of_agents or not part.judges_agents]


def _is_owned(part: LedgerPart) -> bool:
    tables = [ledger_table(kept) for kept in part.tables if kept.counts_at is not None]
    return all(owner_of(table) not in (None, Owner.PROGRAM) for table in tables)


def _columns(reading: Reading, rows: list[Row]) -> Figures:
    groups = ("service", "agent_name", reading.by)
    names = list(rows[0]) if rows else [reading.by] if reading.by is not None else []
    if reading.figures:
        names = [name for name in names if name in groups or name in reading.figures]
    return Figures(names, [[row[name] for name in names] for row in rows])


def _write(job: Job, answer: Figures) -> None:
    file, by = job.file, job.readings[0].by
    if file is not None:
        csv_form = PLAIN if file.spreadsheet is None else SPREADSHEETS[file.spreadsheet]
        write_sheet(Path(file.path), file.form, f"by {by}", answer.columns, answer.rows, csv_form)
