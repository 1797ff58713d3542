"""AI tools: the feed of applications, what each tool was shown and has said, and what it comes to the door with.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UNNUMBERED = sa.text("position IS NULL")


def upgrade() -> None:
    op.create_table(
        "tool_feed",
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("application", name=op.f("pk_tool_feed")),
    )
    op.execute(
        "INSERT INTO tool_feed (application, workspace, erased, position) "
        "SELECT record, workspace, FALSE, NULL FROM applications"
    )
    op.create_index(op.f("ix_tool_feed_workspace_position"), "tool_feed", ["workspace", "position"], unique=False)
    op.create_index(
        "ix_tool_feed_unnumbered",
        "tool_feed",
        ["workspace", "application"],
        unique=False,
        sqlite_where=UNNUMBERED,
        postgresql_where=UNNUMBERED,
    )
    op.create_table(
        "tool_given",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.BigInteger(), nullable=True),
        sa.Column("confirmed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "application", name=op.f("pk_tool_given")),
    )
    op.create_index(op.f("ix_tool_given_application"), "tool_given", ["application"], unique=False)
    op.create_table(
        "tool_results",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "application", name=op.f("pk_tool_results")),
    )
    op.create_index(op.f("ix_tool_results_application"), "tool_results", ["application"], unique=False)
    op.create_table(
        "tool_keys",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("last_used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tool_keys")),
    )
    op.create_index(op.f("ix_tool_keys_connection"), "tool_keys", ["connection"], unique=False)


def downgrade() -> None:
    op.drop_table("tool_keys")
    op.drop_table("tool_results")
    op.drop_table("tool_given")
    op.drop_table("tool_feed")
