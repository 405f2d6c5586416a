"""What axe-core finds on a page: mistakes that keep people from using it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from playwright.async_api import Page

_RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


async def mistakes(page: Page) -> list[str]:
    """What axe-core finds on the page as it is shown now: a line for each element, with the name of the rule."""
    await page.evaluate(_axe())
    found = await page.evaluate("(tags) => axe.run(document, {runOnly: tags})", _RULES)
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {' '.join(node['failureSummary'].split())}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
