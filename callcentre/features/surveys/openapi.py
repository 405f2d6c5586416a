"""The description of the surveys in `/api/openapi.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from callcentre.features.surveys.model import SATISFACTION, SCALES
from callcentre.web.openapi import LATE, body, responses


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
COMPLETE: Final = [
    *(_scale(metric, named=True) for metric in SCALES),
    _scale("csat", named=False),
    _answered("answer", _NONE) | {"required": ["metric", "answer"]},
    _answered("value", _NONE) | {"required": ["metric", "value"]},
    _answered("answer", _UNNAMED | {"value": {"type": "null"}}),
    _answered("answer", _UNNAMED_OTHER),
    _answered("value", _UNNAMED_OTHER),
]
"""What a result must have: a value on the scale of its metric, or without a metric an answer or a value."""


TOKEN: Final = {
    "name": "token",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "What `{{ token }}` became in the link that the person got.",
}

RESULTS: Final = {
    "operationId": "completeSurvey",
    "summary": "What a person answered in an outside survey. It is stored when this is answered.",
    "description": "The same results sent again get the same answer again.",
    "requestBody": {"required": True, "content": body("Results")},
    "responses": responses(
        {"200": {"description": "Stored: the survey is completed.", "content": body("ResultsTaken")}},
        _400="The body makes no sense, or answers a question twice; `mistakes` lists everything that is wrong with it.",
        _404="No survey of this token is open: it never was, or the time to answer is over.",
        _409="It is completed already, with other answers.",
        _413="The body is too long.",
        _503=LATE,
    ),
}
