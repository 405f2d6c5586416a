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
    assert database_of(Configuration(Path("/etc/callcentre/config.yaml"), changed_settings)) == Path(expected)


def test_the_log_is_found_from_the_folder_of_the_file() -> None:
    path = Path("/etc/callcentre/config.yaml")
    assert log_file_of(Configuration(path, settings())) is None
    logged = settings(SMALLEST + "log: {file: calls.log}\n")
    assert log_file_of(Configuration(path, logged)) == Path("/etc/callcentre/calls.log")
