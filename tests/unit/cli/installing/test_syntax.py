"""Configuration files are read as Asterisk reads them; each line here is what its main/config.c does."""

from __future__ import annotations

import pytest

from callcentre.cli.installing.syntax import Configuration, read
from tests.unit.cli.installing.disk import ETC, Texts


def conf(text: str, **others: str) -> Configuration:
    """A queues.conf; other files by their names without `.conf`."""
    return read("queues.conf", Texts({"queues.conf": text, **{f"{name}.conf": one for name, one in others.items()}}))


def options(configuration: Configuration, name: str) -> list[tuple[str, str]]:
    section = configuration.section(name)
    assert section is not None
    return [(option.name, option.value) for option in section.options]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("context=ivr-1", [("context", "ivr-1")]),
        ("  context => ivr-1  ; the menu", [("context", "ivr-1")]),
        ("context=", [("context", "")]),
        (r"name=a\;b", [("name", "a;b")]),
        ("name=a;b", [("name", "a")]),
        (";context=ivr-1", []),
        (";-- context=ivr-1\ncontext=ivr-2 --;\nmaxlen=1", [("maxlen", "1")]),
        ("a=1 ;-- b=2 --; 3", [("a", "1  3")]),
        (";-- a=1 ;-- b=2 --; c=3 --;\nd=4", [("d", "4")]),
        (";----- a=1\nb=2", [("b", "2")]),
        ("announce=a\nannounce+=b", [("announce", "a"), ("announce", "ab")]),
        ("announce+=b", [("announce", "b")]),
        ("no equals sign\na=1", [("a", "1")]),
        ("=1\na=2", [("a", "2")]),
        ("a=1\r\nb=2\r", [("a", "1"), ("b", "2")]),
        ("a=b=c", [("a", "b=c")]),
    ],
)
def test_options(lines: str, expected: list[tuple[str, str]]) -> None:
    found = conf(f"[support]\n{lines}\n")
    assert options(found, "support") == expected
    assert not found.troubles


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[t](!)\na=1\n[support](t)\nb=2", [("a", "1"), ("b", "2")]),
        ("[t](!)\na=1\n[u](!,t)\nb=2\n[support](u)", [("a", "1"), ("b", "2")]),
        ("[support]\na=1\n[other]\n[support](+)\nb=2", [("a", "1"), ("b", "2")]),
        ("[t](!)\nb=2\n[support]\na=1\n[support](+,t)\nc=3", [("a", "1"), ("b", "2"), ("c", "3")]),
        ("[Support]\na=1\n[SUPPORT](+)\nb=2", [("a", "1"), ("b", "2")]),
        ("[support]\na=1\n[support]\nb=2", [("a", "1")]),
        ("\ufeff[support]\na=1", [("a", "1")]),
        ("[support]\na=1\n[support](!)\n[support](+TEMPLATES=include)\nb=2", [("a", "1"), ("b", "2")]),
    ],
)
def test_sections_inherit_and_are_added_to(text: str, expected: list[tuple[str, str]]) -> None:
    found = conf(text)
    assert options(found, "support") == expected
    assert not found.troubles


def test_a_template_is_no_section() -> None:
    assert conf("[support](!)\ncontext=ivr-1").section("support") is None
    assert conf("[support](!)\n[support](+TEMPLATES=include)\ncontext=x").section("support") is None


def test_an_included_file_counts_where_it_is_included_and_is_named_in_its_mistakes() -> None:
    found = conf(
        "[general]\n#include general.conf\n#include more/*.conf\n#tryinclude none.conf\n[last]\nz=1",
        general="a=1\n[support]\ncontext=ivr-1",
        **{"more/1": "maxlen=3\n[sales]", "more/2": "[support](+)\ncontext=ivr-2"},
    )
    assert not found.troubles
    assert options(found, "general") == [("a", "1")]
    # A file goes on with the section that was begun last, in whatever file.
    assert options(found, "support") == [("context", "ivr-1"), ("maxlen", "3"), ("context", "ivr-2")]
    support = found.section("support")
    assert support is not None
    last = support.last("CONTEXT")
    assert last is not None
    assert (last.value, str(last.place)) == ("ivr-2", f"{ETC}/more/2.conf:2")
    assert found.files() == {f"{ETC}/general.conf", f"{ETC}/more/1.conf", f"{ETC}/more/2.conf"}


@pytest.mark.parametrize(
    "line", ['#include "x.conf"', "#include <x.conf>", f"#include {ETC}/x.conf", "#INCLUDE\tx.conf "]
)
def test_an_include_may_be_written_in_several_ways(line: str) -> None:
    assert options(conf(f"[general]\n{line}", x="[support]\na=1"), "support") == [("a", "1")]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[general\na=1", 1, "no closing ]"),
        ("[general](+\n", 1, "no closing )"),
        ("[general]\n[support](+)\na=1", 2, "adds to a section that is not there"),
        ("[general]\n[support](t)\na=1", 2, "inherits from a section that is not there before it: t"),
        ("[support](!)\n[support](+)", 2, "adds to a section"),
        ("a=1", 1, "before the first [section]"),
        ("[general]\n#include none.conf", 2, "includes a file that is not there: none.conf"),
        ("[general]\n#include queues.conf", 2, "too deep"),
    ],
)
def test_what_makes_asterisk_refuse_the_file_is_named(text: str, line: int, words: str) -> None:
    trouble = conf(text).troubles[0]
    assert (trouble.place.file, trouble.place.line) == (f"{ETC}/queues.conf", line)
    assert words in trouble.what
    assert trouble.whole == ("too deep" not in words)


def test_the_rest_of_an_included_file_is_left_out_behind_what_asterisk_cannot_read() -> None:
    more = "[support]\na=1\n[none](+)\n[sales]\nb=2\n"
    found = conf("[general]\n#include m*.conf\n[last]\nc=3", more=more, more2="[other]")
    assert [(trouble.place.line, trouble.whole) for trouble in found.troubles] == [(3, False)]
    assert [section.name for section in found.sections] == ["general", "support", "last"]
    assert "leaves out the rest of this file" in str(found.troubles[0])
    assert "leaves out the whole of it" in str(conf("[none](+)").troubles[0])


def test_a_program_that_is_run_is_named_and_a_file_that_is_not_there_says_nothing() -> None:
    assert [place.line for place in conf("[general]\n#exec /bin/x").unread] == [2]
    assert read("none.conf", Texts({})).sections == []
