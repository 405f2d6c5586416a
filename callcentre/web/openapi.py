"""Describes `/api` as OpenAPI 3.1: schemas from the types of bodies, operations from the routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any, Final

import msgspec

from callcentre.web.problem import Problem
from callcentre.web.routes import Route

JSON: Final = "application/json"
_SCHEMAS: Final = "#/components/schemas/"
LATE: Final = "Not done in time: ask again."


def description(routes: Iterable[Route]) -> Mapping[str, Any]:
    """The description of the routes that have an operation."""
    described = [route for route in routes if route.operation is not None]
    types = dict.fromkeys(kind for route in described for kind in route.types)
    _, schemas = msgspec.json.schema_components((*types, Problem), ref_template=f"{_SCHEMAS}{{name}}")
    paths: dict[str, dict[str, Any]] = {}
    for route in described:
        path = paths.setdefault(route.path, {"parameters": list(route.parameters)} if route.parameters else {})
        path[route.method.lower()] = route.operation
        for name, more in route.schemas.items():
            schemas[name] = {**schemas[name], **more}
    schemas = _with_public_names(
        schemas, {type_: name for route in described for type_, name in route.public_names.items()}
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "callcentre",
            "version": version("callcentre"),
            "description": "Callbacks: people who keep their place in a queue without waiting on the line. "
            "Surveys: what they said after a call. "
            "400 says that a request is not as described here; 409 and 422 refuse one that is.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "http.token of the configuration."}
            },
        },
    }


def _with_public_names(schemas: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The schemas of types, under their public names and with references to these."""
    references = {f"{_SCHEMAS}{name}": f"{_SCHEMAS}{public}" for name, public in names.items()}

    def renamed(node: Any) -> Any:
        match node:
            case dict():
                return {key: renamed(value) for key, value in node.items()}
            case list() | tuple():
                return [renamed(each) for each in node]
            case str():
                return references.get(node, node)
            case _:
                return node

    result = {names.get(name, name): renamed(schema) for name, schema in schemas.items()}
    for public in names.values():
        result[public]["title"] = public
    return result


def body(schema: str) -> dict[str, Any]:
    """The content of a request or an answer: JSON of the type of this name."""
    return {JSON: {"schema": {"$ref": f"{_SCHEMAS}{schema}"}}}


def problem(meaning: str) -> dict[str, Any]:
    """An answer with a problem."""
    return {"description": meaning, "content": body("Problem")}


def responses(good: Mapping[str, Any], **problems: str) -> dict[str, Any]:
    """The answers of an operation; `problems` are named `_404` and so on."""
    always = {
        "_401": "The token is wrong or missing.",
        "_429": "Many wrong tokens came from this address.",
        "_500": "A mistake of ours; the log says more.",
    }
    return {**good, **{status[1:]: problem(meaning) for status, meaning in sorted({**always, **problems}.items())}}


DESCRIBE: Final = {
    "operationId": "describe",
    "summary": "This description.",
    "responses": responses({"200": {"description": "OpenAPI 3.1.", "content": {JSON: {"schema": {"type": "object"}}}}}),
}
