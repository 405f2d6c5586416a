"""Which pages have generated parts, and what these should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from scripts.reference import alarms, commands, facts, figures, http, metrics, retention, rights, settings

REFERENCE: Final = Path(__file__).parents[2] / "docs" / "reference"
COMMAND: Final = "python -m scripts.reference"

BLOCKS: Final[Mapping[str, Callable[[], str]]] = {
    **settings.BLOCKS,
    "commands": commands.every_command,
    "common fields": facts.common_fields,
    "facts": facts.every_fact,
    "figures": figures.every_figure,
    "exports": figures.every_export,
    "operations": http.every_operation,
    "bodies": http.every_body,
    "metrics": metrics.every_metric,
    "alarms": alarms.every_alarm,
    "rights": rights.every_right,
    "pages": rights.every_page,
    "retention": retention.every_retention,
    "memory": retention.every_memory,
}

_BLOCK: Final = re.compile(r"(?P<begin><!-- generated: (?P<name>[^>]+?) -->\n).*?(?P<end><!-- end -->\n)", re.DOTALL)


def changed() -> dict[Path, str]:
    """The pages of docs/reference that are not up to date, and what they should be."""
    wanted = {page: generated(page.read_text(encoding="utf-8")) for page in sorted(REFERENCE.glob("*.md"))}
    return {page: text for page, text in wanted.items() if text != page.read_text(encoding="utf-8")}


def generated(text: str) -> str:
    """The page with its generated parts made again."""
    return _BLOCK.sub(lambda found: f"{found['begin']}\n{BLOCKS[found['name']]()}\n\n{found['end']}", text)


def names(text: str) -> list[str]:
    """Which generated parts a page has."""
    return [found["name"] for found in _BLOCK.finditer(text)]
