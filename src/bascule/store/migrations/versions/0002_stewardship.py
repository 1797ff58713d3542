"""Why a write failed, by class.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("writes", sa.Column("reason", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("writes", "reason")
