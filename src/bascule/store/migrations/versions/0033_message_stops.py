"""Messages to candidates are stopped by themselves, too.

Revision ID: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connections", sa.Column("messages_stopped", sa.Text(), nullable=True))
    op.create_index(op.f("ix_messages_connection_state_due"), "messages", ["connection", "state", "due"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_messages_connection_state_due"), table_name="messages")
    op.drop_column("connections", "messages_stopped")
