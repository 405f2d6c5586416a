"""`/rules` of a running daemon, with a real file."""

from __future__ import annotations

import asyncio
import html
import re
import sqlite3
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientSession
from sqlalchemy.pool import NullPool

from callcentre.features.rule_editor.web import LONGEST_TEXT
from callcentre.kernel.database import Database
from tests.testbed.alone import alone, http_port
from tests.testbed.configuration import TOKEN
from tests.testbed.daemon import Daemon
from tests.testbed.databases import ON_SERVER, database_in
from tests.testbed.process import python_environment
from tests.unit.config.files import changed

FRAGMENT = {"HX-Request": "true"}
ARI_SECRET = "a-word-of-asterisk"


@dataclass
class Page:
    """The page of the rules as a script of an administrator sees it. No answer may have a secret."""

    session: ClientSession
    file: Path

    async def get(self, path: str = "/rules") -> str:
        async with self.session.get(path) as answer:
            return await self._read(await answer.text(), answer.status, 200)

    async def post(self, path: str, status: int, *, fragment: bool = False, **fields: str) -> str:
        headers = FRAGMENT if fragment else {}
        async with self.session.post(path, data=fields, headers=headers, allow_redirects=False) as answer:
            return await self._read(await answer.text(), answer.status, status)

    async def _read(self, text: str, status: int, expected: int) -> str:
        assert status == expected, text[:3000]
        assert TOKEN not in text
        assert ARI_SECRET not in text
        return text

    async def opened(self) -> tuple[str, str]:
        """The text in the form, and what the form was made from."""
        return await self.of_form(await self.get())

    async def of_form(self, page: str, name: str = "base") -> tuple[str, str]:
        found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
        token = re.search(f'name="{name}" value="([^"]*)"', page)
        assert found is not None
        assert token is not None
        return html.unescape(found[1]), token[1]

    async def saved(self, old: str, new: str, **more: str) -> str:
        """Save the text of the page with one piece of it replaced."""
        text, base = await self.opened()
        return await self.post("/rules/save", 303, text=changed(old, new, text), base=base, fragment=False, **more)


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    changes = {
        "ari": {"password": ARI_SECRET},
        "sms": {"kannel": None},
        "services": {"support": {"welcome": {"min_waiting": 3}}},
    }
    with http_port() as port:
        async with alone(tmp_path, port, {"gateway": "console"}, changes=changes) as running:
            yield running


@pytest.fixture
async def page(daemon: Daemon) -> AsyncIterator[Page]:
    async with ClientSession(daemon.url, headers={"Authorization": f"Bearer {TOKEN}"}) as session:
        yield Page(session, daemon.file)


