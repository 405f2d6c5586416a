"""What moves a cursor, turns a line round or breaks it, and does not get out."""

from __future__ import annotations

import io
import json
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from callcentre.kernel.journal import FactLog
from callcentre.kernel.log import configure
from callcentre.terminal import show
from callcentre.values.characters import as_json, cleaned, one_line

ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
ANY = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hyvää päivää €", "Hyvää päivää €"),
        ("a\x1b[2Jb", "a[2Jb"),
        ("a\x9b2Jb\x07", "a2Jb"),
        ("1\u202e2\u2066\u200f\u061c", "12"),
        ("a\r\nb\rc\u2028d\u2029e\x85f\x0bg", "a\nb\nc\nd\ne\nf\ng"),
        ("a\tb", "a b"),
        ("\ud83d a \ufeff", " a "),
        ("👩\u200d🚒", "👩\u200d🚒"),
    ],
)
def test_what_acts_is_taken_out_and_what_is_read_stays(text: str, left: str) -> None:
    assert cleaned(text) == left


@given(ANY)
def test_nothing_acts_in_what_is_left(text: str) -> None:
    assert not ACTING.search(cleaned(text))
    assert "\n" not in one_line(text)
    cleaned(text).encode()


@given(ANY)
def test_json_has_every_character_and_shows_none_that_acts(text: str) -> None:
    written = as_json({"a": text})
    assert not ACTING.search(written)
    assert "\n" not in written
    assert json.loads(written) == {"a": re.sub("[\ud800-\udfff]", "\ufffd", text)}


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_no_list_moves_a_cursor(form: str) -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        show([{"a": "x\x1b[2J\u202e\x9b1m;=1", "b": ["\x1b", "=1"], "c": -1}], ("a", "b", "c"), form)
    assert not ACTING.search(out.getvalue())
    if form == "csv":
        assert out.getvalue().splitlines()[1].startswith("x[2J1m;'=1,")
        assert out.getvalue().rstrip().endswith(",-1")


@pytest.mark.parametrize("form", ["json", "console"])
def test_no_line_of_a_log_for_people_moves_a_cursor(
    form: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    configure("info", form)
    structlog.get_logger().info("gateway.said", words="x\x1b[2J\u202e\x9b1m", more=["\x1b"])
    structlog.reset_defaults()
    said = capsys.readouterr().err
    assert "gateway.said" in said
    assert not ACTING.search(said.replace("\n", ""))
    log = FactLog(tmp_path / "facts", "console")
    log.write([b'{"event": "call.ended", "at": "2026-06-03T09:00:00.000Z", "agent_name": "\\u001b[2J\\u009b1mAnna"}'])
    log.close()
    written = (tmp_path / "facts").read_text(encoding="utf-8")
    assert "[2J1mAnna" in written
    assert not ACTING.search(written.replace("\n", ""))
