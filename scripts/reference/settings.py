"""Every key of config.yaml, from its JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from callcentre.configuration import json_schema
from scripts.reference.markdown import code, table

Node = dict[str, Any]

_ABOUT: Final = {
    "services": "A service is what people call for. The star is its name in this file, of your choice.",
    "The whole file": "Keys at the top of the file.",
}
_KINDS_OF_TEXT: Final = (
    ("1h30m", "duration"),
    ("closed", "hours of a day"),
    ("08:00-21:00", "span of a day"),
    ("https://example.fi/x", "address"),
    ("10.0.0.0/8", "network address"),
    ("127.0.0.1:80", "host and port"),
    ("someone@example.fi", "e-mail address"),
)
"""Text that the pattern of such a key lets through, and what people call it; the first that fits counts."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the file. A star in its path is a name of one's own choice, `[]` each entry of a list."""

    path: str
    kind: str
    default: str
    meaning: str


@cache
def _schema() -> Node:
    return json_schema()


@cache
def every_key() -> tuple[Key, ...]:
    """All keys in the order of the schema. A section is a key only when it may be left out and is null then."""
    return tuple(_keys(_schema()))


def _keys(node: Node, above: str = "") -> Iterator[Key]:
    for name, part in node.get("properties", {}).items():
        path, below = f"{above}.{name}" if above else name, _followed(part)
        is_section = "properties" in below or (not above and name == "services")
        default = _default(name, node, part, below)
        if not is_section or default == code("null"):
            yield Key(path, _type(below), default, below["description"])
        yield from _keys(below, path)
        for step, each in _entries(below):
            yield from _keys(_followed(each), path + step)


def _default(name: str, node: Node, part: Node, below: Node) -> str:
    if name in node.get("required", []):
        return "required"
    if "default" in part:
        return _written(part["default"])
    return "that of the file" if "that of the whole file" in below["description"] else "none"


def _followed(node: Node) -> Node:
    """A part of the schema with its reference followed, also where it may be null instead."""
    while True:
        choices = [choice for choice in node.get("anyOf", []) if "$ref" in choice]
        reference = node.get("$ref") or (choices[0]["$ref"] if choices else None)
        if reference is None:
            return node
        beside = {key: value for key, value in node.items() if key not in {"$ref", "anyOf"}}
        node = {**_schema()["$defs"][reference.rpartition("/")[2]], **beside}


def _entries(node: Node) -> Iterator[tuple[str, Node]]:
    """What is below a part whose keys are of one's own choice (`.*`), and below each entry of a list (`[]`)."""
    more = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    yield from ((".*", each) for each in more if isinstance(each, dict))
    yield from (("[]", each["items"]) for each in (node, *node.get("anyOf", [])) if isinstance(each.get("items"), dict))


def _written(value: object) -> str:
    match value:
        case None:
            return code("null")
        case bool():
            return code(str(value).lower())
        case list():
            return code(f"[{', '.join(map(str, value))}]")
        case _:
            return code(str(value))


def _type(node: Node) -> str:
    """What a value is, as a person who writes the file names it."""
    choices = [each for each in node.get("anyOf", []) if each.get("type") != "null" and "$" not in each.get("$ref", "")]
    enums = [each["enum"] for each in (node, *choices) if "enum" in each]
    if enums:
        return ", ".join(code(str(value)) for value in enums[0] if value is not None)
    if node.get("type") == "array":
        each = _type(_followed(node["items"]))
        return "list" if each in ("section", "text") else f"list of {each}"
    if "properties" in node:
        return "section"
    if "patternProperties" in node or isinstance(node.get("additionalProperties"), dict):
        return "mapping"
    if choices:
        return _type(_followed(choices[0]))
    kinds = node.get("type", "string")
    pattern = node.get("pattern", "")
    # Texts may be written without quotes, so what YAML makes of them is let through; only these have a pattern then.
    for kind, name in (("integer", "whole number"), ("number", "number"), ("boolean", "`true` or `false`")):
        if kind in kinds and (pattern or "string" not in kinds):
            return name + _range(node)
    return _kind_of_text(pattern)


def _range(node: Node) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    return "" if low is None or high is None else f", {low} to {high}"


def _kind_of_text(pattern: str) -> str:
    """A pattern is recognised by what it lets through."""
    if not pattern or re.search(pattern, "word"):
        return "text"
    return next((name for example, name in _KINDS_OF_TEXT if re.search(pattern, example)), "text")


def every_section() -> str:
    """A heading, its meaning and a table of keys for each section of the file, and for each feature of a service."""
    parts: dict[str, list[tuple[str, str, str, str]]] = {}
    for key in every_key():
        row = (code(key.path), key.kind, key.default, key.meaning)
        parts.setdefault(_heading(key.path), []).append(row)
    top = _schema()["properties"]
    texts = []
    for heading, rows in parts.items():
        said = _ABOUT.get(heading) or _followed(top.get(heading, {})).get("description", "")
        lines = [f"## {heading}", said, table(("key", "type", "default", "meaning"), rows)]
        texts.append("\n\n".join(line for line in lines if line))
    return "\n\n".join(texts)


def _heading(path: str) -> str:
    """The section of a key: its first word, for a service that of the feature too."""
    first, *rest = path.replace("[]", "").split(".")
    if first == "services":
        feature = _of_one_entry("services")["properties"].get(rest[1], {})
        is_part = "anyOf" in feature and "properties" in _followed(feature)
        return f"services: {rest[1]}" if is_part and rest[1] != "hours" else "services"
    return first if "properties" in _of_one_entry(first) else "The whole file"


def _of_one_entry(name: str) -> Node:
    """A section at the top of the file; of a list or a mapping, what is below each entry."""
    node = _followed(_schema()["properties"][name])
    return next((_followed(each) for _, each in _entries(node)), node)


BLOCKS: Final[Mapping[str, Callable[[], str]]] = {"settings": every_section}