async def command(daemon: Daemon, *arguments: str) -> str:
    """What a command says."""
    words = [sys.executable, "-m", "callcentre", *arguments, "-c", str(daemon.file)]
    process = await asyncio.create_subprocess_exec(
        *words, env=python_environment(), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    return said.decode()


def rows(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """What a statement finds in the database of a folder."""
    if ON_SERVER:
        with sa.create_engine(database_in(folder).url, poolclass=NullPool).connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]
    with closing(sqlite3.connect(folder / "callcentre.db")) as connection:
        return connection.execute(statement).fetchall()


def without_marks(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


# --- seeing and checking -------------------------------------------------------------------------


async def test_the_page_shows_the_file_with_the_names_of_its_secrets(page: Page) -> None:
    text, _ = await page.opened()
    assert "password: <secret ari.password>" in text
    assert "token: <secret http.token>" in text
    written = page.file.read_text(encoding="utf-8")
    assert written == text.replace("<secret ari.password>", ARI_SECRET).replace("<secret http.token>", TOKEN)


async def test_while_somebody_writes_the_mistakes_are_those_of_check(page: Page, daemon: Daemon) -> None:
    text, _ = await page.opened()
    mistaken = changed("region: FI", "region: FIN", changed("  level: info", "  niveau: info", text))
    found = without_marks(await page.post("/rules/check", 200, fragment=True, text=mistaken))
    before = page.file.read_text(encoding="utf-8")
    page.file.write_text(changed("region: FI", "region: FIN", changed("  level: info", "  niveau: info", before)))
    done = await command(daemon, "check")
    page.file.write_text(before, encoding="utf-8")
    problems = re.findall(r"config\.yaml:(\d+):(\d+): ([\w.]+): (.*)", done)
    assert len(problems) == 2
    for line, column, where, message in problems:
        assert f"Line {line}, column {column} {where} {message}" in found
    assert "2 mistakes" in found


async def test_what_a_text_changes_and_what_needs_a_restart_is_shown(page: Page) -> None:
    text, _ = await page.opened()
    new = changed("app: callcentre", "app: another", text)
    found = await page.post("/rules/check", 200, fragment=True, text=new)
    assert re.search(r'<span class="removed">-\s+app: callcentre', found)
    assert re.search(r'<span class="added">\+\s+app: another', found)
    assert "No mistake" in found
    assert re.search(r"next start of the daemon on: ari What changes", without_marks(found))


async def test_without_a_script_the_text_stays_in_the_form(page: Page) -> None:
    text, base = await page.opened()
    mistaken = changed("region: FI", "region: <b>", text)
    answered = await page.post("/rules/check", 200, text=mistaken, base=base, why="just <i>looking</i>")
    assert await page.of_form(answered) == (mistaken, base)
    assert "1 mistake" in answered
    assert "<b>" not in answered
    assert "<i>looking" not in answered


async def test_a_text_that_is_too_long_is_not_looked_at(page: Page) -> None:
    await page.post("/rules/check", 413, fragment=True, text="a" * (LONGEST_TEXT + 1))
    found = await page.post("/rules/check", 200, fragment=True, text="# ä\n" * (LONGEST_TEXT // 4))
    assert "1 mistake" in found


async def test_a_typed_secret_comes_back_in_no_fragment(page: Page) -> None:
    text, base = await page.opened()
    new = changed("<secret http.token>", "another-token-of-mine", text)
    found = await page.post("/rules/check", 200, fragment=True, text=new)
    assert "another-token-of-mine" not in found
    assert "A new secret: http.token" in without_marks(found)
    await page.post("/rules/save", 303, text=new, base=base)
    assert "token: another-token-of-mine" in page.file.read_text(encoding="utf-8")
    page.session.headers["Authorization"] = "Bearer another-token-of-mine"
    assert "another-token-of-mine" not in await page.get()
    assert all("another-token" not in row[0] for row in rows(page.file.parent, "SELECT text FROM rule_versions"))


# --- saving --------------------------------------------------------------------------------------


async def test_a_saved_text_is_the_file_applies_at_once_and_is_a_version(page: Page) -> None:
    page.file.chmod(0o640)
    before = page.file.read_text(encoding="utf-8")
    await page.saved("region: FI", "region: SE", why="  Sweden\nonly ")
    assert page.file.read_text(encoding="utf-8") == changed("region: FI", "region: SE", before)
    assert stat.S_IMODE(page.file.stat().st_mode) == 0o640
    shown = await page.get()
    assert "does not use that yet" not in shown
    assert "The file now" in shown
    folder = page.file.parent
    assert rows(folder, 'SELECT "user", why FROM rule_versions ORDER BY at') == [(None, None), ("token", "Sweden only")]
    assert rows(folder, "SELECT \"user\", why FROM journal WHERE event = 'rules.saved'") == [("token", "Sweden only")]
    assert not any(TOKEN in row[0] for row in rows(folder, "SELECT text FROM rule_versions"))


async def test_a_text_with_a_mistake_is_not_saved(page: Page) -> None:
    before = page.file.read_text(encoding="utf-8")
    text, base = await page.opened()
    mistaken = changed("region: FI", "region: XX", text)
    answered = await page.post("/rules/save", 422, text=mistaken, base=base)
    assert await page.of_form(answered) == (mistaken, base)
    assert "1 mistake" in answered
    assert page.file.read_text(encoding="utf-8") == before
    assert rows(page.file.parent, "SELECT 1 FROM rule_versions") == []


async def test_a_placeholder_at_another_key_is_a_mistake_at_its_line(page: Page) -> None:
    text, base = await page.opened()
    moved = changed("region: FI", "region: <secret ari.password>", text)
    answered = await page.post("/rules/save", 422, text=moved, base=base)
    line = text[: text.index("region: FI")].count("\n") + 1
    assert f'data-line="{line}" data-column="9"' in answered


async def test_the_same_text_again_changes_nothing(page: Page) -> None:
    text, base = await page.opened()
    inode = page.file.stat().st_ino
    await page.post("/rules/save", 303, text=text, base=base)
    assert page.file.stat().st_ino == inode
    assert rows(page.file.parent, "SELECT 1 FROM rule_versions") == []


@pytest.mark.parametrize("by", ["editor", "browser"])
async def test_what_somebody_else_saved_meanwhile_is_not_overwritten(page: Page, by: str) -> None:
    text, base = await page.opened()
    if by == "editor":
        theirs = changed("language: fi\nsms", "language: sv\nsms", page.file.read_text(encoding="utf-8"))
        page.file.write_text(theirs, encoding="utf-8")
    else:
        await page.saved("language: fi\nsms", "language: sv\nsms")
        theirs = page.file.read_text(encoding="utf-8")
    mine = changed("region: FI", "region: SE", text)
    answered = await page.post("/rules/save", 409, text=mine, base=base)
    assert page.file.read_text(encoding="utf-8") == theirs
    assert (await page.of_form(answered))[0] == mine
    assert "language: sv" in answered[answered.index("What the others changed") :]
    assert "region: SE" in answered[answered.index("What you changed") :]
    # The same again, without a word about the other changes, is still refused.
    _, seen = await page.of_form(answered, "seen")
    await page.post("/rules/save", 409, text=mine, base=base, seen=seen)
    both = changed("language: fi\nsms", "language: sv\nsms", mine)
    await page.post("/rules/save", 303, text=both, base=base, seen=seen, merged="yes")
    assert "region: SE" in page.file.read_text(encoding="utf-8")


async def test_a_secret_that_somebody_else_changed_meanwhile_is_a_conflict_too(page: Page) -> None:
    text, base = await page.opened()
    theirs = changed(ARI_SECRET, f"{ARI_SECRET}-2", page.file.read_text(encoding="utf-8"))
    page.file.write_text(theirs, encoding="utf-8")
    await page.post("/rules/save", 409, text=changed("region: FI", "region: SE", text), base=base)
    assert page.file.read_text(encoding="utf-8") == theirs


async def test_a_form_from_before_a_restart_can_be_saved(page: Page, daemon: Daemon) -> None:
    text, base = await page.opened()
    await daemon.kill()
    await daemon.start(ready=False)
    await daemon.unready()
    await page.post("/rules/save", 303, text=changed("region: FI", "region: SE", text), base=base)
    assert "region: SE" in page.file.read_text(encoding="utf-8")


# --- the file on the disk ------------------------------------------------------------------------


async def test_a_file_with_a_mistake_that_is_on_the_disk_is_corrected_in_the_browser(page: Page) -> None:
    page.file.write_text(changed("region: FI", "region: XX", page.file.read_text(encoding="utf-8")), encoding="utf-8")
    assert "has mistakes, and does not apply" in await page.get()
    await page.saved("region: XX", "region: SE")
    assert "region: SE" in page.file.read_text(encoding="utf-8")


async def test_a_file_that_is_no_yaml_is_not_shown_and_can_be_replaced(page: Page) -> None:
    page.file.write_text(f"ari: {{password: {ARI_SECRET}, [", encoding="utf-8")
    assert "is not YAML" in await page.get()
    await page.saved("region: FI", "region: SE")
    written = page.file.read_text(encoding="utf-8")
    assert "region: SE" in written
    assert f"password: {ARI_SECRET}" in written


async def test_a_file_that_is_gone_is_said(page: Page) -> None:
    page.file.rename(page.file.with_suffix(".old"))
    shown = await page.get()
    assert "cannot be read" in shown
    text, base = await page.of_form(shown)
    await page.post("/rules/save", 409, text=changed("region: FI", "region: SE", text), base=base)
    assert not page.file.exists()


# --- versions ------------------------------------------------------------------------------------


async def test_one_click_brings_an_earlier_version_back_with_the_secrets_of_now(page: Page) -> None:
    before = page.file.read_text(encoding="utf-8")
    await page.saved("region: FI", "region: SE")
    await page.saved("<secret ari.password>", f"{ARI_SECRET}-2")
    shown = await page.get()
    links = re.findall(r'href="(/rules/versions/[^"]+)"', shown)
    assert len(links) == 3
    oldest = await page.get(links[-1])
    assert re.search(r'<span class="added">\+region: FI', oldest)
    _, base = await page.of_form(shown)
    await page.post(f"{links[-1]}/restore", 303, base=base, why="it was better")
    assert page.file.read_text(encoding="utf-8") == before.replace(ARI_SECRET, f"{ARI_SECRET}-2")
    folder = page.file.parent
    restored = rows(folder, "SELECT why, further FROM journal WHERE event = 'rules.restored'")
    assert [row[0] for row in restored] == ["it was better"]
    assert links[-1].rpartition("/")[2] in restored[0][1]


async def test_going_back_does_not_overwrite_a_newer_file(page: Page) -> None:
    await page.saved("region: FI", "region: SE")
    shown = await page.get()
    _, base = await page.of_form(shown)
    oldest = re.findall(r'href="(/rules/versions/[^"]+)"', shown)[-1]
    theirs = changed("region: SE", "region: NO", page.file.read_text(encoding="utf-8"))
    page.file.write_text(theirs, encoding="utf-8")
    await page.post(f"{oldest}/restore", 409, base=base)
    assert page.file.read_text(encoding="utf-8") == theirs


async def test_a_version_that_there_is_not(page: Page) -> None:
    async with page.session.get("/rules/versions/none") as answer:
        assert answer.status == 404


# --- what if -------------------------------------------------------------------------------------


async def test_new_rules_are_tried_on_the_calls_of_the_last_days(page: Page) -> None:
    add_calls(database_in(page.file.parent), datetime.now(UTC).timestamp(), 40)
    text, _ = await page.opened()
    new = changed("min_waiting: 3", "min_waiting: 1", text)
    found = without_marks(await page.post("/rules/what-if", 200, fragment=True, text=new, days="7"))
    figures = re.search(r"Welcomed\s+(\d+)\s+(\d+)\s+([+-]\d+)", found)
    assert figures is not None
    before, after, change = map(int, figures.groups())
    assert (before < after, after - before) == (True, change)
    assert "From 40 calls" in found


async def test_without_calls_or_with_mistakes_nothing_is_tried(page: Page) -> None:
    text, base = await page.opened()
    assert "No call in these days" in await page.post("/rules/what-if", 200, text=text, base=base, days="28")
    found = await page.post("/rules/what-if", 200, fragment=True, text="a: b", days="nonsense")
    assert "Correct them first" in found


def add_calls(database: Database, now: float, count: int) -> None:
    """Enter calls of yesterday in the ledger: three callers at a time, each with another number."""
    columns = (
        "node", "key", "open", "call", "service", "queue", "number", "caller", "joined", "position", "waiting",
        "outcome", "left_at", "wait", "agent", "talk",
    )  # fmt: skip
    known = {
        "node": "main", "open": False, "service": "support", "queue": "support", "number": "+35840•••22", "position": 1,
        "waiting": 1, "outcome": "answered", "wait": 60_000, "agent": "PJSIP/agent1", "talk": 120_000,
    }  # fmt: skip
    statement = sa.insert(sa.table("visits", *map(sa.column, columns)))
    begin = int(now * 1000) - 86_400_000
    with sa.create_engine(database.url, poolclass=NullPool).begin() as connection:
        for number in range(count):
            joined = begin + (number // 3) * 600_000 + (number % 3) * 1_000
            own = {"key": 1_000_000 + number, "call": f"c{number}", "caller": f"{number:016x}"}
            connection.execute(statement, {**known, **own, "joined": joined, "left_at": joined + 60_000})


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["supervisor", "agent", "viewer"])
async def test_only_administrators_see_the_file(page: Page, daemon: Daemon, role: str) -> None:
    key = (await command(daemon, "key", "add", role, "--role", role)).strip()
    page.session.headers["Authorization"] = f"Bearer {key}"
    for method, path in (("GET", "/rules"), ("POST", "/rules/check"), ("POST", "/rules/save")):
        async with page.session.request(method, path, data={"text": "a: b"} if method == "POST" else None) as answer:
            assert answer.status == 403
            assert "region" not in await answer.text()


async def test_an_administrator_of_one_of_several_organisations_does_not_see_the_file(tmp_path: Path) -> None:
    changes = {
        "organisations": {"north": {"name": "North"}, "south": {"name": "South"}},
        "services": {"support": {"organisation": "north"}},
    }
    with http_port() as port:
        async with alone(tmp_path, port, {"gateway": "console"}, changes=changes) as daemon:
            words = ("key", "add", "north", "--role", "administrator", "--organisation", "north")
            for key, status in (((await command(daemon, *words)).strip(), 403), (TOKEN, 200)):
                headers = {"Authorization": f"Bearer {key}"}
                async with ClientSession(daemon.url, headers=headers) as session, session.get("/rules") as answer:
                    assert answer.status == status
                    assert ("region: FI" in await answer.text()) == (status == 200)
                    # The navigation leads to no page that would be refused.
                    assert ('href="/rules"' in await answer.text()) == (status == 200)
                    if status == 403:
                        assert "an administrator of all of them" in await answer.text()


async def test_without_a_log_in_nothing_is_shown(page: Page) -> None:
    del page.session.headers["Authorization"]
    async with page.session.get("/rules", allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"].startswith("/login?")
