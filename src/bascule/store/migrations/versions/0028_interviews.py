"""Interviews that candidates choose a time for, whose time they take, and feedback about them.

Revision ID: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def _has(name: str, kind: type = sa.Text) -> sa.Column[object]:
    return sa.Column(name, kind(), nullable=False)


def _may(name: str, kind: type = sa.BigInteger) -> sa.Column[object]:
    return sa.Column(name, kind(), nullable=True)


def upgrade() -> None:
    op.create_table(
        "interviews",
        *map(_has, ("id", "workspace", "family", "application", "job", "state")),
        *(_has(name, sa.Integer) for name in ("issue", "sequence")),
        *(_has(name, sa.BigInteger) for name in ("created", "expires")),
        *map(_may, ("starts", "ends")),
        _has("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interviews")),
    )
    for columns in (["application"], ["family"], ["workspace", "state", "starts"]):
        op.create_index(op.f(f"ix_interviews_{'_'.join(columns)}"), "interviews", columns, unique=False)
    op.create_table(
        "interview_panel",
        *map(_has, ("interview", "interviewer", "workspace")),
        *(_has(name, sa.BigInteger) for name in ("starts", "ends")),
        _has("event"),
        _has("written", sa.Integer),
        sa.PrimaryKeyConstraint("interview", "interviewer", name=op.f("pk_interview_panel")),
    )
    op.create_index(
        op.f("ix_interview_panel_workspace_interviewer_starts"),
        "interview_panel",
        ["workspace", "interviewer", "starts"],
        unique=False,
    )
    op.create_table(
        "interview_feedback",
        *map(_has, ("id", "workspace", "family", "application", "key", "program")),
        _has("at", sa.BigInteger),
        _has("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_feedback")),
    )
    op.create_index(
        op.f("ix_interview_feedback_workspace_program_key"),
        "interview_feedback",
        ["workspace", "program", "key"],
        unique=True,
    )
    for column in ("application", "family"):
        op.create_index(op.f(f"ix_interview_feedback_{column}"), "interview_feedback", [column], unique=False)


def downgrade() -> None:
    for table in ("interview_feedback", "interview_panel", "interviews"):
        op.drop_table(table)
