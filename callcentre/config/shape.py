"""Which keys the file may have, derived from the types of the settings."""

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from callcentre.config.findings import Path


def fields_below(model: type[BaseModel], path: Path) -> dict[str, FieldInfo]:
    """The keys that are allowed below a path; empty where people choose the keys, or where there are no keys."""
    annotation: Any = model
    for step in path:
        fields = _fields(annotation)
        if fields:
            field = fields.get(str(step))
            annotation = _plain(field.annotation) if field else None
        else:
            annotation = _plain(_of_entries(annotation))
    return _fields(annotation)


def field_at(model: type[BaseModel], path: Path) -> FieldInfo | None:
    """The field of a path; None for an entry of a list, for a key that people choose, and for an unknown key."""
    return fields_below(model, path[:-1]).get(str(path[-1])) if path else None


def _fields(annotation: Any) -> dict[str, FieldInfo]:
    is_section = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    if not is_section:
        return {}
    return {field.alias or name: field for name, field in annotation.model_fields.items()}


def _of_entries(annotation: Any) -> Any:
    arguments = get_args(annotation)
    match get_origin(annotation):
        case origin if origin is dict:
            return arguments[1]
        case origin if origin is tuple:
            return arguments[0]
        case _:
            return None


def _plain(annotation: Any) -> Any:
    """The type without its metadata and without "or None"."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in {Union, UnionType}:
            annotation = next(each for each in get_args(annotation) if each is not type(None))
        else:
            return annotation
