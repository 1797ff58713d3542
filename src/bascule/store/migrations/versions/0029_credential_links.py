"""Links under which somebody of IT enters a connection's credentials.

Revision ID: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credential_links",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "workspace", "name", "system", "connection")),
        sa.Column("issue", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("created", "expires")),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("opened", "trying", "used", "ended")),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_links")),
    )
    op.create_index(op.f("ix_credential_links_workspace_id"), "credential_links", ["workspace", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("credential_links")
