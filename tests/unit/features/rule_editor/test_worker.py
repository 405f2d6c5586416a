"""What the worker answers, without a process around it."""

from __future__ import annotations

import pickle
from typing import Any

import msgspec
import pytest

from callcentre.config.read import ConfigurationError
from callcentre.configuration import FILE, parse, past_rules
from callcentre.features.rule_editor.outside.messages import Check, Compare, Files, Look, Question, Sight, Verdict
from callcentre.features.rule_editor.outside.worker import Worker, digest
from tests.unit.config.files import SMALLEST, changed

SECRETS = ("wordofari", "0123456789abcdef")
TEXT = changed("secret", SECRETS[0], SMALLEST)
SHOWN = TEXT.replace(SECRETS[0], "<secret ari.password>").replace(SECRETS[1], "<secret http.token>")
FILES = Files(disk=TEXT, in_force=TEXT, path="config.yaml")


def answer(question: Question, environ: dict[str, str] | None = None) -> Any:
    return Worker(FILE, past_rules, environ or {}).answer(question)


def looked(disk: str | None, in_force: str = TEXT) -> Sight:
    found: Sight = answer(Look(files=Files(disk=disk, in_force=in_force, path="config.yaml")))
    return found


def checked(text: str, files: Files = FILES) -> Verdict:
    found: Verdict = answer(Check(files=files, text=text))
    return found


def without_the_file(found: Verdict) -> Verdict:
    """What of an answer is for the browser."""
    return msgspec.structs.replace(found, ready=None)


# --- looking -------------------------------------------------------------------------------------


def test_the_file_is_shown_without_secrets_and_without_a_difference_when_it_applies() -> None:
    found = looked(TEXT)
    assert (found.text, found.is_of_disk, found.waiting) == (SHOWN, True, [])
    assert found.sha256 == digest(SHOWN)


def test_a_file_that_does_not_apply_yet_is_shown_with_what_it_would_change() -> None:
    found = looked(changed("region: FI", "region: SE", TEXT))
    assert [line.text for line in found.waiting if line.kind in ("added", "removed")] == ["region: FI", "region: SE"]


def test_mistakes_of_the_file_are_shown() -> None:
    found = looked(changed("region: FI", "region: XX", TEXT))
    assert found.is_of_disk
    assert [(each.line, each.where) for each in found.problems] == [(4, "region")]


def test_of_a_file_that_is_no_yaml_only_the_mistake_is_shown_and_no_line() -> None:
    found = looked(changed("region: FI", "region: [wordofari", TEXT))
    assert (found.text, found.is_of_disk) == (SHOWN, False)
    assert [each.shown for each in found.problems] == [""]
    assert b"wordofari" not in msgspec.json.encode(found)


def test_without_a_file_the_text_that_applies_is_shown() -> None:
    assert (looked(None).text, looked(None).is_of_disk) == (SHOWN, False)


def test_lines_end_in_the_browser_as_they_do_there_and_in_the_file_as_before() -> None:
    crlf = TEXT.replace("\n", "\r\n")
    assert looked(crlf, crlf).text == SHOWN
    ready = checked(SHOWN, Files(disk=crlf, in_force=crlf, path="c")).ready
    assert ready is not None
    assert ready.text == crlf


# --- checking ------------------------------------------------------------------------------------


def test_a_good_text_is_ready_for_the_file_with_its_secrets() -> None:
    found = checked(changed("Asiakaspalvelu}", "Neuvonta}", SHOWN))
    assert found.problems == []
    assert found.ready is not None
    assert found.ready.text == changed("Asiakaspalvelu}", "Neuvonta}", TEXT)
    assert found.ready.shown == changed("Asiakaspalvelu}", "Neuvonta}", SHOWN)
    assert pickle.loads(found.ready.settings) == parse(found.ready.text, {}).settings
    assert [line.kind for line in found.changes if line.kind != "same"] == ["place", "removed", "added"]


def test_mistakes_have_the_words_and_the_lines_of_check() -> None:
    mistaken = changed("region: FI", "region: FIN", SHOWN)
    with pytest.raises(ConfigurationError) as raised:
        parse(changed("region: FI", "region: FIN", TEXT), {})
    (problem,) = raised.value.problems
    (found,) = checked(mistaken).problems
    assert (found.line, found.column, found.where, found.message) == (
        problem.line, problem.column, "region", problem.message
    )  # fmt: skip
    assert found.shown == "\n".join(problem.render("").splitlines()[1:])
    assert checked(mistaken).ready is None
    assert checked(mistaken).changes


def test_a_typed_secret_is_in_the_file_and_nowhere_else() -> None:
    found = checked(changed("<secret http.token>", "anewsecretoftwenty", SHOWN))
    assert found.secrets == ["http.token"]
    assert found.changes == []
    assert found.ready is not None
    assert "anewsecretoftwenty" in found.ready.text
    assert "anewsecretoftwenty" not in found.ready.shown
    assert b"anewsecretoftwenty" not in msgspec.json.encode(without_the_file(found))


@pytest.mark.parametrize(
    "text",
    [
        SHOWN,
        SHOWN.replace("password: <secret", "user: x, password: <secret"),
        SHOWN.replace("<secret ari.password>", "''"),
        SHOWN.replace("region: FI", "region: <secret ari.password>"),
        SHOWN.replace("region: FI", "region: ["),
        SHOWN + "zz: <secret http.token>\n",
        SHOWN.replace("ari: {", "ari: &a {") + "zz: *a\n",
    ],
)
def test_no_answer_has_a_secret(text: str) -> None:
    for found in (
        without_the_file(checked(text)),
        looked(TEXT),
        answer(Compare(files=FILES, before=SHOWN, after=text, typed=True)),
    ):
        said = msgspec.json.encode(found)
        assert not any(secret.encode() in said for secret in SECRETS)


def test_a_secret_that_the_file_has_lost_comes_from_the_text_that_applies() -> None:
    files = Files(disk=TEXT.replace("password: wordofari", ""), in_force=TEXT, path="config.yaml")
    ready = checked(SHOWN, files).ready
    assert ready is not None
    assert ready.text == TEXT


def test_the_secret_of_the_file_counts_and_not_that_of_the_text_that_applies() -> None:
    files = Files(disk=TEXT.replace("wordofari", "newer"), in_force=TEXT, path="config.yaml")
    ready = checked(SHOWN, files).ready
    assert ready is not None
    assert "newer" in ready.text


# --- comparing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", ["", "zz: [\n"])
def test_a_typed_secret_is_hidden_in_a_difference_also_of_a_text_that_is_no_yaml(broken: str) -> None:
    text = changed("<secret http.token>", "anewsecretoftwenty", SHOWN) + broken
    found = answer(Compare(files=FILES, before=SHOWN, after=text, typed=True))
    assert b"anewsecretoftwenty" not in msgspec.json.encode(found)
