"""Where the files of the kernel are."""

from pathlib import Path

import pytest

from callcentre.config.read import Configuration
from callcentre.configuration import parse
from callcentre.kernel.settings import database_of, log_file_of
from tests.unit.config.files import SMALLEST, settings


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///callcentre.db", "/etc/callcentre/callcentre.db"),
        ("sqlite:////var/lib/callcentre.db", "/var/lib/callcentre.db"),
    ],
)
def test_the_database_is_found_from_the_folder_of_the_file(url: str, expected: str) -> None:
    changed_settings = parse(SMALLEST + f"store: {{url: '{url}'}}\n", {}).settings
    assert database_of(Configuration(Path("/etc/callcentre/config.yaml"), changed_settings)).path == Path(expected)


def test_the_log_is_found_from_the_folder_of_the_file() -> None:
    path = Path("/etc/callcentre/config.yaml")
    assert log_file_of(Configuration(path, settings())) is None
    logged = settings(SMALLEST + "log: {file: calls.log}\n")
    assert log_file_of(Configuration(path, logged)) == Path("/etc/callcentre/calls.log")


def test_a_server_is_named_without_its_password() -> None:
    url = "postgresql+psycopg://callcentre:s%40cret@db.example.fi:5433/calls?target_session_attrs=read-write"
    changed = parse(SMALLEST + f"node: helsinki\nstore: {{url: '{url}'}}\n", {}).settings
    database = database_of(Configuration(Path("/etc/callcentre/config.yaml"), changed))
    assert (database.url, database.node, database.path) == (url, "helsinki", None)
    assert str(database) == "postgresql://callcentre@db.example.fi:5433/calls"
    assert "cret" not in repr(database)
