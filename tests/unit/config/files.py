"""Files for the tests: the shipped one with a line changed, or the smallest there is."""

from dataclasses import dataclass
from pathlib import Path

from callcentre.config.read import ConfigurationError
from callcentre.config.settings import Settings
from callcentre.configuration import parse

ROOT = Path(__file__).parents[3]
SHIPPED = (ROOT / "config.yaml").read_text(encoding="utf-8")

SMALLEST = """\
ari: {password: secret}
http: {token: 0123456789abcdef}
timezone: Europe/Helsinki
region: FI
language: fi
sms: {gateway: console, sender: Neuvonta}
numbers: {regions: [FI]}
services:
  support: {queue: support, name: {fi: Asiakaspalvelu}}
"""


@dataclass(frozen=True)
class Marked:
    """A file's text, and the place that was marked in it as «here»."""

    text: str
    line: int
    column: int
    end: int


def marked(text: str) -> Marked:
    """Take the marks out of a text and say where they were."""
    before, inside, _ = text.replace("»", "«").split("«")
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return Marked(text.replace("«", "").replace("»", ""), line, column, column + len(inside))


def changed(old: str, new: str, text: str = SHIPPED) -> str:
    """The file with one piece of it replaced; the piece must be there once."""
    assert text.count(old) == 1, f"{old!r} is in the file {text.count(old)} times"
    return text.replace(old, new)


def settings(text: str = SMALLEST) -> Settings:
    """The settings of a file without mistakes."""
    return parse(text, {}).settings


def mistakes(text: str, environ: dict[str, str] | None = None) -> list[str]:
    """Every mistake of a file, as "path: message"."""
    try:
        parse(text, environ or {})
    except ConfigurationError as error:
        return [problem.render("").splitlines()[0].split(": ", 1)[-1] for problem in error.problems]
    return []


def warnings(text: str) -> list[str]:
    """The warnings of a file without mistakes, as "path: message"."""
    return [each.render("").splitlines()[0].split(": ", 1)[1] for each in parse(text, {}).warnings]
