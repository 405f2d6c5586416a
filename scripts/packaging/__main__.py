"""`python -m scripts.packaging [--output FOLDER] [--check]`: builds the Debian package, see `scripts/package`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from scripts.packaging.build import TOP, about, build


def main() -> int:
    """The exit code: 0 when the package is built, and passes with --check."""
    parser = argparse.ArgumentParser(prog="scripts/package", description="Builds the Debian package.")
    parser.add_argument("--output", type=Path, default=TOP / "dist", help="the folder that it is written to")
    parser.add_argument("--check", action="store_true", help="install it in a copy of this machine as well")
    asked = parser.parse_args()
    package = about()
    try:
        made = build(asked.output, package)
    except (OSError, LookupError, subprocess.CalledProcessError) as error:
        print(f"scripts/package: {error}", file=sys.stderr)
        return 1
    print(f"{made}: {made.stat().st_size / 1e6:.1f} MB")
    if asked.check:
        from scripts.packaging.check import check

        return check(made, package)
    return 0


if __name__ == "__main__":
    sys.exit(main())
