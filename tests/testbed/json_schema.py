"""What a value of JSON breaks of its schema, in the words that the description of `/api` uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def mistakes(value: Any, schema: Mapping[str, Any], top: Mapping[str, Any]) -> list[str]:
    """What of a value is not as its schema says; only the words of JSON Schema that are used here are known."""
    if reference := schema.get("$ref"):
        return mistakes(value, top["components"]["schemas"][reference.removeprefix("#/components/schemas/")], top)
    reported = {"title", "description", "default", "format", "additionalProperties"}
    known = {"type", "enum", "anyOf", "not", "properties", "required", "items", "uniqueItems"}
    known |= {"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern"}
    assert set(schema) <= reported | known, schema
    if "anyOf" in schema and all(mistakes(value, one, top) for one in schema["anyOf"]):
        return [f"{value!r}: no choice fits"]
    if "not" in schema and not mistakes(value, schema["not"], top):
        return [f"{value!r} is ruled out"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{value!r} is none of {schema['enum']}"]
    kinds: dict[str, tuple[type, ...]] = {
        "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
        "null": (type(None),), "boolean": (bool,),
    }  # fmt: skip
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return [f"{value!r} is no {schema['type']}"]
    if isinstance(value, str) and not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return [f"{value!r} is too short or too long"]
    if isinstance(value, str) and not re.search(schema.get("pattern", "").replace("$", r"\Z"), value):
        return [f"{value!r} is not as the pattern wants it"]
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return [f"{value!r} is too low or too high"]
    if isinstance(value, list) and not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return [f"{len(value)} are too few or too many"]
    if schema.get("uniqueItems") and any(one in value[:place] for place, one in enumerate(value)):
        return ["something is there twice"]
    if isinstance(value, list):
        return [each for one in value for each in mistakes(one, schema.get("items", {}), top)]
    if isinstance(value, dict):
        parts = schema.get("properties")
        found = [f"{name} is missing" for name in schema.get("required", []) if name not in value]
        if parts is not None:
            if "title" in schema:  # Else it is one of the choices of an object that has all its names.
                found += [f"{name} is not described" for name in value.keys() - parts.keys()]
            found += [each for name in value.keys() & parts.keys() for each in mistakes(value[name], parts[name], top)]
        return found
    return []
