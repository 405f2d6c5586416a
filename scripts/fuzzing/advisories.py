"""Asks the databases of advisories about the pinned requirements: see `scripts/advisories`.

An answer counts only when it is about every package. A database that does not know a package, or cannot be reached, has
not been asked. Where no database answers about each version, the index is asked for the page of each package, which
has the advisories of its latest version: so a package that is pinned to an older version has not been asked about.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

TOP: Final = Path(__file__).parents[2]
FILES: Final = (
    *sorted((TOP / "scripts").glob("requirements*.txt")),
    *sorted((TOP / "scripts").glob("*/requirements.txt")),
)
DATABASES: Final = ("osv", "pypi")

_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\\n]+)", re.MULTILINE)
_KNOWN, _NOT_ASKED = 1, 2


class NotAskedError(Exception):
    """A database gave no answer about every package; the text says why."""


def main() -> int:
    """Ask about each file, and print what is known. The exit code is that of `scripts/advisories`."""
    result = 0
    for path in FILES:
        try:
            answer = _asked(path) or _asked_of_index(path)
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
    """What the first database that answers says of the packages of a file; nothing when none does."""
    for database in DATABASES:
        command = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes"]
        command += ["--vulnerability-service", database, "--progress-spinner=off", "--format=json", "-r", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        try:
            return answered(done.stdout, frozenset(pinned(path.read_text("utf-8"))))
        except NotAskedError as error:
            said = done.stderr.strip().rpartition("\n")[2][-200:]
            print(f"{path.relative_to(TOP)}: {database} gives no answer: {said or error}", file=sys.stderr)
    return ()


def _asked_of_index(path: Path) -> Sequence[dict[str, Any]]:
    """What the index says of the packages of a file. Raises NotAskedError."""
    packages = pinned(path.read_text("utf-8"))
    with ThreadPoolExecutor(8) as threads:
        pages = dict(zip(packages, threads.map(_page, packages), strict=True))
    return of_pages(packages, pages)


def _page(package: str) -> dict[str, Any] | None:
    """A package on the index that pip knows. `vulnerabilities` is about the version in `info`, the latest one."""
    try:
        # Some environments have no pip; it is not needed for anything else.
        index = import_module("pip._internal.models.index").PyPI.pypi_url
        with urlopen(f"{index}/{package}/json", timeout=60) as answer:
            page: dict[str, Any] = json.load(answer)
            return page
    except (ImportError, URLError, OSError, ValueError):
        return None


def of_pages(packages: Mapping[str, str], pages: Mapping[str, dict[str, Any] | None]) -> Sequence[dict[str, Any]]:
    """What pages of the index say of packages with these versions, in the shape of pip-audit's JSON.

    Raises NotAskedError, which says what the others are like, when a page is missing or about another version.
    """
    found = []
    other = []
    for package, version in packages.items():
        page = pages.get(package)
        latest = None if page is None else page["info"]["version"]
        if page is None or latest != version:
            other.append(f"{package} {version} ({'no page' if latest is None else f'the latest is {latest}'})")
            continue
        known = [{"id": one["id"], "fix_versions": one["fixed_in"]} for one in page["vulnerabilities"]]
        found.append({"name": package, "version": version, "vulns": known})
    if other:
        known_of = "; ".join(advisories(found)) or "no advisory"
        raise NotAskedError(f"of {len(found)} packages {known_of} is known; not asked: {', '.join(other)}")
    return found


def pinned(requirements: str) -> dict[str, str]:
    """The versions of the packages of a file of requirements, by name in the form for comparing names (PEP 503).

    Of a package with several versions, for several versions of Python, the first.
    """
    return {_named(package): version for package, version in reversed(_PINNED.findall(requirements))}


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
