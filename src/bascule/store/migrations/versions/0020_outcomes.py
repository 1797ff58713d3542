"""What people decided about applications beside their scores, and what was done about the scores since.

Revision ID: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outcomes",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scorer", sa.Text(), nullable=False),
        sa.Column("hired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("application", name=op.f("pk_outcomes")),
    )
    op.create_index(op.f("ix_outcomes_family"), "outcomes", ["family"], unique=False)
    op.create_index(op.f("ix_outcomes_workspace_job_at"), "outcomes", ["workspace", "job", "at"], unique=False)
    op.create_table(
        "remediations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remediations")),
    )
    op.create_index(op.f("ix_remediations_workspace_job"), "remediations", ["workspace", "job"], unique=False)


def downgrade() -> None:
    op.drop_table("remediations")
    op.drop_table("outcomes")
