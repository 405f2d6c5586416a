"""The description of the callbacks in `/api/openapi.json`."""

from __future__ import annotations

from typing import Final

from callcentre.features.callbacks.bodies import LONGEST_KEY
from callcentre.web.openapi import JSON, LATE, body, responses

ID: Final = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 200}}

PUBLIC_NAMES: Final = {"NewCallback": "Wish", "Announced": "Told"}
"""The schemas of these types, by the names that other systems know."""

LIST: Final = {
    "operationId": "listCallbacks",
    "summary": "The open callbacks, queue by queue in its order.",
    "parameters": [
        {"name": "service", "in": "query", "schema": {"type": "string"}, "description": "Only those of this service."}
    ],
    "responses": responses(
        {
            "200": {
                "description": "All of them, numbers masked.",
                "content": {
                    JSON: {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/ListedCallback"}}}
                },
            }
        },
        _400="The service is given twice.",
        _404="No service of that name calls people back.",
        _503=LATE,
    ),
}

REQUEST: Final = {
    "operationId": "requestCallback",
    "summary": "Call somebody back. It is stored when this is answered.",
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
            "description": "A new one, such as a UUID, for each request. The same request with the same key gets "
            "the same answer again for a day at least, and for as long as its callback is open.",
        }
    ],
    "requestBody": {"required": True, "content": body(PUBLIC_NAMES["NewCallback"])},
    "responses": responses(
        {
            "200": {
                "description": "A callback to this number for this service was open already.",
                "headers": {"Location": {"schema": {"type": "string"}, "description": "Where it is."}},
                "content": body("Taken"),
            },
            "201": {
                "description": "Taken in.",
                "headers": {"Location": {"schema": {"type": "string"}, "description": "Where it is."}},
                "content": body("Taken"),
            },
        },
        _400="The body or the key makes no sense.",
        _409="This key was sent with another request.",
        _413="The body is too long.",
        _422="Refused: `reason` is service, full, closed, request, or why the number may not be dialled.",
        _503=LATE,
    ),
}

STORY: Final = {
    "operationId": "showCallback",
    "summary": "One callback, open or over, with all that happened to it.",
    "responses": responses(
        {"200": {"description": "Its facts, numbers masked.", "content": body("Story")}},
        _404="There was never a callback of this id.",
        _503="Not read in time, or the database cannot be read just now: ask again.",
    ),
}

WITHDRAW: Final = {
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
    "responses": responses(
        {"204": {"description": "It is not open any more."}},
        _400="by is neither api nor staff.",
        _404="No open callback has this id.",
        _503=LATE,
    ),
}
