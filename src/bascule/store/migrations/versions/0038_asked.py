"""A held thing may be two people's to decide; a form is prepared before anybody is invited.

Revision ID: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0036"
branch_labels = None
depends_on = None

COLUMNS = "review, workspace, person, family, at, told, escalated"


def upgrade() -> None:
    _asked("review", "person")
    with op.batch_alter_table("screenings") as screenings:
        screenings.alter_column("invited", existing_type=sa.BigInteger(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM screenings WHERE invited IS NULL")
    with op.batch_alter_table("screenings") as screenings:
        screenings.alter_column("invited", existing_type=sa.BigInteger(), nullable=False)
    op.execute(
        "DELETE FROM decisions_asked WHERE EXISTS (SELECT 1 FROM decisions_asked AS d WHERE "
        "d.review = decisions_asked.review AND (d.at, d.person) < (decisions_asked.at, decisions_asked.person))"
    )
    _asked("review")


def _asked(*key: str) -> None:
    """The table anew, with this primary key, and what it holds."""
    held = op.get_bind().execute(sa.text(f"SELECT {COLUMNS} FROM decisions_asked")).mappings().all()
    op.drop_table("decisions_asked")
    table = op.create_table(
        "decisions_asked",
        sa.Column("review", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=True),
        sa.Column("escalated", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_decisions_asked")),
    )
    op.create_index(op.f("ix_decisions_asked_family"), "decisions_asked", ["family"])
    op.create_index(op.f("ix_decisions_asked_workspace_person"), "decisions_asked", ["workspace", "person"])
    if held:
        op.bulk_insert(table, [dict(row) for row in held])
