"""What embedding models make of CVs and jobs.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vectors",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("made_from", sa.Text(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "record", "model", name=op.f("pk_vectors")),
    )
    op.create_index(op.f("ix_vectors_family"), "vectors", ["family"], unique=False)
    op.create_index(op.f("ix_vectors_record"), "vectors", ["record"], unique=False)


def downgrade() -> None:
    op.drop_table("vectors")
