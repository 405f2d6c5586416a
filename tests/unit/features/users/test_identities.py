"""Who a cookie is: remembered for a second with a server, and not for longer than the next fact about users."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from callcentre.features.users.events import SessionsEnded
from callcentre.features.users.model import digest
from callcentre.features.users.outside.identities import REMEMBERED, AccountIdentities
from callcentre.kernel.database import Database
from callcentre.kernel.journal import Entry
from callcentre.kernel.program import Program
from callcentre.kernel.settings_in_force.model import HeldSettings
from callcentre.web.rights import Rights
from tests.unit.features.users.desk import Desk, account
from tests.unit.rehearsal import settings

SERVER = Database("postgresql+psycopg://callcentre@server/callcentre")
FILE = Database.of_file(Path("callcentre.db"))
ANNA = account("Anna")


@dataclass
class Door:
    """The identities over records in memory, and how much time has passed."""

    database: Database
    desk: Desk = field(default_factory=Desk)
    elapsed: float = 0.0

    def __post_init__(self) -> None:
        self.desk.logged_in_first(ANNA, "cookie")
        program = Program(clock=lambda: self.desk.at, database=self.database)
        self.identities = AccountIdentities(
            self.desk.accounts, program, HeldSettings(settings()), Rights(()), lambda: self.elapsed
        )

    async def admits(self) -> bool:
        identity = await self.identities.of_session("cookie")
        return identity is not None and await self.identities.still_valid(identity)

    def ends(self) -> None:
        self.desk.tell(SessionsEnded(at=self.desk.at, sessions=(digest("cookie"),), by="user"))


async def test_with_a_server_a_session_is_remembered_for_a_second() -> None:
    door = Door(SERVER)
    assert await door.admits()
    door.ends()
    door.elapsed = REMEMBERED - 0.01
    assert await door.admits()
    door.elapsed = REMEMBERED
    assert not await door.admits()


@pytest.mark.parametrize(
    ("event", "forgotten"), [("user.logged_out", True), ("key.revoked", False), ("call.ended", False)]
)
async def test_a_fact_about_users_makes_it_forgotten_at_once(event: str, forgotten: bool) -> None:
    door = Door(SERVER)
    assert await door.admits()
    door.ends()
    door.identities.heard([Entry(1, f'{{"event":"{event}","at":"x"}}'.encode(), ())])
    assert await door.admits() is not forgotten


async def test_a_remembered_session_is_over_after_its_time() -> None:
    door = Door(SERVER)
    assert await door.admits()
    door.desk.later(hours=12)
    assert not await door.admits()


async def test_with_a_file_nothing_is_remembered() -> None:
    door = Door(FILE)
    assert await door.admits()
    door.ends()
    assert not await door.admits()
