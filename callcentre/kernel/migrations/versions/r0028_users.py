"""Accounts, sessions, API keys, invitations, and wrong passwords lately."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Make the tables."""
    whole = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "users",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False, index=True),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False, index=True),
        sa.Column("made_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("services", sa.JSON, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("language", "agent", "mail", "password", "totp")),
        sa.Column("totp_step", whole, nullable=False),
        sa.Column("recovery", sa.JSON, nullable=False),
        sa.Column("subject", sa.Text, index=True),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("generation", whole, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("user", sa.Text, nullable=False, index=True),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("generation", whole, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False, index=True),
        sa.Column("confirmed_at", sa.BigInteger, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("browser", sa.Text, nullable=False),
    )
    op.create_table(
        "api_keys",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False, index=True),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("rights", sa.JSON),
        sa.Column("services", sa.JSON, nullable=False),
        sa.Column("maker", sa.Text),
        sa.Column("expires", sa.BigInteger),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_table(
        "invitations",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False, index=True),
        sa.Column("services", sa.JSON, nullable=False),
        sa.Column("mail", sa.Text),
    )
    op.create_table(
        "log_in_tries",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
        sa.Column("wrong", sa.JSON, nullable=False),
        sa.Column("closed_until", sa.BigInteger),
    )
