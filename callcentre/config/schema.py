"""The file's JSON Schema, for editors that complete and check YAML during typing."""

from datetime import timedelta
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from callcentre.config.addresses import Listen
from callcentre.config.parts import FileShape
from callcentre.config.times import format_duration
from callcentre.values.hours import DailyWindow

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


Node = dict[str, Any]


def json_schema(shape: FileShape) -> Node:
    """JSON Schema (2020-12) of the file.

    It accepts the types that YAML gives unquoted values (20, true) as well as texts, and `${NAME}` in place of any
    value. Only `callcentre check` checks what has to be computed or compared, such as templates and combinations.
    """
    schema = shape.model.model_json_schema(schema_generator=_AsWritten)
    return {"$schema": DIALECT, **schema, "title": "config.yaml of callcentre"}


class _AsWritten(GenerateJsonSchema):
    """Writes defaults as in the file, and no titles, since an editor shows the key anyway."""

    def encode_default(self, dft: Any) -> Any:
        match dft:
            case timedelta():
                return format_duration(dft)
            case Listen() | DailyWindow():
                return str(dft)
            case _:
                return super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False
