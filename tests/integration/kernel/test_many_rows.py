"""What grows with people costs nothing at the start: a row is read when a rule asks for it, and few stay in memory."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from callcentre.features.surveys.model import LastAsked, last_asked
from callcentre.kernel.reader import Reader
from callcentre.kernel.records import CACHED
from callcentre.kernel.store import Store, Writes
from callcentre.messaging.events import TextReceived
from callcentre.messaging.model import OpenTexts, Received
from tests.cast import MATTI
from tests.integration.kernel.running import clock, served_in
from tests.testbed.databases import database_in

MANY = CACHED + 2_000


@pytest.fixture
def rows_read(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many rows of each table the daemon reads, at the start and for rules."""
    read: Counter[str] = Counter()
    at_start, of_value, below = Store._rows, Reader.rows, Reader.below

    def loaded(store: Store, statement: Any) -> Any:
        found = at_start(store, statement)
        read.update({table.name: len(found) for table in statement.get_final_froms()})
        return found

    def found_by(reader: Reader, column: Any, value: Any) -> Any:
        found = of_value(reader, column, value)
        read[column.table.name] += len(found)
        return found

    def found_below(reader: Reader, column: Any, value: Any, most: int) -> Any:
        found = below(reader, column, value, most)
        read[column.table.name] += len(found)
        return found

    monkeypatch.setattr(Store, "_rows", loaded)
    monkeypatch.setattr(Reader, "rows", found_by)
    monkeypatch.setattr(Reader, "below", found_below)
    return read


async def people_in(folder: Path) -> None:
    """A database of many people who were asked, and as many texts from phones."""
    store, asked, received = (
        Store(database_in(folder)),
        last_asked().table,
        OpenTexts().received.table,
    )
    writes = Writes()
    for number in range(MANY):
        writes.records[asked, str(number)] = LastAsked(caller=str(number), at=clock())
        writes.records[received, f"kannel {number}"] = Received(source=f"kannel {number}", at=clock())
    await store.open()
    await store.commit(writes)
    await store.close()


def text(number: int) -> TextReceived:
    return TextReceived(at=clock(), gateway="kannel", gateway_id=str(number), sender=MATTI, recipient="1", body="hei")


async def test_the_start_and_memory_do_not_grow_with_people(tmp_path: Path, rows_read: Counter[str]) -> None:
    await people_in(tmp_path)
    rows_read.clear()
    async with served_in(tmp_path) as served:
        assert "messages" in rows_read, "what is under way is read"
        assert (rows_read["surveys_last_asked"], rows_read["received"]) == (0, 0)
        await served.engine.settle(text(MANY - 1))
        assert served.lines() == [], "the text was received before"
        assert (rows_read["surveys_last_asked"], rows_read["received"]) == (0, 1)
        for number in range(MANY):
            assert str(number) in served.world.last_asked
        assert len(served.world.last_asked._read) == CACHED
