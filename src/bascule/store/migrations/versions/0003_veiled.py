"""Lists are sorted and searched by tokens: no name stands in a table in clear any more.

The next start makes the tokens (it has the keys). The tables are made anew, so that no file keeps the old rows.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SORTED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
LIVE = sa.text("state = 'live'")


def upgrade() -> None:
    for name in ("ix_candidates_by_change", "ix_candidates_by_name", "ix_candidates_family"):
        op.drop_index(op.f(name), "candidates")
    op.rename_table("candidates", "candidates_in_clear")
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER INDEX pk_candidates RENAME TO pk_candidates_in_clear")
    op.create_table(
        "candidates",
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("place", SORTED, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_candidates")),
    )
    op.execute(
        "INSERT INTO candidates (record, workspace, family, place, state, updated) "
        "SELECT record, workspace, family, NULL, state, updated FROM candidates_in_clear"
    )
    op.drop_table("candidates_in_clear")
    _indexes("place")
    op.drop_index(op.f("ix_words_record"), "words")
    op.drop_table("words")
    _words()


def downgrade() -> None:
    """Lists are empty afterwards until each person changes again: the names are sealed."""
    op.drop_table("candidates")
    op.create_table(
        "candidates",
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", SORTED, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_candidates")),
    )
    _indexes("folded")
    op.drop_table("words")
    _words()


def _indexes(place: str) -> None:
    for name, columns in (
        ("by_name", ["workspace", place, "record"]),
        ("by_change", ["workspace", "updated", "record"]),
    ):
        op.create_index(
            f"ix_candidates_{name}", "candidates", columns, unique=False, sqlite_where=LIVE, postgresql_where=LIVE
        )
    op.create_index(op.f("ix_candidates_family"), "candidates", ["family"], unique=False)


def _words() -> None:
    op.create_table(
        "words",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("word", SORTED, nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "word", "record", name=op.f("pk_words")),
    )
    op.create_index(op.f("ix_words_record"), "words", ["record"], unique=False)
