"""The statements that read rows one by one, for each database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from callcentre.kernel.reader import _select

_MEASURED = sa.Table(
    "measured", sa.MetaData(), sa.Column("key", sa.Text, primary_key=True), sa.Column("value", sa.Float)
)


@pytest.mark.parametrize("url", ["sqlite://", "postgresql+psycopg://nobody@/none"])
def test_a_row_with_a_float_can_be_read(url: str) -> None:
    sql, columns, _ = _select(_MEASURED.c.key, sa.create_engine(url), below=False)
    assert "measured" in sql
    assert [(name, convert) for name, convert in columns if name == "value"] == [("value", None)]
