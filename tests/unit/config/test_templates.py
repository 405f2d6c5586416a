"""The texts an administrator writes: what is refused, and what a caller gets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcentre.config.templates import LONGEST_TEXT, TextError, compile_text, render, sample, wait_minutes
from callcentre.values.sms_text import unsendable

KNOWN = frozenset({"name", "position", "wait_minutes"})


def written(source: str, name: str = "Anna", position: int = 2, minutes: int | None = 5) -> str:
    return render(compile_text(source, KNOWN), name=name, position=position, wait_minutes=minutes)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hei!", "Hei!"),
        ("Hei {{ name }}, paikka {{ position }}", "Hei Anna, paikka 2"),
        ("{% if wait_minutes %}noin {{ wait_minutes }} min{% else %}pian{% endif %}", "noin 5 min"),
        ("{{ 'eka' if position == 1 else 'muu' }}", "muu"),
        ("{{ name | upper }}", "ANNA"),
        ("{{ name | default('asiakas') }}", "Anna"),
        ("{% if wait_minutes and wait_minutes > 3 %}yli{% endif %}", "yli"),
        ("{{ position - 1 }} edellä", "1 edellä"),
        ("Tom & Jerry <3", "Tom & Jerry <3"),
    ],
)
def test_a_text_is_filled_in(source: str, text: str) -> None:
    assert written(source) == text


@pytest.mark.parametrize(
    ("source", "name", "text"),
    [
        ("Hei {{ name }}, soitamme", "", "Hei, soitamme"),
        ("Hei {{ name }} nyt", "", "Hei nyt"),
        ("Hei {{ name }}, soitamme", "Anna", "Hei Anna, soitamme"),
        ("Hei {{ name }} , soitamme", "Anna", "Hei Anna , soitamme"),
    ],
)
def test_a_name_that_is_unknown_leaves_no_gap(source: str, name: str, text: str) -> None:
    assert written(source, name=name) == text


def test_what_is_unknown_is_written_as_nothing() -> None:
    assert written("[{{ name }}|{{ wait_minutes }}]", name="", minutes=None) == "[|]"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "is empty"),
        ("  \n", "is empty"),
        ("x" * 2001, "is 2001 characters long; at most 2000 are read"),
        ("a\x07", r"holds U\+0007, which no phone shows"),
        ("{{ nmae }}", r"uses {{ nmae }}, which is unknown here; did you mean name\?"),
        ("{{ xyz }}", "which is unknown here; known are name, position, wait_minutes"),
        ("{{ name", r"is not a valid text: .*; write {{ name }} for a value"),
        ("{% if name %}x", r"is not a valid text: .*\(line 1\)"),
        ("{% fro x in name %}", "is not a valid text"),
        ("{% for x in name %}x{% endfor %}", "uses a loop, which texts cannot"),
        ("{% set x = 1 %}", "uses a variable of its own, which texts cannot"),
        ("{% macro x() %}{% endmacro %}", "uses macro, which texts cannot"),
        ("{% include 'x' %}", "uses include, which texts cannot"),
        ("{{ name.__class__ }}", "uses .__class__, which texts cannot"),
        ("{{ name() }}", "uses a call, which texts cannot"),
        ("{{ range(9) }}", "uses a call, which texts cannot"),
        ("{{ 'x' * 999999999 }}", r"uses \*, which texts cannot"),
        ("{{ 9 ** 999999999 }}", r"uses \*\*, which texts cannot"),
        ("{{ '%999999999d' % 1 }}", "uses %, which texts cannot"),
        ("{{ name | centre }}", "uses the filter centre, which texts cannot"),
        ("{{ name | lowr }}", r"uses the filter lowr, which texts cannot; did you mean lower\?"),
        ("{{ name | center(999999999) }}", "uses the filter center, which texts cannot"),
        ("{{ name + 1 }}", "cannot be written: "),
        ("{{ position + wait_minutes }}", "cannot be written for a caller whose name and waiting time are unknown"),
        ("{% if wait_minutes > 3 %}x{% endif %}", r"guard it with {% if wait_minutes %}"),
        ("{{ name[0] }}", "whose name and waiting time are unknown: str object has no element 0"),
        ("{{ name[0].x }}", "uses .x"),
        ("{{ name is nice }}", "is not a valid text: No test named 'nice'"),
        ("{{" + "(" * 900 + "1" + ")" * 900 + "}}", "is nested too deeply"),
        ("{{ name }}" * 60, "comes to more than 1600 characters"),
    ],
)
def test_a_text_that_could_fail_is_refused_with_a_sentence(source: str, sentence: str) -> None:
    with pytest.raises(TextError, match=sentence):
        compile_text(source, KNOWN)


def test_what_comes_from_outside_is_no_template_and_makes_no_lines() -> None:
    assert written("Hei {{ name }}!", name="{{ position }}\r\n\x00Evil\x1b") == "Hei {{ position }} Evil!"


@settings(deadline=None)
@given(st.text(), st.integers(0, 10**6), st.none() | st.integers(0, 10**6))
def test_the_text_can_be_written_and_sent_to_any_caller(name: str, position: int, minutes: int | None) -> None:
    text = written("{{ name }}/{{ position }}/{{ wait_minutes }}" + "x" * 1500, name, position, minutes)
    assert len(text) <= LONGEST_TEXT
    assert unsendable(text) == ()
    assert "\n" not in text


@settings(deadline=None)
@given(st.text("{}%#| name()[]+-~'\"1ifelsendr\n", max_size=60))
def test_checking_a_text_ends_in_a_text_or_a_sentence(source: str) -> None:
    try:
        template = compile_text(source, KNOWN)
    except TextError:
        return
    assert isinstance(sample(template), str)


def test_a_value_that_is_not_given_is_an_error_of_the_program() -> None:
    with pytest.raises(TypeError, match="position"):
        render(compile_text("{{ name }}", KNOWN), name="Anna", wait_minutes=1)


def test_a_text_that_stumbles_over_one_value_says_so() -> None:
    template = compile_text("{% if position == 7 %}{{ name + 1 }}{% endif %}", KNOWN)
    with pytest.raises(TextError):
        render(template, name="Anna", position=7, wait_minutes=1)


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(None, None), (0, 0), (0.5, 1), (60, 1), (61, 2), (600.0, 10), (-3, 0)]
)
def test_a_wait_is_given_in_whole_minutes_rounded_up(seconds: float | None, minutes: int | None) -> None:
    assert wait_minutes(seconds) == minutes
