"""Checking a text with placeholders: as `callcentre check` does, and without a secret in any message."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from callcentre.config.checked import NOT_SHOWN, Checked, check
from callcentre.config.hidden import hide
from callcentre.config.problems import Problem
from callcentre.config.read import ConfigurationError
from callcentre.configuration import FILE, parse
from tests.unit.config.files import SHIPPED, SMALLEST, changed

HIDDEN = hide(SMALLEST)


def problems(text: str, environ: dict[str, str] | None = None) -> tuple[Problem, ...]:
    """What `callcentre check` says about a file."""
    try:
        return parse(text, environ or {}).warnings
    except ConfigurationError as error:
        return error.problems


def checked(shown: str, environ: dict[str, str] | None = None, before: str = SMALLEST) -> Checked:
    return check(FILE, shown, hide(before).secrets, environ or {})


def places(found: tuple[Problem, ...]) -> list[tuple[int, int, tuple[str | int, ...], str]]:
    return [(each.line, each.column, each.path, each.message) for each in found]


MISTAKES = {
    "an unknown key": ("  cooldown: 1h", "  coldown: 1h"),
    "a wrong value": ("min_wait: 5m ", "min_wait: five"),
    "an impossible combination": ("language: fi\n    hours", "language: sv\n    name: {en: x}\n    hours"),
    "no YAML": ("  min_waiting: 3", "  min_waiting: ["),
    "a tab": ("  min_waiting: 3", "\tmin_waiting: 3"),
    "several": ("per_second: 20 ", "per_second: many\n  per_minute: 1"),
    "aliases without end": ("log:", "zz: &a [x]\nyy: &b " + "[*a, " * 60 + "]" * 60 + "\nlog:"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_have_the_places_and_words_of_check(name: str) -> None:
    text = changed(*MISTAKES[name], SHIPPED)
    shown = changed(*MISTAKES[name], hide(SHIPPED).text)
    found = checked(shown, before=SHIPPED)
    assert found.problems
    assert found.configuration is None
    assert places(found.problems) == places(problems(text))


def test_a_mistake_behind_a_secret_is_at_its_place_in_the_shown_text() -> None:
    shown = changed("}\nhttp", ", app: ''}\nhttp", HIDDEN.text)
    (found,) = checked(shown).problems
    assert (found.line, found.column) == (1, shown.index("''") + 1)
    assert found.render("f").splitlines()[1:] == ["    1 | ari: {password: …", "      |                 ^"]


def test_a_good_text_gives_the_settings_and_the_text_of_the_file() -> None:
    more = ("Asiakaspalvelu}}", "Neuvonta}, hours: {weekdays: {mon: closed}}}")
    found = checked(changed(*more, HIDDEN.text))
    assert found.configuration is not None
    assert found.configuration.text == changed(*more, SMALLEST)
    assert places(found.warnings) == places(problems(found.configuration.text))
    assert found.warnings


def test_a_placeholder_elsewhere_is_one_mistake() -> None:
    shown = changed("queue: support", "queue: <secret ari.password>", HIDDEN.text)
    (found,) = checked(shown).problems
    assert (found.line, found.path) == (9, ("services", "support", "queue"))
    assert "belongs elsewhere" in found.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("region: FI", "region: ${WORD}"),
        ("queue: support", "queue: '${WORD}'"),
        ("[FI]", "[FI, '${WORD}']"),
        ("sender: Neuvonta", "sender: '${WORD}'"),
        ("region: FI", "region: ${WORD:-FI}"),
        ("Asiakaspalvelu}}", "Asiakaspalvelu}, welcome: {text: '{{ ${WORD} }}'}}"),
    ],
)
def test_no_message_shows_the_environment(old: str, new: str) -> None:
    word = "Gra73ly-odd ! word"
    found = checked(changed(old, new, HIDDEN.text), {"WORD": word})
    assert found.problems
    assert not any(part in each.message for part in ("Gra", "odd", "word!") for each in found.problems)
    assert NOT_SHOWN in {each.message for each in found.problems}


def test_no_message_shows_a_secret_by_an_alias() -> None:
    shown = changed("password: <secret ari.password>", "password: &p <secret ari.password>", HIDDEN.text)
    (found,) = checked(changed("region: FI", "region: *p", shown)).problems
    assert "belongs elsewhere" in found.message
    before = SMALLEST.replace("password: secret", "password: &p hunter2").replace("region: FI", "region: *p")
    (found,) = checked(hide(before).text, before=before).problems
    assert found.message == NOT_SHOWN


def test_a_text_that_is_too_long_is_not_looked_at() -> None:
    (found,) = checked("a: b\n" * 300_000).problems
    assert "larger than 1024 KiB" in found.message


@given(st.data())
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_an_edited_file_is_refused_as_the_file_would_be(data: st.DataObject) -> None:
    """Some lines are left out, moved or cut: check and the browser say the same, at the same places."""
    lines = SHIPPED.replace("change-me", "${LONG}").splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(40, len(lines) - 1))
        lines[place] = lines[place][: data.draw(st.integers(0, len(lines[place])))]
    text = "\n".join(lines)
    environ = {"LONG": "long enough for a token"}
    found = checked(text, environ, before="a: b")
    expected = problems(text, environ)
    assert places(found.problems or found.warnings) == places(expected)
