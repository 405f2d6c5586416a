"""Every word that the pages of figures and reports have in Python is there in each language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import callcentre
from callcentre.values.languages import LANGUAGES
from callcentre.web.words import ENGLISH, translations

FEATURES = Path(callcentre.__file__).parent / "features"
SAME = {("sv", "Agent")}
"""Words that are the same in a language."""

PLACES = {"Mistake": 0, "Column": 1, "Chart": 1, "word": None}
"""Which argument of a call is a message; of `word` the first text."""


def messages(feature: str) -> Iterator[str]:
    for path in (FEATURES / feature).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield from _of_call(node)
            elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "_FIRST":
                assert isinstance(node.value, ast.Dict)
                yield from _texts(node.value.values)


def _of_call(call: ast.Call) -> Iterator[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name in PLACES:
        place = PLACES[name]
        yield from list(_texts(call.args))[:1] if place is None else _texts(call.args[place : place + 1])


def _texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != ENGLISH])
@pytest.mark.parametrize("feature", ["figures", "reports"])
def test_words_are_translated(feature: str, language: str) -> None:
    found = set(messages(feature))
    assert len(found) > (50 if feature == "figures" else 1)
    words = translations({"callcentre.web", f"callcentre.features.{feature}"})[language]
    of_programs = {message for message in found if message.startswith(("One of ", "This is for at most "))}
    missing = {each for each in found - of_programs if words.gettext(each) == each and (language, each) not in SAME}
    assert not missing
