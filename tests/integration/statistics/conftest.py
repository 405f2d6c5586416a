"""A server that the tests of figures share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.testbed.postgresql import Server, server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server."""
    with server() as running:
        yield running
