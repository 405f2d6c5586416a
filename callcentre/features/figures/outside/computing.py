"""The figure process: it answers one job after the other, until nobody is there to give it another."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

import msgspec

from callcentre.features.figures.jobs import Figures, Job, JobDone, Reading
from callcentre.kernel.database import Database
from callcentre.kernel.ownership import Reach
from callcentre.statistics.figures import figures
from callcentre.statistics.files import CannotRead
from callcentre.statistics.parts import LedgerPart, LedgerShape
from callcentre.statistics.periods import Span
from callcentre.statistics.questions import Question
from callcentre.statistics.sheets import PLAIN, SPREADSHEETS, write_sheet
from callcentre.statistics.sources import ledger_of_database
from callcentre.values.characters import as_json

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
        with ledger_of_database(shape, Database(job.url, job.node)) as ledger:
            found = [
                (reading, figures(shape, ledger, _question(reading, zone), _parts(reading, shape)))
                for reading in job.readings
            ]
        answers = [_columns(reading, rows) for reading, rows in found]
        if job.file is not None:
            _write(job, answers[0])
    except CannotRead as error:
        return JobDone(problem=str(error))
    except OSError as error:
        return JobDone(problem=f"the file cannot be written: {error.strerror or error}")
    if job.file is not None:
        return JobDone()
    return JobDone(json=as_json(found[0][1])) if job.as_json else JobDone(answers=answers)


def _question(reading: Reading, zone: ZoneInfo) -> Question:
    return Question(
        by=reading.by, zone=zone, span=Span(reading.start, reading.stop), service=reading.service,
        reach=Reach(reading.organisation, frozenset(reading.services)), each_service=reading.each_service,
    )  # fmt: skip


def _parts(reading: Reading, shape: LedgerShape) -> Iterable[LedgerPart]:
    if reading.only_of_agents:
        return [part for part in shape.parts if part.judges_agents]
    return [part for part in shape.parts if reading.of_agents or not part.judges_agents]


def _columns(reading: Reading, rows: list[dict[str, str | int | float | None]]) -> Figures:
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
