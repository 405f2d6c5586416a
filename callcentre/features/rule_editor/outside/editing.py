"""What the page does with the file: it reads, checks, compares, tries and replaces it."""

from __future__ import annotations

import asyncio
import hmac
import pickle
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from callcentre.config.read import ConfigurationError, text_of
from callcentre.features.rule_editor.differences import Line
from callcentre.features.rule_editor.events import RulesWritten, Text
from callcentre.features.rule_editor.model import RuleVersions
from callcentre.features.rule_editor.outside import file
from callcentre.features.rule_editor.outside.checker import Checker
from callcentre.features.rule_editor.outside.messages import (
    Check,
    Compare,
    Differences,
    Files,
    Look,
    Ready,
    Sight,
    Tried,
    Verdict,
    WhatIf,
)
from callcentre.kernel.component import Building
from callcentre.kernel.ownership import EVERYBODY, Reach
from callcentre.kernel.page_reads.reads import Reads, Rows
from callcentre.kernel.program import NeedsRestart, Program
from callcentre.kernel.settings_in_force.interface import SettingsInForce

MOST_VERSIONS: Final = 50
"""Versions that the page lists."""
LONGEST_TRY: Final = 40.0
"""Seconds to try rules out. Ten thousand calls take three of a processor of its own."""
_KEPT_TEXTS: Final = 20
"""Texts that pages were made from, and that are remembered to say what two people have changed."""


@dataclass(frozen=True, slots=True)
class View:
    """What the page shows of the file.

    unreadable: why the file cannot be read, in the words of `callcentre check`. cannot_write: why it cannot be
    replaced. token: what a save from this page names, so that nothing newer is overwritten.
    """

    sight: Sight
    unreadable: str | None
    cannot_write: file.CannotWrite | None
    token: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """The file is another one than the page was made from.

    mine: what the visitor has changed since then, and theirs what has changed in the file. Where the text of the page
    is not known any more, `mine` is the whole difference between the file and the visitor's text, and theirs is None.
    """

    mine: Sequence[Line]
    theirs: Sequence[Line] | None


Outcome = RulesWritten | Conflict | Verdict | None


