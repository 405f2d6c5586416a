"""Every word of the templates is there in each language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

import callcentre
from callcentre.values.languages import LANGUAGES
from callcentre.web.words import ENGLISH, translations

PACKAGE = Path(callcentre.__file__).parent
# The pages of surveys have their words in Python.
TEMPLATES = sorted(
    path
    for path in PACKAGE.rglob("*.html")
    if "surveys" not in path.parts and path.parent.name in {"templates", "pages"}
)
SAME = {("sv", "Agent")}
"""Words that are the same in a language."""


def package_of(template: Path) -> str:
    return ".".join(("callcentre", *template.parent.parent.relative_to(PACKAGE).parts))


def messages(template: Path) -> Iterator[str]:
    """The messages of a template; of one that counts, its form for one."""
    environment: Any = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    found = environment.extract_translations(template.read_text())
    for _line, _function, message in found:
        one = message if isinstance(message, str) else message[0]
        assert one is not None
        yield one


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != ENGLISH])
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_words_are_translated(template: Path, language: str) -> None:
    words = translations({"callcentre.web", package_of(template)})[language]
    missing = [
        message
        for message in messages(template)
        if words.gettext(message) == message
        and words.ngettext(message, "", 1) == message
        and (language, message) not in SAME
    ]
    assert not missing


def test_the_frame_has_words() -> None:
    assert "Log out" in messages(PACKAGE / "web" / "templates" / "frame.html")
