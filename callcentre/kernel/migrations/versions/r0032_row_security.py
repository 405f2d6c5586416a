"""Row-level security on PostgreSQL.

Each upgrade gives it to the tables as they are then (`row_security.py`). This step is there for a database that lacks
no other one.
"""

from __future__ import annotations

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """What follows every upgrade does it."""
