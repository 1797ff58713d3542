"""Under what a person is found by whoever may be the same, and what was ever asked about one.

People who are there already get theirs from the next sweep for duplicates, or when they change.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "likenesses",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token", "record", name=op.f("pk_likenesses")),
    )
    op.create_index(op.f("ix_likenesses_record"), "likenesses", ["record"], unique=False)
    op.create_index(op.f("ix_reviews_family"), "reviews", ["family"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_reviews_family"), "reviews")
    op.drop_table("likenesses")
