"""The file's JSON Schema, for editors that complete and check YAML as it is typed."""

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

    It accepts what YAML makes of unquoted values (20, true) as well as texts, and `${NAME}` in place of any of them.
    What has to be computed or compared, such as templates and combinations, only `callcentre check` sees.
    """
    schema = shape.model.model_json_schema(schema_generator=_AsWritten)
    return {"$schema": DIALECT, **schema, "title": "config.yaml of callcentre"}


class _AsWritten(GenerateJsonSchema):
    """Defaults as the file writes them; and no titles, since an editor shows the key anyway."""

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
