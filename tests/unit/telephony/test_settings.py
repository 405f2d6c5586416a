"""Checks of ari."""
# ruff: noqa: E501, a table is read by its rows

import pytest

from tests.unit.config.files import SHIPPED, changed, warnings

WARNINGS = [
    ("url: http://127.0.0.1:8088/ari", "url: http://pbx.example.fi:8088/ari", "ari.url: sends the password and every number over the network unencrypted; use https"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "warning"), WARNINGS)
def test_what_was_probably_not_meant_is_a_warning(old: str, new: str, warning: str) -> None:
    before = warnings(SHIPPED)
    assert [each for each in warnings(changed(old, new)) if each not in before] == [warning]
