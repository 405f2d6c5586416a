"""Hiding the secrets of a file, and putting them back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from callcentre.config.hidden import NotHideable, Places, hide, restore
from callcentre.config.parts import FileShape
from callcentre.config.problems import is_secret
from callcentre.config.shape import fields_below
from callcentre.configuration import FILE
from tests.unit.config.files import SHIPPED, SMALLEST, marked

SECRET = "hunter2"

# --- what is hidden ------------------------------------------------------------------------------

HIDDEN = {
    "plain": ("ari: {password: hunter2, app: c}", "ari: {password: <secret ari.password>, app: c}"),
    "in quotes": ('ari:\n  password: "hunter2" # why', 'ari:\n  password: "<secret ari.password>" # why'),
    "with escapes": (r'token: "h\x75nter2"', 'token: "<secret token>"'),
    "a block": ("token: |\n  hunter2\n  more\n\nb: c", "token: <secret token>\n\nb: c"),
    "the default of a variable": ("token: ${NAME:-hunter2}", "token: ${NAME:-<secret token>}"),
    "a variable in a word": ("token: x${NAME}hunter2", "token: <secret token>"),
    "a misspelt key": ("a: {pasword: hunter2}", "a: {pasword: <secret a.pasword>}"),
    "a list": ("token: [hunter2, x]", "token: <secret token>"),
    "a section": ("token:\n  hunter2: x\nb: c", "token:\n  <secret token>\nb: c"),
    "a mark that YAML reads": ("token: &hunter2\nb: c", "token: <secret token>\nb: c"),
    "behind an anchor": ("a: &a hunter2\ntoken: *a", "a: &a <secret a>\ntoken: *a"),
    "in a URL": ("store: {url: 'x://u:hunter2@h/d'}", "store: {url: 'x://u:<secret store.url>@h/d'}"),
    "as user of a URL": ("url: https://hunter2@h/d", "url: https://<secret url>@h/d"),
    "as parameter": ("url: https://h/d?a=1&token=hunter2#e", "url: https://h/d?a=1&token=<secret url>#e"),
    "in an odd key": ("a b: {token: hunter2}", "a b: {token: <secret at-c49134c1ccbf>}"),
    "twice": ("token: hunter2\ntoken: hunter22", "token: <secret token>\ntoken: <secret token..2>"),
    "in a comment": ("a: b # was: token = hunter2 x", "a: b # was: token = <secret 1>"),
    "URL in a comment": ("# see x://u:hunter2@h\na: b", "# see x://u:<secret 1>\na: b"),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_secret_is_hidden_and_put_back(name: str) -> None:
    text, shown = HIDDEN[name]
    hidden = hide(text)
    assert hidden.text == shown
    assert restore(shown, hidden.secrets).text == text
    assert restore(shown, hidden.secrets).problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "token: ${NAME}",
        "token: ${NAME:-}",
        "token:",
        "token: null",
        'token: ""',
        "a: b # token:",
        "# token: ${NAME}\na: b",
        "url: postgresql+psycopg://callcentre@host/db",
        "link: https://h/?t={{ token }}&token={{ token }}",
        "a: 'no # token: comment'",
    ],
)
def test_what_has_no_secret_is_shown(text: str) -> None:
    assert hide(text).text == text


def test_something_like_a_placeholder_comes_back_unchanged() -> None:
    text = "token: <secret x>\na: <secret x> <secret =x>\n"
    hidden = hide(text)
    assert hidden.text == "token: <secret token>\na: <secret =x> <secret ==x>\n"
    assert restore(hidden.text, hidden.secrets).text == text


@pytest.mark.parametrize("text", ["a: [", "a: *b", "--- a\n--- b\n", "a: &a [" + "*b, " * 3, "{" * 2_000])
def test_what_is_not_yaml_cannot_be_shown(text: str) -> None:
    with pytest.raises(NotHideable):
        hide(text)


def test_aliases_without_end_are_given_up() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
    with pytest.raises(NotHideable):
        hide(bomb)


# --- putting back --------------------------------------------------------------------------------

TWO = "ari: {password: hunter2, app: x}\nhttp:\n  token: '{x}'\n  url: x://u:pw@h\n# token: old\n"

MOVED = {
    "to another key": "ari: {password: x, app: «<secret ari.password>»}",
    "to another secret": "http: {token: «<secret ari.password>»}",
    "into a comment": "a: b # see «<secret ari.password>»",
    "to an alias": "ari: {password: &p «<secret ari.password>»}\na: *p",
    "into a key": "«<secret ari.password>»: x",
    "out of a comment": "a: «<secret 1>»",
    "within a comment": "a: b # was «<secret 1>»",
    "out of a URL": "http: {url: «<secret http.url>»}",
    "that is unknown": "ari: {password: «<secret ari.passwort>»}",
    "out of its quotes": "http: {token: «<secret http.token>»}",
}


@pytest.mark.parametrize("name", MOVED)
def test_a_placeholder_at_another_place_is_a_mistake_there(name: str) -> None:
    place = marked(MOVED[name])
    restored = restore(place.text, hide(TWO).secrets)
    assert [(each.line, each.column, each.end) for each in restored.problems] == [(place.line, place.column, place.end)]
    assert restored.text == place.text


def test_each_of_several_placeholders_is_looked_at() -> None:
    shown = "http: {token: <secret http.token>}\na: <secret 1>\nari: {password: <secret ari.password>}"
    restored = restore(shown, hide(TWO).secrets)
    assert [each.line for each in restored.problems] == [1, 2]
    assert restored.text == shown.replace("<secret ari.password>", "hunter2")


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("ari:\n  app: y\n  password: '<secret ari.password>'", "ari:\n  app: y\n  password: 'hunter2'"),
        ("# password: <secret ari.password>\na: b", "# password: hunter2\na: b"),
        ("a: b # token: <secret 1>", "a: b # token: old"),
        ("token: <secret 1>", "token: old"),
        ("http: {url: 'y://v:<secret http.url>@other'}", "http: {url: 'y://v:pw@other'}"),
        ("ari: {password: new}", "ari: {password: new}"),
    ],
)
def test_a_placeholder_may_stay_with_its_key(shown: str, text: str) -> None:
    restored = restore(shown, hide(TWO).secrets)
    assert (restored.text, restored.problems) == (text, ())


def test_a_text_that_is_not_yaml_gets_no_secret() -> None:
    with pytest.raises(NotHideable):
        restore("a: [<secret ari.password>", hide(TWO).secrets)


def test_places_are_those_of_the_shown_text() -> None:
    text = "a: {token: a very long secret, b: c}\ntoken: |\n  one\n  two\n  three\nd: {e: f}\n"
    hidden = hide(text)
    places = Places(hidden.text, restore(hidden.text, hidden.secrets))
    assert places.shown(1, text.index("b: c") + 1) == (1, hidden.text.index("b: c") + 1)
    assert places.shown(4, 3) == (2, 8)
    assert places.shown(6, 5) == (3, 5)


# --- properties ----------------------------------------------------------------------------------

_marks = st.integers(0, 10**9).map(lambda number: f"QZ{number}ZQ")
_around = st.text(
    st.characters(codec="utf-8", exclude_characters="QZ\x7f", exclude_categories=("Cs", "Cc")), max_size=6
)
_secret_values = st.builds("{}{}{}".format, _around, _marks, _around)
_keys = st.sampled_from(["password", "token", "auth_token", "pasword", "client_secret", "TOKEN"])
_plain_keys = st.sampled_from(["url", "queue", "text", "a b", "x.y", "-", "ä", "numbers"])
_plain_values = st.text(st.characters(codec="utf-8", exclude_characters="Q"), max_size=12) | st.sampled_from(
    ["x://u@", "${NAME}", "<secret a>", "null", "# token: x"]
)
_urls = _marks.map(lambda mark: f"postgresql+psycopg://user:{mark}@host/db?sslmode=require")
_sections: st.SearchStrategy[Any] = st.recursive(
    st.dictionaries(_plain_keys, _plain_values | _urls, max_size=4)
    | st.dictionaries(_keys, _secret_values | st.lists(_secret_values, min_size=1, max_size=3), min_size=1, max_size=3),
    lambda below: st.dictionaries(_plain_keys | _keys, below | st.lists(below, max_size=3), min_size=1, max_size=4),
    max_leaves=12,
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A file of sections, secret and not, in one of the ways that YAML can be written, with secrets in comments."""
    written = yaml.safe_dump(
        draw(_sections),
        default_flow_style=draw(st.sampled_from([True, False, None])),
        default_style=draw(st.sampled_from([None, '"', "'", "|", ">"])),
        width=draw(st.sampled_from([20, 80, 10_000])),
        indent=draw(st.integers(2, 5)),
        allow_unicode=draw(st.booleans()),
    )
    comments = draw(st.lists(st.builds("# {}: {}".format, _keys, _marks), max_size=2))
    return "\n".join([*comments, written, *comments]) + draw(st.sampled_from(["", "\n", "\n\n"]))


