"""The description of accounts and keys in `/api/openapi.json`."""

from __future__ import annotations

from typing import Any, Final

from callcentre.web.openapi import JSON, LATE, body, responses

NAME: Final = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 200}}
_ORGANISATION: Final = {
    "name": "organisation", "in": "query", "schema": {"type": "string"},
    "description": "Where several organisations have this name: which one.",
}  # fmt: skip
_BUSY: Final = "Not done in time, or many people are logging in: ask again."
_NOT_ALLOWED: Final = "You may not do this."


def _list_of(schema: str) -> dict[str, Any]:
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}
    return {"200": {"description": "Without secrets.", "content": {JSON: {"schema": items}}}}


def _act(name: str, summary: str, answer: str, **problems: str) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [_ORGANISATION],
        "responses": responses(
            {"204": {"description": answer}}, _400="The organisation is given twice.", _403=_NOT_ALLOWED,
            _409="Several organisations have this name, or nobody could administer the organisation any more.",
            **problems,
        ),
    }  # fmt: skip


LIST_USERS: Final = {
    "operationId": "listUsers",
    "summary": "The accounts.",
    "responses": responses(_list_of("ListedUser"), _403=_NOT_ALLOWED, _503="The database cannot be read just now."),
}
ADD_USER: Final = {
    "operationId": "addUser",
    "summary": "Make an account.",
    "requestBody": {"required": True, "content": body("NewUser")},
    "responses": responses(
        {"201": {"description": "Made.", "content": body("ListedUser")}},
        _400="The body makes no sense.",
        _403=_NOT_ALLOWED,
        _409="The name is taken.",
        _413="The body is too long.",
        _422="Refused: `reason` is name, short, long, same_as_name, services, organisation, role or device.",
        _503=_BUSY,
    ),
}
DISABLE_USER: Final = _act(
    "disableUser", "Disable an account, and end its sessions.", "It is disabled.",
    _404="There is no such account.", _503=LATE,
)  # fmt: skip
ENABLE_USER: Final = _act(
    "enableUser", "Let a disabled account be used again.", "It can be used.",
    _404="There is no such account.", _503=LATE,
)  # fmt: skip
SET_PASSWORD: Final = {
    "operationId": "setPassword",
    "summary": "Give an account another password, and end its sessions.",
    "parameters": [_ORGANISATION],
    "requestBody": {"required": True, "content": body("NewPassword")},
    "responses": responses(
        {"204": {"description": "It has this password."}},
        _400="The body makes no sense, or the organisation is given twice.",
        _403=_NOT_ALLOWED,
        _404="There is no such account.",
        _409="Several organisations have this name.",
        _413="The body is too long.",
        _422="Refused: `reason` is short, long or same_as_name.",
        _503=_BUSY,
    ),
}
LIST_KEYS: Final = {
    "operationId": "listKeys",
    "summary": "The API keys.",
    "responses": responses(_list_of("ListedKey"), _403=_NOT_ALLOWED, _503="The database cannot be read just now."),
}
ADD_KEY: Final = {
    "operationId": "addKey",
    "summary": "Make an API key. The answer shows it, once.",
    "requestBody": {"required": True, "content": body("NewKey")},
    "responses": responses(
        {"201": {"description": "Made.", "content": body("MadeKey")}},
        _400="The body makes no sense.",
        _403=_NOT_ALLOWED,
        _409="The name is taken.",
        _413="The body is too long.",
        _422="Refused: `reason` is name, services, organisation, rights or role.",
        _503=LATE,
    ),
}
REVOKE_KEY: Final = _act(
    "revokeKey", "Have an API key count no more.", "It counts no more.", _404="There is no such key.", _503=LATE
)
