"""What everybody is found by: a vector and words of each candidate. All who are there are looked at from now on.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MARKED = sa.text("marks > made")


def upgrade() -> None:
    op.create_table(
        "people_index",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("workspace", "record", name=op.f("pk_people_index")),
    )
    op.execute(
        "INSERT INTO people_index (workspace, record, family, model, marks, made, updated, body) "
        "SELECT workspace, record, family, '', 1, 0, 0, NULL FROM candidates"
    )
    op.create_index(op.f("ix_people_index_family"), "people_index", ["family"], unique=False)
    op.create_index(op.f("ix_people_index_workspace_updated"), "people_index", ["workspace", "updated"], unique=False)
    op.create_index(
        "ix_people_index_marked",
        "people_index",
        ["workspace", "record"],
        unique=False,
        sqlite_where=MARKED,
        postgresql_where=MARKED,
    )


def downgrade() -> None:
    op.drop_table("people_index")
