"""Desks by link, and whose each held thing is.

Revision ID: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decision_desks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_desks")),
        sa.UniqueConstraint("workspace", "person", name=op.f("uq_decision_desks_workspace_person")),
    )
    op.create_table(
        "decisions_asked",
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=True),
        sa.Column("escalated", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("review", name=op.f("pk_decisions_asked")),
    )
    op.create_index(
        op.f("ix_decisions_asked_workspace_person"), "decisions_asked", ["workspace", "person"], unique=False
    )
    op.create_index(op.f("ix_decisions_asked_family"), "decisions_asked", ["family"], unique=False)


def downgrade() -> None:
    op.drop_table("decisions_asked")
    op.drop_table("decision_desks")
