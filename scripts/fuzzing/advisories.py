"""Asks the databases of advisories about the pinned requirements: see `scripts/advisories`.

An answer counts only when it is about every package. A database that does not know a package, or cannot be reached, has
not been asked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

TOP: Final = Path(__file__).parents[2]
FILES: Final = (
    *sorted((TOP / "scripts").glob("requirements*.txt")),
    *sorted((TOP / "scripts").glob("*/requirements.txt")),
)
DATABASES: Final = ("osv", "pypi")

_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", re.MULTILINE)
_KNOWN, _NOT_ASKED = 1, 2


class NotAskedError(Exception):
    """A database gave no answer about every package; the text says why."""


def main() -> int:
    """Ask about each file, and print what is known. The exit code is that of `scripts/advisories`."""
    result = 0
    for path in FILES:
        try:
            answer = _asked(path)
        except NotAskedError as error:
            print(f"{path.relative_to(TOP)}: could not be asked about: {error}", file=sys.stderr)
            result = _NOT_ASKED
            continue
        known = advisories(answer)
        print(f"{path.relative_to(TOP)}: {len(answer)} packages, {len(known)} advisories")
        for line in known:
            print(f"    {line}")
        result = max(result, _KNOWN if known else 0)
    return result


def _asked(path: Path) -> Sequence[dict[str, Any]]:
    """What the first database that answers says of the packages of a file. Raises NotAskedError."""
    reasons = []
    for database in DATABASES:
        command = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes"]
        command += ["--vulnerability-service", database, "--progress-spinner=off", "--format=json", "-r", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        try:
            return answered(done.stdout, pinned(path.read_text("utf-8")))
        except NotAskedError as error:
            last = done.stderr.strip().rpartition("\n")[2][-200:]
            reasons.append(f"{database}: {last or error}")
    raise NotAskedError("; ".join(reasons))


def pinned(requirements: str) -> frozenset[str]:
    """The packages of a file of requirements, in the form for comparing names (PEP 503)."""
    return frozenset(map(_named, _PINNED.findall(requirements)))


def _named(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def answered(said: str, packages: frozenset[str]) -> Sequence[dict[str, Any]]:
    """The packages in pip-audit's JSON. Raises NotAskedError unless it speaks of every one of `packages`."""
    try:
        found: list[dict[str, Any]] = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        raise NotAskedError("no answer") from None
    known = {_named(each["name"]) for each in found if "vulns" in each}
    if missing := sorted(packages - known):
        raise NotAskedError(f"no answer about {', '.join(missing[:5])}")
    return found


def advisories(answer: Sequence[dict[str, Any]]) -> list[str]:
    """One line for each advisory: the package, the advisory, and the version that has its fix."""
    return [
        f"{each['name']} {each['version']}: {one['id']}; fixed in {', '.join(one['fix_versions']) or 'no version yet'}"
        for each in answer
        for one in each.get("vulns", ())
    ]


if __name__ == "__main__":
    sys.exit(main())
