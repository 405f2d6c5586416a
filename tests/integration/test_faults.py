"""Every fault of the catalogue is brought about by a test, and the figures say how often and what came of it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import faults
from tests.testbed.process import CHECKOUT

COLLECT = """
import sys, pytest
class Collected:
    def pytest_collection_finish(self, session):
        self.marked = {what for item in session.items for mark in item.iter_markers("fault") for what in mark.args}
collected = Collected()
pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", "-m", "fault", *sys.argv[1:]], plugins=[collected])
print(*sorted(collected.marked), sep="\\n", file=sys.stderr)
"""

WHERE = ("tests/acceptance", "tests/integration", "tests/unit/calendar")
"""The tests of faults. To collect all others takes several times as long."""

ONE_PASSES_AND_ONE_FAILS = """
import pytest
@pytest.mark.fault("Time: midnight", "Time: leap day")
def test_holds(): pass
@pytest.mark.fault("Time: midnight")
def test_does_not_hold(): assert False
@pytest.mark.fault("Time: midnight")
def test_is_not_tried(): pytest.skip("here")
def test_of_no_fault(): pass
"""


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_fault_of_the_catalogue_is_brought_about_by_a_test() -> None:
    marked = run("-c", COLLECT, *WHERE).stderr.splitlines()
    assert [what for what in faults.CATALOGUE if what not in marked] == []


@pytest.mark.parametrize("processes", [(), ("-n", "2")])
def test_outcomes_are_added_to_those_of_earlier_runs(tmp_path: Path, processes: tuple[str, ...]) -> None:
    (tmp_path / "conftest.py").write_text((CHECKOUT / "tests" / "conftest.py").read_text(encoding="utf-8"), "utf-8")
    (tmp_path / "test_here.py").write_text(ONE_PASSES_AND_ONE_FAILS, encoding="utf-8")
    for times in (1,) if processes else (1, 2):
        run("-m", "pytest", "-q", *processes, tmp_path, CALLCENTRE_FIGURES=str(tmp_path / "figures"))
        assert json.loads((tmp_path / "figures" / "faults.json").read_text(encoding="utf-8")) == [
            {"what": "Time: midnight", "tried": 2 * times, "held": times},
            {"what": "Time: leap day", "tried": times, "held": times},
        ]


def test_a_fault_that_is_not_in_the_catalogue_is_refused(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((CHECKOUT / "tests" / "conftest.py").read_text(encoding="utf-8"), "utf-8")
    (tmp_path / "test_here.py").write_text(ONE_PASSES_AND_ONE_FAILS.replace("leap day", "leap year"), encoding="utf-8")
    said = run("-m", "pytest", "-q", tmp_path)
    assert said.returncode == pytest.ExitCode.USAGE_ERROR
    assert "'Time: leap year' is not in the catalogue" in said.stderr + said.stdout


async def test_runs_that_end_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    outcomes = {("Time: midnight", True): 1}
    await asyncio.gather(*(asyncio.to_thread(faults.add_to, file, outcomes) for _ in range(50)))
    assert json.loads(file.read_text(encoding="utf-8")) == [{"what": "Time: midnight", "tried": 50, "held": 50}]
