"""The structure of the file: what is not YAML, where things are, and what is kept from being shown."""

import pytest

from callcentre.config.problems import Problem, SourceLines, Span
from callcentre.config.yaml_source import read_yaml


def only(problems: list[Problem]) -> tuple[int, int, str]:
    [problem] = problems
    return problem.line, problem.column, problem.message


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("a: 1\n\tb: 2\n", (2, 1), "is not YAML: a tab is where YAML wants spaces; indent with spaces"),
        ("a: 'x\n", (2, 1), "is not YAML: while scanning a quoted scalar, found unexpected end of stream"),
        ("a: [1\nb: 2\n", (2, 2), "is not YAML: while parsing a flow sequence, expected ',' or ']', but got ':'"),
        ("a: b: c\n", (1, 5), "is not YAML: mapping values are not allowed here"),
        # The name may be a password.
        ("a: *b\n", (1, 4), "is not YAML: found undefined alias; put a value that begins with * in quotes"),
        ("a: &b 1\nc: &b 2\n", (2, 4), "is not YAML: found duplicate anchor; put a value that begins with & in quotes"),
        ("a: !b!c\n", (1, 4), "is not YAML: found undefined tag handle; put a value that begins with ! in quotes"),
        (
            "a: 1\n---\nb: 2\n",
            (2, 1),
            "is not YAML: expected a single document in the stream, but found another document",
        ),
        ("a: 1\nb: \x07\n", (2, 4), "holds a character that YAML forbids: U+0007"),
        ("- a\n", (1, 1), "must begin with keys, such as ari: and services:"),
        ("just words\n", (1, 1), "must begin with keys, such as ari: and services:"),
        ("[" * 2000, (1, 1), "is nested too deeply"),
    ],
)
def test_what_is_no_yaml_is_a_sentence_at_its_place(text: str, place: tuple[int, int], sentence: str) -> None:
    source = read_yaml(text, {})
    assert only(source.problems) == (*place, sentence)
    assert not source.is_readable


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("a: 1\na: 2\n", (2, 1), "is here twice, first in line 1; keep one of the two"),
        ("a: {b: 1, c: 2, b: 3}\n", (1, 17), "is here twice, first in line 1; keep one of the two"),
        ("a: &x [1, *x]\n", (1, 4), "an alias holds itself; write the value out"),
        ("? [a]\n: 1\n", (1, 3), "a key must be a word; write it as key: value"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", (3, 3), "merging is not supported; an alias can stand for a whole value only"),
        ("a: ${\n", (1, 4), "${ begins the name of an environment variable; write ${NAME} or ${NAME:-default}"),
        ("a: x${NO}\n", (1, 4), "NO is not set in the environment; set it, or write ${NO:-default}"),
    ],
)
def test_what_yaml_allows_and_we_do_not_is_a_sentence_at_its_place(
    text: str, place: tuple[int, int], sentence: str
) -> None:
    source = read_yaml(text, {})
    assert only(source.problems) == (*place, sentence)
    assert source.is_readable


def test_aliases_that_hold_aliases_end() -> None:
    text = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    source = read_yaml(text, {})
    assert "the file holds too much" in source.problems[0].message
    assert len(source.problems) == 1
    assert not source.is_readable


def test_an_alias_is_read_as_its_value() -> None:
    assert read_yaml("a: &day '08:00-16:00'\nb: *day\n", {}).data == {"a": "08:00-16:00", "b": "08:00-16:00"}


def test_an_environment_that_is_not_utf8_is_a_mistake() -> None:
    assert only(read_yaml("a: ${X}\n", {"X": "\udce4"}).problems)[2] == "X in the environment is not UTF-8"


def test_a_template_is_no_environment_variable() -> None:
    assert read_yaml("a: 'costs ${{ price }}'\n", {}).data == {"a": "costs ${{ price }}"}


def test_a_value_that_is_a_block_is_pointed_at_by_its_key() -> None:
    source = read_yaml("a:\n  b:\n    - c\n", {})
    assert source.value_at(("a", "b")) == Span(2, 3, 4)
    assert source.value_at(("a", "b", 0)) == Span(3, 7, 8)
    assert source.value_at(("a", "nothing", "here")) == Span(1, 1, 2)


@pytest.mark.parametrize(
    ("text", "line", "shown"),
    [
        ("  password: hunter2", 1, "  password: …"),
        ("{url: x, password: hunter2, app: y}", 1, "{url: x, password: …"),
        ('  "token": hunter2', 1, '  "token": …'),
        ("  pasword: hunter2", 1, "  pasword: …"),
        ("  api_secret: hunter2", 1, "  api_secret: …"),
        ("  auth_tokn: hunter2", 1, "  auth_tokn: …"),
        ("  url: postgresql://u:hunter2@host/db", 1, "  url: postgresql://…"),
        ("  password:\n    hunter2", 2, "…"),
        ("  password: |\n    a\n      hunter2", 3, "…"),
        ("  press_to_accept: true", 1, "  press_to_accept: true"),
        ("  password: x\n  url: y", 2, "  url: y"),
        ("  app: \x1b[31mred", 1, "  app: \N{REPLACEMENT CHARACTER}[31mred"),
    ],
)
def test_a_line_is_shown_up_to_its_first_secret(text: str, line: int, shown: str) -> None:
    assert SourceLines(text).shown(line) == shown


def test_a_long_line_is_shown_around_its_mistake() -> None:
    problem = SourceLines("a" * 500 + "MISTAKE" + "b" * 500).problem(Span(1, 501, 508), ("x",), "is wrong")
    _, line, caret = problem.render("f").splitlines()
    place = caret.index("^")
    assert line[place : place + caret.count("^")] == "MISTAKE"
    assert len(line) < 140


def test_a_caret_is_under_its_mistake_behind_a_tab() -> None:
    problem = SourceLines("a:\tMISTAKE").problem(Span(1, 4, 11), (), "is wrong")
    assert problem.render("f").splitlines()[2] == "      |   \t^^^^^^^"
