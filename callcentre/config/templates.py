"""The texts that an administrator writes: Jinja2, limited to what a text message needs.

A text may insert values, choose with `{% if %}`, and change letters with a few filters. Loops, calls and multiplication
are refused. So the time and memory of rendering are proportional to the text, and mistakes are found when the
configuration is read.
"""

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from callcentre.values.sms_text import cleaned, unsendable

Value = str | int | None

LONGEST_SOURCE: Final = 2000
LONGEST_TEXT: Final = 1600
_LONGEST_VALUE: Final = 400
_GAP: Final = re.compile(r" +(?=[ ,.!?])")

_FILTERS: Final = frozenset(
    {"abs", "capitalize", "d", "default", "first", "int", "last", "length", "lower", "string", "title", "trim",
     "truncate", "upper"}
)  # fmt: skip
_TESTS: Final = frozenset({"defined", "eq", "even", "ge", "gt", "in", "le", "lt", "ne", "number", "odd", "string"})
_NODES: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub, nodes.Neg, nodes.Pos, nodes.Concat,
    nodes.Filter, nodes.Test, nodes.Getitem, nodes.Tuple, nodes.List, nodes.Keyword,
)  # fmt: skip

# Messages are plain text: HTML escaping would put "&amp;" on a phone.
_ENVIRONMENT: Final = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_ENVIRONMENT.filters = {name: filter_ for name, filter_ in _ENVIRONMENT.filters.items() if name in _FILTERS}
_ENVIRONMENT.tests = {name: test for name, test in _ENVIRONMENT.tests.items() if name in _TESTS}
_ENVIRONMENT.globals.clear()

# The longest realistic values, in the GSM alphabet, so that only the words of the text decide the text's alphabet.
LONG_SAMPLE: Final[Mapping[str, Value]] = MappingProxyType(
    {
        "name": "Maximiliana Lindström-Hämäläinen",
        "position": 99,
        "waiting": 99,
        "service": "Customer service",
        "wait_minutes": 120,
        "number": "+358401234567",
        "agent": "Maximilian Lindström",
        "token": "gb6zzb7isiqaen4pepemuq4msi",  # An example that opens nothing.  # nosec B105
        "call": "1767225600.12345",
        "cancel_word": "PERUUTA",
        "keep_word": "KYLLÄ",
        "why": "cancelled",
    }
)
_EMPTY_SAMPLE: Final[Mapping[str, Value]] = MappingProxyType(
    dict.fromkeys(LONG_SAMPLE, "") | {"position": 1, "waiting": 1, "wait_minutes": None}
)


