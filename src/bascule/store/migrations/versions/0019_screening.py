"""Screening forms, and shortlists for hiring managers.

Revision ID: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0015"
branch_labels = None
depends_on = None


def _has(name: str, kind: type = sa.Text) -> sa.Column[object]:
    return sa.Column(name, kind(), nullable=False)


def _may(name: str, kind: type = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind(), nullable=True)


def upgrade() -> None:
    op.create_table(
        "screenings",
        *map(_has, ("id", "workspace", "family", "application", "job", "state")),
        _has("issue", sa.Integer),
        _has("expires", sa.BigInteger),
        _has("invited", sa.BigInteger),
        *map(_may, ("started", "completed", "opted_out", "adjustment", "looked")),
        _has("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screenings")),
    )
    op.create_index(op.f("ix_screenings_application"), "screenings", ["application"], unique=True)
    for columns in (["family"], ["workspace", "job"], ["workspace", "looked"]):
        op.create_index(op.f(f"ix_screenings_{'_'.join(columns)}"), "screenings", columns, unique=False)
    op.create_table(
        "screening_terms",
        *map(_has, ("workspace", "job", "kind")),
        _has("version", sa.Integer),
        _has("at", sa.BigInteger),
        _has("body"),
        sa.PrimaryKeyConstraint("workspace", "job", "kind", "version", name=op.f("pk_screening_terms")),
    )
    op.create_table(
        "shortlists",
        *map(_has, ("id", "workspace", "job")),
        _has("issue", sa.Integer),
        _has("created", sa.BigInteger),
        _has("expires", sa.BigInteger),
        *map(_may, ("revoked", "opened")),
        _has("code"),
        _has("wrong", sa.Integer),
        _has("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortlists")),
    )
    op.create_index(op.f("ix_shortlists_workspace_job"), "shortlists", ["workspace", "job"], unique=False)
    op.create_table(
        "shortlist_people",
        *map(_has, ("shortlist", "application", "workspace", "family")),
        _has("place", sa.Integer),
        *map(_has, ("stage", "answer")),
        _may("answered"),
        _has("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("shortlist", "application", name=op.f("pk_shortlist_people")),
    )
    for column in ("application", "family"):
        op.create_index(op.f(f"ix_shortlist_people_{column}"), "shortlist_people", [column], unique=False)


def downgrade() -> None:
    for table in ("shortlist_people", "shortlists", "screening_terms", "screenings"):
        op.drop_table(table)
