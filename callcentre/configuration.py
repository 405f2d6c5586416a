"""The configuration file of all components: `FILE` is its shape, and the functions read it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from callcentre.app import parts
from callcentre.config import read as reading
from callcentre.config import schema
from callcentre.config.parts import FileShape
from callcentre.config.read import Configuration

if TYPE_CHECKING:
    from callcentre.what_if.past import MakePastRule

FILE = FileShape(
    parts=tuple(parts("settings", "PARTS")),
    keys=tuple(parts("settings", "KEYS")),
    choices=tuple(parts("settings", "CHOICES")),
    checks=tuple(parts("settings", "CHECKS")),
    module=__name__,
)

# Settings from another process are unpickled with these classes.
globals().update({model.__name__: model for model in FILE.models})


def read(path: Path, environ: Mapping[str, str] = os.environ) -> Configuration:
    """Read and check a whole file, without contacting anything. Raises ConfigurationError."""
    return reading.read(FILE, path, environ)


def parse(text: str, environ: Mapping[str, str], path: Path = Path("config.yaml")) -> Configuration:
    """Check the text of a file; `path` is its name in messages. Raises ConfigurationError."""
    return reading.parse(FILE, text, environ, path)


def past_rules() -> "list[MakePastRule]":
    """What the rules of components would have done with calls of the past, in the order of their columns."""
    return sorted(parts("what_if", "PAST_RULES"), key=lambda rule: rule.column)


def json_schema() -> schema.Node:
    """JSON Schema (2020-12) of the file."""
    return schema.json_schema(FILE)
