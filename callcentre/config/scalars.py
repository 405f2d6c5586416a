"""The single values of the file. A function for each kind reads the text, or raises a sentence that says what is wrong.

YAML's own types are not used, because YAML turns `NO` into false and `8:30` into 510. A value has the type of its key.
A value that already has that type is taken as it is, so that settings can also be built in code.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Generic, TypeVar, cast, get_args, overload

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from callcentre.config.templates import TextTemplate, compile_text, suggestion
from callcentre.values.characters import shown as shown
from callcentre.values.languages import LANGUAGES

if TYPE_CHECKING:
    from callcentre.config.parts import Part

T = TypeVar("T")
P = TypeVar("P", bound="PermanentSection")
Schema = dict[str, Any]

# An editor's schema lets `${NAME}` stand for any value.
ENVIRONMENT: Final = r"\$\{[A-Za-z_]"
FROM_ENVIRONMENT: Final[Schema] = {"type": "string", "pattern": ENVIRONMENT}


class Section(BaseModel):
    """A part of the file with keys of its own. Unknown keys are refused, and sections cannot be changed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    _parts: ClassVar["Mapping[type[Any], Part]"] = {}
    """The keys that components added (`parts.py`), by the class of their section."""

    @overload
    def section(self, kind: type[P]) -> P: ...
    @overload
    def section(self, kind: type[T]) -> T | None: ...
    def section(self, kind: type[T]) -> T | None:
        """The part of this class that a component added; None where it is not set or not known.

        Keys that a component added without a section around them are keys of this section itself.
        Raises LookupError for a `PermanentSection` that is not known.
        """
        part = self._parts.get(kind)
        if part is not None:
            return cast("T | None", getattr(self, part.name))
        if isinstance(self, kind):
            return self
        if issubclass(kind, PermanentSection):
            raise LookupError(f"{kind.__name__} is not a part of {type(self).__name__}")
        return None

    def sections(self, kind: type[T]) -> tuple[T, ...]:
        """The parts of this class, of a key that may have many; empty where the key is not set."""
        return cast("tuple[T, ...]", self.section(kind) or ())

    def needs(self, what: str) -> bool:
        """Whether a part that is set needs this of the queue, such as `exit_key`."""
        return any(what in part.needs and getattr(self, part.name) is not None for part in self._parts.values())

    def __getstate__(self) -> dict[Any, Any]:
        """The state for another process: the fields, without cached properties."""
        state = super().__getstate__()
        return state | {"__dict__": {name: state["__dict__"][name] for name in type(self).model_fields}}


