"""Every word of pages is there in each language: of templates, handlers, facts, and what components declare."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract
from jinja2 import Environment

import callcentre
from callcentre.features.search.words.texts import KINDS
from callcentre.messaging.model import MessageKind
from callcentre.values.languages import LANGUAGES
from callcentre.values.numbers import NumberRefusal
from callcentre.web.fact_words import FactWords
from callcentre.web.pages import NavigationEntry, Templates
from callcentre.web.rights import Right
from callcentre.web.words import ENGLISH, translations
from scripts.reference.facts import all_facts, explained, name
from scripts.reference.program import declared

PACKAGE = Path(callcentre.__file__).parent
OTHERS = [language for language in LANGUAGES if language != ENGLISH]

KEYWORDS = {"_": None, "word": (2,), "gettext": None, "ngettext": (1, 2)}
"""What marks a message in Python: `message as _`, and `pages.word(request, …)`."""

SAME = {
    ("sv", "Agent"),
    ("sv", "Organisation"),
    ("sv", "Text"),
    ("sv", "Person"),
    ("fi", "Id"),
    ("sv", "Id"),
    ("sv", "System"),
    ("sv", "Version"),
    ("sv", "Lunch"),
}
"""Words that are the same in a language."""

# The pages of surveys have their words in Python.
TEMPLATES = sorted(
    path
    for path in PACKAGE.rglob("*.html")
    if "surveys" not in path.parts and path.parent.name in {"templates", "pages"}
)
MODULES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if any(word in (text := path.read_text(encoding="utf-8")) for word in ("import message as _", ".word(")) and text
)


def package_of(file: Path) -> str:
    """The package whose words a file has: a feature, or a layer."""
    parts = file.relative_to(PACKAGE).parts
    return ".".join(("callcentre", *parts[: 2 if parts[0] == "features" else 1]))


def of_template(template: Path) -> Iterator[str]:
    """The messages of a template; of one that counts, its form for one."""
    environment: Any = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    found = environment.extract_translations(template.read_text())
    for _line, _function, message in found:
        # A word of a table, which is marked there, has no text here.
        if message is not None:
            yield message if isinstance(message, str) else message[0]


def of_module(module: Path) -> Iterator[str]:
    """The messages that a module marks."""
    with module.open("rb") as file:
        for _line, message, _comments, _context in extract("python", file, keywords=KEYWORDS):
            yield message if isinstance(message, str) else message[0]


@cache
def words(language: str, *packages: str) -> NullTranslations:
    return translations({"callcentre.web", *packages})[language]


@cache
def all_words(language: str) -> NullTranslations:
    return words(language, *(each.package for each in declared(Templates)))


def without(messages: Iterator[str], known: NullTranslations, language: str) -> list[str]:
    """The messages that have no translation."""
    return [
        message
        for message in dict.fromkeys(messages)
        if known.gettext(message) == message
        and known.ngettext(message, "", 1) == message
        and (language, message) not in SAME
    ]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_words_of_templates_are_translated(template: Path, language: str) -> None:
    assert without(of_template(template), words(language, package_of(template)), language) == []


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_words_of_modules_are_translated(module: Path, language: str) -> None:
    assert without(of_module(module), words(language, package_of(module)), language) == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_navigation_is_translated(language: str) -> None:
    labels = (each.label for each in declared(NavigationEntry))
    assert without(labels, all_words(language), language) == []


@pytest.mark.parametrize("language", OTHERS)
def test_rights_are_translated(language: str) -> None:
    assert without((each.about for each in declared(Right)), all_words(language), language) == []


def test_the_frame_and_the_search_have_words() -> None:
    assert "Log out" in of_template(PACKAGE / "web" / "templates" / "frame.html")
    assert "Nothing was found." in of_template(PACKAGE / "features" / "search" / "pages" / "search.html")
    assert "The caller hung up." in of_module(PACKAGE / "features" / "search" / "words" / "calls.py")


# --- facts ---------------------------------------------------------------------------------------


def test_every_fact_has_words() -> None:
    known = [each.event for each in declared(FactWords)]
    assert [name(fact) for fact in all_facts() if name(fact) not in known] == []
    assert len(known) == len(set(known))


def test_words_are_of_fields_that_the_fact_has() -> None:
    classes = {name(fact): fact for fact in all_facts()}
    for each in declared(FactWords):
        fields = set(classes[each.event].__struct_fields__)
        for message in each.messages:
            assert set(re.findall(r"%\((\w+)\)s", message)) <= fields, (each.event, message)


def reasons_of(said: str) -> set[str]:
    """The reasons that the documentation of a fact names."""
    plain = re.sub(r"\(.*?\)|see \[.*?\]\(.*?\)|a reason of .*?;|or why .*|or the gateway.*|such as .*", " ", said)
    return set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b|\b(?:busy|failed|timeout|abandoned|key|full|closed|late)\b", plain))


def test_every_reason_that_is_documented_has_a_sentence() -> None:
    """Of reasons that are one word with an underscore: the others cannot be told from the words around them."""
    classes = {name(fact): fact for fact in all_facts()}
    missing = {}
    for each in declared(FactWords):
        said = explained(classes[each.event]).get("reason", "")
        if each.event.startswith("alarm."):
            continue
        unknown = reasons_of(said) - each.reasons.keys() - {"voice"}
        if unknown:
            missing[each.event] = unknown
    assert missing == {}


def test_every_reason_why_a_number_is_refused_has_a_sentence() -> None:
    words_of = {each.event: each for each in declared(FactWords)}
    for event in ("welcome.skipped", "survey.skipped", "callback.failed", "notice.failed", "sms.refused"):
        assert {reason.value for reason in NumberRefusal} <= words_of[event].reasons.keys(), event


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_fields_of_its_message(language: str) -> None:
    known = all_words(language)
    for each in declared(FactWords):
        for message in each.messages:
            fields = sorted(re.findall(r"%\(\w+\)s", message))
            assert sorted(re.findall(r"%\(\w+\)s", known.gettext(message))) == fields, message


def test_every_kind_of_text_has_words() -> None:
    assert [kind.name for kind in declared(MessageKind) if kind.name not in KINDS] == []
