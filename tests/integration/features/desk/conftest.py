"""A daemon with pages for each test, with two services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcentre.web.rights import Role
from tests.integration.visited import Visited, person, visited_in

CHANGES = {
    "services": {
        "support": {"callback": {}, "notify": None, "survey": None, "welcome": None},
        "sales": {"queue": "sales", "name": {"fi": "Myynti", "en": "Sales"}, "callback": {"at_closing": "expire"}},
    }
}
PEOPLE = {
    "aino": person("aino", Role.SUPERVISOR),
    "aino_fi": person("aino", Role.SUPERVISOR, language="fi"),
    "sales": person("sales", Role.SUPERVISOR, services={"sales"}),
    "viewer": person("viewer", Role.VIEWER),
}
"""By the name of the visitor."""


@pytest.fixture
async def visited(tmp_path: Path) -> AsyncIterator[Visited]:
    async with visited_in(tmp_path, CHANGES, PEOPLE) as running:
        yield running
