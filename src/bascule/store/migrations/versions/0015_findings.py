"""What a look through the data of a connection has counted, and whom or what it found.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_checks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_checks")),
    )
    op.create_index(op.f("ix_data_checks_connection_id"), "data_checks", ["connection", "id"], unique=False)
    op.create_table(
        "data_findings",
        sa.Column("check_id", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("check_id", "finding", "record", name=op.f("pk_data_findings")),
    )
    op.create_index(op.f("ix_data_findings_record"), "data_findings", ["record"], unique=False)


def downgrade() -> None:
    op.drop_table("data_findings")
    op.drop_table("data_checks")