@given(files())
@settings(max_examples=60, deadline=None)
def test_nothing_of_a_secret_is_shown_and_all_of_it_comes_back(text: str) -> None:
    hidden = hide(text)
    assert "QZ" not in hidden.text
    restored = restore(hidden.text, hidden.secrets)
    assert restored.problems == ()
    assert restored.text == text


@given(
    st.text(st.sampled_from("ab:#&*!|>-[]{}'\"%@=?,. \n\t<token>") | st.characters(codec="utf-8"), max_size=80)
    | st.lists(
        st.sampled_from(
            ["token: ", "a: ", "x", "\n", "  ", "- ", "'", '"', "# token=", "|\n", "&a ", "*a", "<secret a>"]
        ),
        max_size=25,
    ).map("".join)
)
@settings(max_examples=150, deadline=None)
@example("token: &a\n")
@example("token: - x\n")
def test_any_text_that_is_shown_comes_back(text: str) -> None:
    try:
        hidden = hide(text)
    except NotHideable:
        return
    restored = restore(hidden.text, hidden.secrets)
    assert (restored.text, restored.problems) == (text, ())


@given(files(), st.data())
@settings(max_examples=60, deadline=None)
def test_no_edit_in_a_browser_shows_a_secret(text: str, data: st.DataObject) -> None:
    """Whatever is done with the placeholders, the next page does not show what they stand for."""
    hidden = hide(text)
    placeholders = re.findall(r"<secret [^=>]+>", hidden.text) or ["<secret ari.password>"]
    pieces = re.split(r"(?<=[\s:{,'\"])", hidden.text)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(pieces)))
        pieces.insert(place, data.draw(st.sampled_from(placeholders) | st.sampled_from(["# ", "a: ", "\n", "'", "- "])))
    try:
        restored = restore("".join(pieces), hidden.secrets)
        again = hide(restored.text)
    except NotHideable:
        return
    assert "QZ" not in again.text


# --- the file of callcentre ----------------------------------------------------------------------


@pytest.mark.parametrize("text", [SHIPPED, SMALLEST])
def test_the_shipped_files_come_back(text: str) -> None:
    hidden = hide(text)
    assert restore(hidden.text, hidden.secrets).text == text
    assert "change-me" not in hidden.text


def _fields(shape: FileShape, model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, field in fields_below(model, path).items():
        yield name, field
        if len(path) < 6:
            yield from _fields(shape, model, (*path, name))


def test_each_secret_of_the_file_is_known_by_its_key() -> None:
    """A section that leaves a key out of what it prints has a secret there: the key must say so, or be a URL."""
    found = [*_fields(FILE, FILE.model), *_fields(FILE, FILE.model, ("services", "x"))]
    unprinted = {name for name, field in found if not field.repr}
    assert {"password", "token", "hook_token", "auth_token"} <= unprinted
    assert {name for name in unprinted if not is_secret(name)} == {"url"}
    assert {name for name, field in found if field.repr and is_secret(name)} == set()
