"""All targets of the fuzzer: an inventory of the parsers of outside input.

A new parser gets a target in the module of its kind. The unit tests try each target with Hypothesis, and `scripts/fuzz`
with atheris, which looks for inputs that reach new branches.
"""

from __future__ import annotations

from typing import Final

from scripts.fuzzing import of_asterisk, of_files, of_network, of_people, of_settings
from scripts.fuzzing.target import by_name

TARGETS: Final = by_name(
    (*of_settings.TARGETS, *of_people.TARGETS, *of_network.TARGETS, *of_asterisk.TARGETS, *of_files.TARGETS)
)
"""The targets by their names."""
