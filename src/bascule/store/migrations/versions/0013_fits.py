"""How well people fit a job they have not applied for, and whose CV is to be fetched.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UNREAD = sa.text("unread")


def upgrade() -> None:
    op.create_table(
        "fits",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("of", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("job", "record", name=op.f("pk_fits")),
    )
    op.create_index(op.f("ix_fits_family"), "fits", ["family"], unique=False)
    op.create_index(op.f("ix_fits_record"), "fits", ["record"], unique=False)
    op.create_index(op.f("ix_fits_workspace_job"), "fits", ["workspace", "job"], unique=False)
    op.add_column("people_index", sa.Column("unread", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_people_index_unread",
        "people_index",
        ["workspace", "record"],
        unique=False,
        sqlite_where=UNREAD,
        postgresql_where=UNREAD,
    )


def downgrade() -> None:
    op.drop_index("ix_people_index_unread", "people_index")
    op.drop_column("people_index", "unread")
    op.drop_table("fits")
