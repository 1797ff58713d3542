"""What an incident was: an outage, or one of the other disturbances.

Revision ID: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

OPEN = sa.text("ended IS NULL")


def upgrade() -> None:
    op.add_column("incidents", sa.Column("cause", sa.Text(), server_default="outage", nullable=False))
    op.drop_index("uq_incidents_open", "incidents")
    columns = ["connection", "cause"]
    op.create_index("uq_incidents_open", "incidents", columns, unique=True, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index("uq_incidents_open", "incidents")
    op.execute("DELETE FROM incidents WHERE cause <> 'outage'")
    op.create_index(
        "uq_incidents_open", "incidents", ["connection"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.drop_column("incidents", "cause")
