"""What a scheduled report may hold is what the commands have."""

from typing import get_args

from callcentre.app import ledger_shape
from callcentre.features.reports.settings import EXPORTS, GROUPS
from callcentre.statistics.questions import By


def test_every_grouping_of_figures_and_every_export_can_be_scheduled() -> None:
    assert get_args(By) == GROUPS
    assert tuple(ledger_shape().exports) == EXPORTS
