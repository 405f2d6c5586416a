"""Examines all areas in order, each only if what it needs can be reached."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from callcentre.cli.doctor import (
    access,
    dialplan,
    files,
    machine,
    members,
    outgoing,
    rights,
    service,
    stop_words,
    trust,
)
from callcentre.cli.doctor.files import Files
from callcentre.cli.doctor.finding import Finding, about
from callcentre.cli.doctor.prompts import prompts
from callcentre.cli.doctor.questions import Questions, questions
from callcentre.config.read import Configuration
from callcentre.config.settings import Settings
from callcentre.kernel.damage import advice, damaged
from callcentre.kernel.database import Database
from callcentre.kernel.settings import database_of
from callcentre.messaging.sending import gateway_of
from callcentre.telephony.ari.client import Client
from callcentre.telephony.ari.model import AriError, ReadOnly
from callcentre.telephony.settings import AriSettings

_LOOK_SECONDS: Final = 10.0
"""A check of a database of some gigabytes ends after this time."""


async def examine(configuration: Configuration) -> list[Finding]:
    """Examine the machine, Asterisk, its queues, dialplan and sounds, gateway and database. Leaves no changes."""
    settings = configuration.settings
    findings = about("database", [_database(database_of(configuration))])
    findings += about("files", rights.rights(configuration))
    findings += about("machine", machine.machine(configuration))
    findings += about("service", service.service(configuration))
    findings += about("certificates", trust.trust(settings, os.environ))
    ari = settings.section(AriSettings)
    async with Client(ari.url, ari.username, ari.password) as client, Client(ari.url, "", "") as stranger:
        findings += about("asterisk", await _asterisk(client, stranger, settings))
    gateway = gateway_of(settings)
    try:
        findings += about("gateway", [Finding(f"SMS gateway {gateway.name}", await gateway.probe())])
    finally:
        await gateway.close()
    return findings + about("gateway", stop_words.judged(settings))


def _database(database: Database) -> Finding:
    path = database.path
    if path is None:
        return _server(database)
    folder = path.parent
    what = f"database {path}"
    if not folder.is_dir():
        return Finding(what, f"its folder does not exist: mkdir -p {folder}")
    target = path if path.exists() else folder
    if not os.access(target, os.W_OK):
        return Finding(what, f"cannot be written by this user: give {target} to the daemon's user")
    if path.exists():
        try:
            return Finding(what, _damage(path))
        except sqlite3.Error as error:
            return Finding(what, f"{error}: {advice(database, error)}")
    return Finding(what)


def _server(database: Database) -> Finding:
    """Whether the server can be reached, and has tables that this version can read."""
    from callcentre.kernel.errors import StoreError
    from callcentre.kernel.reading import read_only

    what = f"database {database}"
    try:
        with read_only(database) as connection:
            connection.exec_driver_sql("SELECT count(*) FROM alembic_version")
    except StoreError as error:
        return Finding(what, str(error))
    return Finding(what)


def _damage(path: Path) -> str | None:
    """The damage that SQLite finds in the file within the time. Raises `sqlite3.Error`."""
    ends = time.monotonic() + _LOOK_SECONDS
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as database:
        database.execute("SELECT count(*) FROM sqlite_master").fetchall()
        database.set_progress_handler(lambda: time.monotonic() > ends, 100_000)
        try:
            (said,) = database.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                return None
            raise
    return None if said == "ok" else f"{said.splitlines()[-1]}: {damaged(path)}"


async def _asterisk(client: Client, stranger: Client, settings: Settings) -> list[Finding]:
    reached, major = await access.reached(client)
    findings = [reached]
    if major is None and not reached.well:
        return findings
    username = settings.section(AriSettings).username
    try:
        async with questions(client) as asking:
            looked_at = await files.files(asking, settings.section(AriSettings).url)
            if not looked_at.has_user(username) and await access.is_crypted(client, stranger):
                findings.append(access.crypted(username))
            findings += await _inside(asking, settings, major, looked_at)
            findings += about("queues", files.judged(looked_at, settings))
    except ReadOnly:
        findings.append(access.read_only(username))
    except AriError as error:
        findings.append(Finding("asking Asterisk's functions", f"failed: {error}"))
    return findings + about("sounds", await prompts(client))


async def _inside(questions: Questions, settings: Settings, major: int | None, looked_at: Files) -> list[Finding]:
    """The areas that need a channel for their questions."""
    printed = await dialplan.printed(questions, settings, major)
    findings: list[Finding] = []
    for queue in settings.queues:
        known = await questions.queue_exists(queue)
        fix = (
            f"is not known to Asterisk: correct services.*.queue (`queue show` names all queues), or make the queue:"
            f" [{queue}] in queues.conf, then `queue reload all`; with FreePBX under Applications, Queues"
        )
        findings.append(Finding(f"queue {queue}", None if known else fix))
        if known:
            ways = [printed.entry_of(service) for service in settings.services.values() if service.queue == queue]
            enters_all = ways[0] if all(ways) else None
            agents = await members.agents(questions, queue, enters_all, looked_at.hints(queue))
            findings += members.judged(agents, settings.own_numbers, settings.region)
    findings = about("queues", findings)
    findings += about("dialplan", dialplan.judged(printed))
    findings += about("dialling", outgoing.judged(await outgoing.way(questions, settings)))
    findings.append(await access.clock(questions))
    return findings
