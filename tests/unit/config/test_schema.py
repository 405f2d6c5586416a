"""The schema that editors use."""

import json
from collections.abc import Iterator
from typing import Any

from callcentre.configuration import json_schema
from tests.unit.config.files import ROOT

COMMITTED = ROOT / "callcentre" / "config" / "schema.json"


def sections(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "the file", schema
    yield from schema["$defs"].items()


def test_the_committed_schema_is_that_of_the_settings() -> None:
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == json_schema()


def test_every_key_is_described() -> None:
    schema = json_schema()
    for name, section in sections(schema):
        for key, value in section["properties"].items():
            described = value if "$ref" not in value else schema["$defs"][value["$ref"].rsplit("/", 1)[1]]
            assert described.get("description", "").endswith("."), f"{name}: {key}"


def test_no_section_takes_unknown_keys() -> None:
    assert all(section["additionalProperties"] is False for _, section in sections(json_schema()))


def test_defaults_are_written_as_in_the_file() -> None:
    definitions = json_schema()["$defs"]
    assert definitions["WelcomeSettings"]["properties"]["cooldown"]["default"] == "1h"
    assert definitions["HttpSettings"]["properties"]["listen"]["default"] == "127.0.0.1:8090"
    assert definitions["CallbackSettings"]["properties"]["offer"]["default"]["min_wait"] == "5m"
