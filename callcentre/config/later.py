"""Parts of the file that are read and checked, and whose features come later."""

from collections.abc import Iterator
from typing import Any, Final

from callcentre.config.findings import Path
from callcentre.config.problems import dotted
from callcentre.config.settings import Settings

# A line goes when its feature comes; a star stands for every name.
NOT_YET: Final[tuple[Path, ...]] = (
    ("services", "*", "survey"),
)


def later(settings: Settings) -> list[str]:
    """The parts that the file has and that are ignored until then, as dotted paths in the order of the table."""
    return [dotted(path) for pattern in NOT_YET for path in _present(settings, pattern)]


def _present(part: Any, pattern: Path, above: Path = ()) -> Iterator[Path]:
    if part is None:
        return
    if not pattern:
        yield above
        return
    step, *rest = pattern
    if step == "*":
        for name, each in part.items():
            yield from _present(each, tuple(rest), (*above, name))
    else:
        yield from _present(getattr(part, str(step)), tuple(rest), (*above, step))
