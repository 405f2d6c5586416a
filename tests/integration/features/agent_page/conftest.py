"""A daemon with pages for each test, two services, and agents with phones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from callcentre.web.rights import Role
from tests.cast import ANNA, BO
from tests.integration.visited import Visited, person, visited_in

CHANGES = {
    "services": {
        "support": {"callback": {"offer": {"max_open": "30"}}, "notify": None},
        "sales": {"queue": "sales", "name": {"fi": "Myynti", "en": "Sales"}, "callback": {}},
    }
}
PEOPLE = {
    "anna": person("anna", Role.AGENT, services={"support"}, agent=ANNA),
    "anna_fi": person("anna", Role.AGENT, services={"support"}, agent=ANNA, language="fi"),
    "bo": person("bo", Role.AGENT, services={"support"}, agent=BO),
    "seller": person("seller", Role.AGENT, services={"sales"}, agent=ANNA),
    "stranger": person("anna", Role.AGENT, organisation="another", agent=ANNA),
    "chief": person("chief", Role.SUPERVISOR, agent=ANNA),
    "deskless": person("deskless", Role.AGENT, services={"support"}),
    "viewer": person("viewer", Role.VIEWER, agent=ANNA),
}
"""By the name of the visitor."""


@pytest.fixture
async def visited(tmp_path: Path) -> AsyncIterator[Visited]:
    async with visited_in(tmp_path, CHANGES, PEOPLE) as running:
        yield running