class TextError(ValueError):
    """A text that cannot be used; the message is a sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class TextTemplate:
    """A checked text: its source as written, and the names of the values that it uses."""

    source: str
    variables: frozenset[str]

    def __str__(self) -> str:
        return self.source


def compile_text(source: str, variables: frozenset[str]) -> TextTemplate:
    """Check a text, and render it with the longest and with the emptiest values.

    Raises TextError for invalid syntax, for unknown values, for characters that cannot be sent to a phone, and when
    rendering failed.
    """
    if not source.strip():
        raise TextError("is empty; write the text")
    if len(source) > LONGEST_SOURCE:
        raise TextError(f"is {len(source)} characters long; at most {LONGEST_SOURCE} are read")
    if strange := unsendable(source):
        raise TextError(f"holds {', '.join(f'U+{ord(character):04X}' for character in strange)}, which no phone shows")
    try:
        _check(_ENVIRONMENT.parse(source), variables)
        _compiled(source)
    except TemplateSyntaxError as broken:
        name = min(variables, default="name")
        raise TextError(
            f"is not a valid text: {(broken.message or 'broken').rstrip('.')} (line {broken.lineno}); write "
            f"{{{{ {name} }}}} for a value, and {{% if {name} %}}…{{% endif %}} for words that need it"
        ) from broken
    except (RecursionError, MemoryError, SyntaxError) as deep:
        raise TextError("is nested too deeply") from deep
    template = TextTemplate(source, variables)
    _try(template, LONG_SAMPLE, "")
    _try(template, _EMPTY_SAMPLE, " for a caller whose name and waiting time are unknown")
    return template


def render(template: TextTemplate, **values: Value) -> str:
    """The text for one call: at most 1600 characters, ready to be measured.

    Every variable of the template must be given. None means unknown and is rendered as nothing, without a double space.
    Line breaks and control characters in values become spaces or are removed, because values come from outside.
    Raises TextError when the template cannot be rendered with these values.
    """
    if missing := template.variables - values.keys():
        raise TypeError(f"render() needs {', '.join(sorted(missing))}")
    given = {name: _inside(value) for name, value in values.items() if name in template.variables}
    try:
        written = _compiled(template.source).render(given)
    except Exception as failure:  # Filters of Jinja2 raise what they like: `truncate` asserts.
        raise TextError(str(failure)) from failure
    if "" in given.values():
        written = _GAP.sub("", written)
    return cleaned(written)[:LONGEST_TEXT]


def sample(template: TextTemplate, **known: Value) -> str:
    """The text with long values, except those in `known`."""
    return render(template, **{**LONG_SAMPLE, **known})


def wait_minutes(seconds: float | None) -> int | None:
    """A wait for a text, in whole minutes, rounded up so that no caller waits longer than was said. None: unknown."""
    return None if seconds is None else max(0, math.ceil(seconds / 60))


@lru_cache(maxsize=512)
def _compiled(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def _inside(value: Value) -> str | int:
    if value is None:
        return ""
    return " ".join(cleaned(value[:_LONGEST_VALUE]).splitlines()) if isinstance(value, str) else value


def _try(template: TextTemplate, values: Mapping[str, Value], whose: str) -> None:
    try:
        written = render(template, **values)
    except TextError as failure:
        advice = "; guard it with {% if wait_minutes %}" if whose and "wait_minutes" in template.source else ""
        raise TextError(f"cannot be written{whose}: {failure}{advice}") from failure
    if len(written) == LONGEST_TEXT:
        raise TextError(f"comes to more than {LONGEST_TEXT} characters, too long for a text message")


def _check(tree: nodes.Template, variables: frozenset[str]) -> None:
    for node in _walk(tree):
        if not isinstance(node, _NODES):
            raise TextError(f"uses {_called(node)}, which texts cannot; write {{{{ value }}}} and {{% if %}} only")
        match node:
            case nodes.Name(name=name) if name not in variables:
                raise TextError(
                    f"uses {{{{ {name} }}}}, which is unknown here; "
                    + (suggestion(name, variables) or f"known are {', '.join(sorted(variables))}")
                )
            case nodes.Filter(name=name) if name not in _FILTERS:
                raise TextError(
                    f"uses the filter {name}, which texts cannot; "
                    + (suggestion(name, _FILTERS) or f"they can use {', '.join(sorted(_FILTERS))}")
                )


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    waiting = [node]
    while waiting:
        node = waiting.pop(0)
        yield node
        waiting[:0] = node.iter_child_nodes()


def _called(node: nodes.Node) -> str:
    match node:
        case nodes.For():
            return "a loop"
        case nodes.Call():
            return "a call"
        case nodes.Getattr(attr=attribute):
            return f".{attribute}"
        case nodes.Assign() | nodes.AssignBlock() | nodes.With():
            return "a variable of its own"
        case nodes.BinExpr(operator=operator):
            return operator
        case _:
            return type(node).__name__.lower()


def suggestion(written: str, known: Iterable[str]) -> str:
    """ "did you mean ...?" for the nearest known name; "" when none is near."""
    near = difflib.get_close_matches(written, sorted(known), n=1)
    return f"did you mean {near[0]}?" if near else ""
