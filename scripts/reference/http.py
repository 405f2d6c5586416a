"""The addresses of the web server: the operations of `/api` from its OpenAPI description."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from unittest.mock import MagicMock

from callcentre.web import status
from callcentre.web.openapi import DESCRIBE, description
from callcentre.web.routes import Route
from scripts.reference.markdown import code, plain, table
from scripts.reference.program import declared

Node = Mapping[str, Any]


@cache
def all_routes() -> tuple[Route, ...]:
    """Every route: those of the components, and those of the web server itself. None of them is called."""
    nothing = MagicMock()
    described = Route(method="GET", path="/api/openapi.json", handler=nothing, guard="api", operation=DESCRIBE)
    return (*status.routes(nothing), *declared(Route), described)


@cache
def _description() -> Node:
    return description(all_routes())


def _operations() -> Iterator[tuple[str, str, Node, Node]]:
    """Method, path, the path's own parameters and the operation."""
    for path, item in sorted(_description()["paths"].items()):
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, item.get("parameters", ()), operation


def every_operation() -> str:
    """A heading for each operation of `/api`, with its parameters, body and answers."""
    return "\n\n".join(_operation(*each) for each in _operations())


def _operation(method: str, path: str, of_path: Any, operation: Node) -> str:
    said = " ".join(operation[key] for key in ("summary", "description") if key in operation)
    parts = [f"### {method} {path}", plain(said)]
    parameters = [*of_path, *operation.get("parameters", ())]
    if parameters:
        rows = [
            (code(each["name"]), each["in"], _kind(each["schema"]), each.get("description", "")) for each in parameters
        ]
        parts.append(table(("parameter", "in", "type", "meaning"), rows))
    if "requestBody" in operation:
        parts.append(f"The body is a {_link(_schema_of(operation['requestBody']))}.")
    answers = [
        (status, plain(each["description"]), _link(_schema_of(each))) for status, each in operation["responses"].items()
    ]
    parts.append(table(("status", "when", "body"), sorted(answers)))
    return "\n\n".join(parts)


def _schema_of(content: Node) -> Node:
    media: Node = next(iter(content.get("content", {}).values()), {})
    schema: Node = media.get("schema", {})
    return schema


def _link(schema: Node) -> str:
    """What a body is: the name of a schema, which is explained further down."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if schema.get("type") == "array":
        return f"list of {_link(schema['items'])}"
    return str(schema.get("type", ""))


def every_body() -> str:
    """A heading for each body, with its fields."""
    bodies = sorted(_description()["components"]["schemas"].items())
    return "\n\n".join(_body(name, schema) for name, schema in bodies if "properties" in schema)


def _body(name: str, schema: Node) -> str:
    required = schema.get("required", ())
    rows = [
        (code(field), _kind(each), "yes" if field in required else "", plain(each.get("description", "")))
        for field, each in schema.get("properties", {}).items()
    ]
    parts = [
        f"### {name}",
        plain(inspect.cleandoc(schema.get("description", ""))),
        table(("field", "type", "required", "meaning"), rows),
    ]
    return "\n\n".join(part for part in parts if part)


def _kind(schema: Node) -> str:
    """The type of a value, as a reader of JSON names it."""
    if "$ref" in schema:
        named = _description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return _link(schema) if "properties" in named else _kind(named)
    if "enum" in schema:
        return ", ".join(code("null" if value is None else str(value)) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kinds = schema.get("type", "any")
    kind = kinds if isinstance(kinds, str) else " or ".join(kinds)
    most = schema.get("maxLength", schema.get("maximum"))
    return kind if most is None else f"{kind}, at most {most}"