class PermanentSection(Section):
    """A part that is always set. Its defaults apply where the file does not have it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scalar(Generic[T]):
    """How one kind of value is read from text, checked for bounds, written back, and described to an editor.

    `read` gets the text without the whitespace around it, unless `exact`. It and `check` raise ValueError with the
    sentence that follows the value's path.
    """

    kind: type[T]
    wants: str
    read: Callable[[str], T]
    schema: Schema
    check: Callable[[T], T] = lambda value: value
    write: Callable[[T], Any] = str
    exact: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate with `read` and `check` only."""
        return core_schema.no_info_plain_validator_function(
            self.typed, serialization=core_schema.plain_serializer_function_ser_schema(self.write)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        """The schema of the value as it is written in the file."""
        return dict(self.schema)

    def typed(self, value: object) -> T:
        """The value, from its text or as given. Raises ValueError."""
        if isinstance(value, str):
            return self.check(self.read(value if self.exact else value.strip()))
        if isinstance(value, self.kind) and isinstance(value, bool) == (self.kind is bool):
            return self.check(value)
        raise ValueError(f"needs {self.wants}{but_is(value)}")


MAYBE: Final = BeforeValidator(
    lambda value: None if isinstance(value, str) and value.strip().casefold() in {"", "~", "null"} else value
)
Maybe = Annotated[T | None, MAYBE]
"""A value that may be missing: null, ~ and an empty value are None."""


def but_is(value: object) -> str:
    """The end of a sentence about a required value: what is there instead."""
    match value:
        case None:
            return ", but nothing is written"
        case dict():
            return ", but has keys below it"
        case list() | tuple():
            return ", but is a list"
        case _:
            return f", not {shown(value)}"


def listed(names: Iterable[object], word: str = "or") -> str:
    """Names in a sentence: "a, b or c"."""
    *most, last = map(str, names)
    return f"{', '.join(most)} {word} {last}" if most else last


def texts(pattern: str) -> Schema:
    """The editor's schema of values written as text in one form."""
    return {"type": "string", "pattern": f"^(?:{pattern})$|{ENVIRONMENT}"}


ANY_TEXT: Final[Schema] = {"type": ["string", "number", "boolean"]}


def one_line(text: str) -> str:
    """Return the text. Raises ValueError when it is empty or contains control characters."""
    if not text.strip():
        raise ValueError("must not be empty")
    if not text.isprintable():
        raise ValueError("must be one line without control characters")
    return text


Text = Annotated[str, Scalar(kind=str, wants="a text", read=one_line, schema=ANY_TEXT, exact=True)]
# A secret is a text that its section leaves out of the repr. Printed lines of the file hide it by its key.
Secret = Text


def template(*variables: str) -> Scalar[TextTemplate]:
    """A message text that may use these Jinja2 variables."""
    names = frozenset(variables)
    return Scalar(
        kind=TextTemplate,
        wants="a text",
        read=lambda text: compile_text(text, names),
        schema={"type": "string"},
        exact=True,
    )


def choice(*options: str) -> Scalar[str]:
    """One of a few words, in any case."""
    by_folded = {option.casefold(): option for option in options}

    def read(text: str) -> str:
        if text.casefold() in by_folded:
            return by_folded[text.casefold()]
        near = suggestion(text.casefold(), list(by_folded))
        raise ValueError(f"must be {listed(options)}, not {shown(text)}{'; ' + near if near else ''}")

    schema = {"anyOf": [{"enum": list(options)}, FROM_ENVIRONMENT]}
    return Scalar(kind=str, wants=listed(options), read=read, schema=schema)


def one_of(literal: Any) -> Scalar[str]:
    """One of the words of a Literal type."""
    return choice(*get_args(literal))


Language = Annotated[str, choice(*LANGUAGES)]


def whole(at_least: int = 0, at_most: int = 1_000_000) -> Scalar[int]:
    """A whole number within bounds, both included."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,9}", text):
            raise ValueError(f"must be a whole number, not {shown(text)}")
        return int(text)

    def check(number: int) -> int:
        if not at_least <= number <= at_most:
            raise ValueError(f"must be from {at_least} to {at_most}, not {number}")
        return number

    schema = {
        "type": ["integer", "string"],
        "minimum": at_least,
        "maximum": at_most,
        "pattern": f"^-?[0-9]+$|{ENVIRONMENT}",
    }
    return Scalar(kind=int, wants="a whole number", read=read, schema=schema, check=check, write=int)


def _share(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,9})?", text):
        raise ValueError(f"must be a number from 0 to 1, not {shown(text)}")
    return float(text)


def _up_to_one(share: float) -> float:
    if not 0 <= share <= 1:
        raise ValueError(f"must be from 0 to 1, not {share:g}; 0.25 is a quarter")
    return share


Share = Annotated[
    float,
    Scalar(
        kind=float,
        wants="a number from 0 to 1",
        read=_share,
        schema={"type": ["number", "string"], "minimum": 0, "maximum": 1, "pattern": f"^[0-9.]+$|{ENVIRONMENT}"},
        check=_up_to_one,
        write=float,
    ),
]

_SWITCH: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def _switch(text: str) -> bool:
    if text.casefold() not in _SWITCH:
        raise ValueError(f"must be true or false, not {shown(text)}")
    return _SWITCH[text.casefold()]


Switch = Annotated[
    bool,
    Scalar(
        kind=bool,
        wants="true or false",
        read=_switch,
        schema={
            "type": ["boolean", "string"],
            "pattern": f"^([Yy]es|[Nn]o|[Oo]n|[Oo]ff|[Tt]rue|[Ff]alse)$|{ENVIRONMENT}",
        },
        write=bool,
    ),
]
