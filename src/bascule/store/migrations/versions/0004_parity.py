"""Parity: runs that compare a list of a system with what is held of it, and the differences they find.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "parity_runs",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parity_runs")),
    )
    op.create_index(
        op.f("ix_parity_runs_connection_object_id"), "parity_runs", ["connection", "object", "id"], unique=False
    )
    op.create_table(
        "parity_ids",
        sa.Column("run", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("external", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "external", name=op.f("pk_parity_ids")),
    )
    op.create_table(
        "parity_differences",
        sa.Column("run", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run", "kind", "external", "field", name=op.f("pk_parity_differences")),
    )
    op.create_index(
        op.f("ix_parity_differences_connection_kind_external"),
        "parity_differences",
        ["connection", "kind", "external"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("parity_differences")
    op.drop_table("parity_ids")
    op.drop_table("parity_runs")