@dataclass(slots=True)
class Editing:
    """The file of this daemon."""

    program: Program
    settings: SettingsInForce
    reads: Reads
    needs_restart: Sequence[NeedsRestart]
    versions: RuleVersions
    checker: Checker
    tries: Checker
    """A process of its own: who writes does not wait for what somebody tries out."""
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _texts: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _saving: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def of(cls, building: Building, versions: RuleVersions) -> Editing:
        """The editing of the program that is being built."""
        program = building.need(Program)
        return cls(
            program, building.need(SettingsInForce), building.need(Reads), building.all(NeedsRestart), versions,
            Checker(program.shape), Checker(program.shape, longest=LONGEST_TRY),
        )  # fmt: skip

    # --- the file --------------------------------------------------------------------------------

    async def view(self) -> View:
        """The file as it is now. Raises `NoAnswer`."""
        return (await self._seen())[0]

    async def _seen(self) -> tuple[View, Files]:
        files, unreadable = await self._files()
        try:
            await asyncio.to_thread(file.place_of, self.program.configuration)
            cannot_write = None
        except file.CannotWrite as error:
            cannot_write = error
        sight = await self.checker.ask(Look(files=files), Sight)
        if sight.text is not None:
            self._remember(sight.sha256, sight.text)
        return View(sight, unreadable, cannot_write, self._token(sight.sha256, files.disk)), files

    async def _files(self) -> tuple[Files, str | None]:
        """The texts, and why the file cannot be read."""
        path, in_force = self.program.configuration, self.program.in_force()
        try:
            disk = await asyncio.to_thread(text_of, path)
        except ConfigurationError as error:
            why = "\n".join(problem.message for problem in error.problems)
            return Files(disk=None, in_force=in_force, path=str(path)), why
        return Files(disk=disk, in_force=in_force, path=str(path)), None

    def _remember(self, sha256: str, text: str) -> None:
        self._texts[sha256] = text
        self._texts.move_to_end(sha256)
        if len(self._texts) > _KEPT_TEXTS:
            self._texts.popitem(last=False)

    def _token(self, sha256: str, disk: str | None) -> str:
        """What names a text: by its visible part also after a restart, and by its secrets as long as the daemon runs.

        Nobody can try secrets with it, since the key of the hash is not known.
        """
        run = hmac.digest(self._key, b"run", "sha256").hex()[:16]
        whole = hmac.digest(self._key, (disk or "").encode(), "sha256").hex()[:32]
        return f"{sha256}.{run}.{whole}"

    # --- texts -----------------------------------------------------------------------------------

    async def check(self, text: str) -> Verdict:
        """What is wrong with a text. Raises `NoAnswer`."""
        files, _ = await self._files()
        return await self.checker.ask(Check(files=files, text=text), Verdict)

    async def restarts(self, ready: Ready | None) -> list[str]:
        """The names of the parts of a good text that would apply from the next start on."""
        if ready is None:
            return []
        # From our own child process, as in `reading_process`; in a thread, since a large file takes a while.
        after = await asyncio.to_thread(pickle.loads, ready.settings)  # nosec B301
        before = self.settings.settings
        return [part.name for part in self.needs_restart if part.of(before) != part.of(after)]

    async def try_out(self, text: str, days: int) -> Tried:
        """What a text would have done with the calls of the last days. Raises `NoAnswer`."""
        files, _ = await self._files()
        since = self.program.clock() - timedelta(days=days)
        database = self.program.database
        url = database.url if database.path is None else f"sqlite:///{database.path.absolute()}"
        question = WhatIf(
            files=files, text=text, database=url, node=database.node, since=int(since.timestamp() * 1000)
        )  # fmt: skip
        return await self.tries.ask(question, Tried)

    # --- saving ----------------------------------------------------------------------------------

    async def _conflict(self, text: str, token: str, view: View, files: Files) -> Conflict:
        theirs, before = view.sight.text or "", self._texts.get(token.partition(".")[0])
        if before is None:
            return Conflict(await self._compared(files, theirs, text, typed=True), None)
        mine = await self._compared(files, before, text, typed=True)
        return Conflict(mine, await self._compared(files, before, theirs))

    async def _compared(self, files: Files, before: str, after: str, *, typed: bool = False) -> Sequence[Line]:
        question = Compare(files=files, before=before, after=after, typed=typed)
        return (await self.checker.ask(question, Differences)).lines

    async def save(
        self, text: str, token: str, restored: str | None = None
    ) -> RulesWritten | Conflict | Verdict | None:
        """Replace the file by a text, if the file is that of the page and the text is good.

        Returns the event to submit; else what is in the way, with the file as it was; None: nothing would change.
        Raises `NoAnswer` and `CannotWrite`.
        """
        async with self._saving:
            view, files = await self._seen()
            if not _is_same(token, view.token):
                return await self._conflict(text, token, view, files)
            if files.disk is None:
                raise view.cannot_write or file.CannotWrite("other", self.program.configuration, view.unreadable or "")
            verdict = await self.checker.ask(Check(files=files, text=text), Verdict)
            if verdict.ready is None:
                return verdict
            if verdict.ready.text == files.disk:
                return None
            now, changed_at = self.program.clock(), await asyncio.to_thread(_changed_at, self.program.configuration)
            known = await self._is_version(view.sight.sha256)
            try:
                await asyncio.to_thread(
                    file.replace, self.program.configuration, files.disk, verdict.ready.text
                )  # fmt: skip
            except file.Changed:
                view, files = await self._seen()
                return await self._conflict(text, token, view, files)
            before = None
            if not known and view.sight.is_of_disk:
                before = Text(at=min(changed_at, now), sha256=view.sight.sha256, text=view.sight.text or "")
            return RulesWritten(
                at=now,
                daemon=self.program.database.node,
                text=Text(at=now, sha256=verdict.ready.sha256, text=verdict.ready.shown),
                before=before,
                restored=restored,
            )

    # --- versions --------------------------------------------------------------------------------

    async def _is_version(self, sha256: str) -> bool:
        """Whether the latest version of the file has this text."""
        rows = await self._rows(EVERYBODY, ["sha256"], most=1)
        return bool(rows) and rows[0]["sha256"] == sha256

    async def listed(self, reach: Reach) -> Rows:
        """The latest versions, the newest first: version, at, user, why, restored, sha256."""
        return await self._rows(reach, ["version", "at", "user", "why", "restored", "sha256"], most=MOST_VERSIONS)

    async def version(self, reach: Reach, version: str) -> dict[str, Any] | None:
        """A version with its text; None: there is none."""
        table = self.versions.records.table
        condition = sa.and_(table.c.version == version, table.c.daemon == self.program.database.node)
        rows = await self.reads.rows(reach, sa.select(table).where(condition))
        return rows[0] if rows else None

    async def _rows(self, reach: Reach, columns: Sequence[str], most: int) -> Rows:
        table = self.versions.records.table
        statement = sa.select(*(table.c[name] for name in columns)).where(table.c.daemon == self.program.database.node)
        return await self.reads.rows(reach, statement.order_by(table.c.at.desc()).limit(most))

    async def since(self, text: str) -> Sequence[Line]:
        """What the file would become by going back to the text of a version. Raises `NoAnswer`."""
        view, files = await self._seen()
        return await self._compared(files, view.sight.text or "", text)


def _is_same(token: str, now: str) -> bool:
    """Whether two tokens name the same text. Those of two runs of the daemon are compared by what can be seen."""
    parts, parts_now = token.split("."), now.split(".")
    if len(parts) != len(parts_now) or parts[0] != parts_now[0]:
        return False
    return parts[1] != parts_now[1] or parts[2] == parts_now[2]


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
