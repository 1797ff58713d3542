"""The way of applications through the stages, when each was first scored, and what figures are counted from.

What was seen before is in the history, sealed: figures of the way begin now.

Revision ID: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None


def _has(name: str, kind: type = sa.Text) -> sa.Column[object]:
    return sa.Column(name, kind(), nullable=False)


def upgrade() -> None:
    counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "passages",
        sa.Column("id", counted, nullable=False, autoincrement=True),
        *map(_has, ("workspace", "family", "application")),
        sa.Column("job", sa.Text(), nullable=True),
        _has("stage"),
        _has("entered", sa.BigInteger),
        sa.Column("until", sa.BigInteger(), nullable=True),
        _has("ended"),
        _has("met", sa.Boolean),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passages")),
    )
    for column in ("application", "family"):
        op.create_index(op.f(f"ix_passages_{column}"), "passages", [column], unique=False)
    op.create_table(
        "figures",
        _has("workspace"),
        _has("at", sa.BigInteger),
        _has("mark"),
        _has("many", sa.Integer),
        _has("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("workspace", name=op.f("pk_figures")),
    )
    op.add_column("applications", sa.Column("scored", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE applications SET scored = (SELECT MIN(at) FROM scores "
        "WHERE scores.application = applications.record AND scores.score IS NOT NULL)"
    )
    op.execute(  # where everybody stands now: what was before is not known
        "INSERT INTO passages (workspace, family, application, job, stage, entered, ended, met) "
        "SELECT workspace, family, record, job, COALESCE(stage, ''), applied, "
        "CASE WHEN status = 'active' THEN '' ELSE status END, TRUE FROM applications ORDER BY applied, record"
    )


def downgrade() -> None:
    op.drop_column("applications", "scored")
    op.drop_table("figures")
    op.drop_table("passages")
