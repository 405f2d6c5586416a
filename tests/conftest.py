"""How all tests run: the same examples on every machine of a build, and no test of a machine's speed.

The outcomes of the tests of faults are counted here; see tests/faults.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import faults

# A build that fails must fail again when it is repeated; at a desk each run tries other examples.
settings.register_profile(
    "here", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("here")

_outcomes = faults.Outcomes()


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Give each test its faults as properties: only these come along from the processes of pytest-xdist."""
    for item in items:
        for mark in item.iter_markers("fault"):
            for what in mark.args:
                if what not in faults.CATALOGUE:
                    raise pytest.UsageError(f"{item.nodeid}: {what!r} is not in the catalogue of tests/faults.py")
                item.user_properties.append(("fault", what))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count a test once: by its own outcome, or as failed when its set-up failed."""
    if report.when == "call" or (report.when == "setup" and report.failed):
        for name, what in report.user_properties:
            if name == "fault" and not report.skipped:
                _outcomes[str(what), report.passed] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Add the outcomes to the figures, where a folder for them is named."""
    folder = os.environ.get(faults.FIGURES)
    # The processes of pytest-xdist report to the one that started them.
    if folder and _outcomes and not hasattr(session.config, "workerinput"):
        faults.add_to(Path(folder, "faults.json"), _outcomes)
