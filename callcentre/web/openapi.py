"""What `/api` is, as OpenAPI 3.1: schemas made of the types that are read and answered, the rest written here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

import msgspec

from callcentre.features.callbacks.bodies import LONGEST_KEY, Story, Taken, Wish
from callcentre.features.callbacks.listing import ListedCallback
from callcentre.features.surveys.bodies import Results, ResultsTaken
from callcentre.features.surveys.model import SATISFACTION, SCALES
from callcentre.web.problem import Problem

_JSON: Final = "application/json"
_TYPES: Final = (Wish, Taken, ListedCallback, Story, Results, ResultsTaken, Problem)


def description() -> Mapping[str, Any]:
    """The whole description."""
    _, schemas = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    schemas["Result"] |= {"anyOf": _COMPLETE}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "callcentre",
            "version": version("callcentre"),
            "description": "Callbacks: people who keep their place in a queue without waiting on the line. "
            "Surveys: what they said after a call.",
        },
        "security": [{"token": []}],
        "paths": {
            "/api/callbacks": {"get": _LIST, "post": _WISH},
            "/api/callbacks/{id}": {"parameters": [_ID], "get": _STORY, "delete": _WITHDRAW},
            "/api/surveys/{token}": {"parameters": [_TOKEN], "post": _RESULTS},
            "/api/openapi.json": {"get": _DESCRIPTION},
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "http.token of the configuration."}
            },
        },
    }


def _is(schema: str) -> dict[str, Any]:
    return {_JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _problem(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": _is("Problem")}


def _responses(good: Mapping[str, Any], **problems: str) -> dict[str, Any]:
    """The answers of an operation; `problems` are named `_404` and so on."""
    always = {
        "_401": "The token is wrong or missing.",
        "_429": "Many wrong tokens came from this address.",
        "_500": "A mistake of ours; the log says more.",
    }
    return {**good, **{status[1:]: _problem(meaning) for status, meaning in sorted({**always, **problems}.items())}}


def _scale(metric: str, *, named: bool) -> dict[str, Any]:
    """A result that counts by a metric: its value is on the scale. Not `named`: it is the usual one of satisfaction."""
    low, high = SCALES[metric]
    value = {"type": "integer", "minimum": low, "maximum": high}
    if named:
        return {"required": ["metric", "value"], "properties": {"metric": {"enum": [metric]}, "value": value}}
    only = {"metric": {"type": "null"}, "question": {"enum": [SATISFACTION]}, "value": value}
    return {"required": ["value"], "properties": only}


def _answered(by: str, only: Mapping[str, Any]) -> dict[str, Any]:
    kind = {"type": "string" if by == "answer" else "integer"}
    return {"required": [by], "properties": {by: kind, **only}}


_NONE: Final = {"metric": {"enum": ["none"]}}
_UNNAMED: Final = {"metric": {"type": "null"}}
_UNNAMED_OTHER: Final = _UNNAMED | {"question": {"not": {"enum": [SATISFACTION]}}}
_COMPLETE: Final = [
    *(_scale(metric, named=True) for metric in SCALES),
    _scale("csat", named=False),
    _answered("answer", _NONE) | {"required": ["metric", "answer"]},
    _answered("value", _NONE) | {"required": ["metric", "value"]},
    _answered("answer", _UNNAMED | {"value": {"type": "null"}}),
    _answered("answer", _UNNAMED_OTHER),
    _answered("value", _UNNAMED_OTHER),
]
"""What a result must hold: a value on the scale of its metric, or without one an answer or a value."""

_ID: Final = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 200}}
_LATE: Final = "Not done in time: ask again."

_LIST: Final = {
    "operationId": "listCallbacks",
    "summary": "The open callbacks, queue by queue in its order.",
    "parameters": [
        {"name": "service", "in": "query", "schema": {"type": "string"}, "description": "Only those of this service."}
    ],
    "responses": _responses(
        {
            "200": {
                "description": "All of them, numbers masked.",
                "content": {
                    _JSON: {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/ListedCallback"}}}
                },
            }
        },
        _400="The service is given twice.",
        _404="No service of that name calls people back.",
        _503=_LATE,
    ),
}

_WISH: Final = {
    "operationId": "requestCallback",
    "summary": "Call somebody back. It is stored when this is answered.",
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
            "description": "A new one, such as a UUID, for each wish. The same wish with the same key gets the same "
            "answer again for a day at least, and for as long as its callback is open.",
        }
    ],
    "requestBody": {"required": True, "content": _is("Wish")},
    "responses": _responses(
        {
            "200": {
                "description": "A callback to this number for this service was open already.",
                "headers": {"Location": {"schema": {"type": "string"}, "description": "Where it is."}},
                "content": _is("Taken"),
            },
            "201": {
                "description": "Taken in.",
                "headers": {"Location": {"schema": {"type": "string"}, "description": "Where it is."}},
                "content": _is("Taken"),
            },
        },
        _400="The body or the key makes no sense.",
        _409="This key was sent with another wish.",
        _413="The body is too long.",
        _422="Refused: `reason` is service, full, closed, request, or why the number may not be dialled.",
        _503=_LATE,
    ),
}

_STORY: Final = {
    "operationId": "showCallback",
    "summary": "One callback, open or over, with all that happened to it.",
    "responses": _responses(
        {"200": {"description": "Its facts, numbers masked.", "content": _is("Story")}},
        _404="There was never a callback of this id.",
        _503="Not read in time, or the database cannot be read just now: ask again.",
    ),
}

_WITHDRAW: Final = {
    "operationId": "cancelCallback",
    "summary": "Take a callback back; a call of ours that is under way ends, but no conversation with an agent.",
    "parameters": [
        {
            "name": "by",
            "in": "query",
            "schema": {"enum": ["api", "staff"], "default": "api"},
            "description": "Who takes it back, for the facts.",
        }
    ],
    "responses": _responses(
        {"204": {"description": "It is not open any more."}},
        _400="by is neither api nor staff.",
        _404="No open callback has this id.",
        _503=_LATE,
    ),
}

_TOKEN: Final = {
    "name": "token",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "What `{{ token }}` became in the link that the person got.",
}

_RESULTS: Final = {
    "operationId": "completeSurvey",
    "summary": "What a person answered in an outside survey. It is stored when this is answered.",
    "description": "The same results sent again get the same answer again.",
    "requestBody": {"required": True, "content": _is("Results")},
    "responses": _responses(
        {"200": {"description": "Stored: the survey is completed.", "content": _is("ResultsTaken")}},
        _400="The body makes no sense; `mistakes` lists everything that is wrong with it.",
        _404="No survey of this token is open: it never was, or the time to answer is over.",
        _409="It is completed already, with other answers.",
        _413="The body is too long.",
        _503=_LATE,
    ),
}

_DESCRIPTION: Final = {
    "operationId": "describe",
    "summary": "This description.",
    "responses": _responses(
        {"200": {"description": "OpenAPI 3.1.", "content": {_JSON: {"schema": {"type": "object"}}}}}
    ),
}
