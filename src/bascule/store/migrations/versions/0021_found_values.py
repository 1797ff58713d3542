"""What CVs and providers know of candidates, and what providers were asked.

Revision ID: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "found_values",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("review", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_found_values")),
    )
    op.create_index(op.f("ix_found_values_record"), "found_values", ["record"], unique=False)
    op.create_index(op.f("ix_found_values_family"), "found_values", ["family"], unique=False)
    op.create_index(
        op.f("ix_found_values_workspace_outcome_id"), "found_values", ["workspace", "outcome", "id"], unique=False
    )
    op.create_table(
        "lookups",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("sent", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookups")),
    )
    op.create_index(op.f("ix_lookups_workspace_id"), "lookups", ["workspace", "id"], unique=False)
    op.create_index(op.f("ix_lookups_workspace_at"), "lookups", ["workspace", "at"], unique=False)
    op.create_index(op.f("ix_lookups_record"), "lookups", ["record"], unique=False)
    op.create_index(op.f("ix_lookups_family"), "lookups", ["family"], unique=False)


def downgrade() -> None:
    op.drop_table("lookups")
    op.drop_table("found_values")
