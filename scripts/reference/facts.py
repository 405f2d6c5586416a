"""Every fact, from the classes and their docstrings: first what became true, then a line for each field."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from callcentre.kernel.fact import Fact
from scripts.reference.markdown import code, table
from scripts.reference.program import modules

_FIELD: Final = re.compile(r"^(?P<name>\w+): (?P<meaning>.*(?:\n +.*)*)$", re.MULTILINE)
_ABOUT: Final = {
    "queue": "The queue",
    "call": "The queue",
    "callback": "Callbacks",
    "notice": "Notices",
    "welcome": "Texts",
    "sms": "Texts",
    "number": "Texts",
    "survey": "Surveys",
    "user": "Users",
    "key": "Users",
    "clock": "The daemon",
    "alarm": "The daemon",
}
"""What a fact is about, by the first word of its name; the order is that of the page."""


@cache
def all_facts() -> tuple[type[Fact], ...]:
    """The classes of all facts of the program, in the order in which the modules define them."""
    modules()
    found = [each for each in _below(Fact) if "." in name(each)]
    return tuple(sorted(found, key=lambda each: (each.__module__, inspect.getsourcelines(each)[1])))


def _below(base: type[Fact]) -> Iterator[type[Fact]]:
    for each in base.__subclasses__():
        yield each
        yield from _below(each)


def name(fact: type[Fact]) -> str:
    """The public name, such as `queue.joined`."""
    return str(fact.__struct_config__.tag)


def meaning(fact: type[Fact]) -> str:
    """What became true: the docstring without its fields."""
    return " ".join(_FIELD.sub("", inspect.cleandoc(fact.__doc__ or "")).split())


def fields(fact: type[Fact]) -> dict[str, str]:
    """What its docstring says of fields, without what its bases say."""
    said = inspect.cleandoc(fact.__doc__ or "")
    return {found["name"]: " ".join(found["meaning"].split()) for found in _FIELD.finditer(said)}


def explained(fact: type[Fact]) -> dict[str, str]:
    """What is said of each field of a fact, by itself or by its bases."""
    known: dict[str, str] = {}
    for base in reversed(fact.__mro__):
        if issubclass(base, Fact):
            known |= fields(base)
    return known


def common_fields() -> str:
    """The fields that any fact may have."""
    return table(("field", "meaning"), [(code(field), said) for field, said in fields(Fact).items()])


def every_fact() -> str:
    """A table of facts for each subject, below the fields that all of them may have."""
    subjects: dict[str, list[type[Fact]]] = {}
    for subject in _ABOUT.values():
        subjects.setdefault(subject, [])
    for fact in all_facts():
        subjects.setdefault(_ABOUT.get(name(fact).partition(".")[0], "Others"), []).append(fact)
    return "\n\n".join(_subject(title, facts) for title, facts in subjects.items() if facts)


def _subject(title: str, facts: list[type[Fact]]) -> str:
    parts = [f"## {title}"]
    for base in dict.fromkeys(base for fact in facts for base in fact.__bases__ if base is not Fact):
        prefix = next(name(fact).partition(".")[0] for fact in facts if issubclass(fact, base))
        said = [f"- {code(field)}: {explanation}" for field, explanation in fields(base).items()]
        parts += [f"The facts {code(f'{prefix}.…')} may have:", "\n".join(said)]
    rows = [(code(name(fact)), meaning(fact), _said(fields(fact))) for fact in facts]
    parts.append(table(("event", "when", "further fields"), rows))
    return "\n\n".join(parts)


def _said(known: dict[str, str]) -> str:
    return "<br>".join(f"{code(field)}: {explanation}" for field, explanation in known.items())
