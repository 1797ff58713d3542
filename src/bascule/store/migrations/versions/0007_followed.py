"""Which raw object of a link all that hangs on it was last asked for behind: until now, the newest.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("links", sa.Column("followed", sa.Text(), nullable=True))
    op.execute(
        "UPDATE links SET followed = "
        "(SELECT r.address FROM stored_for AS r WHERE r.owner = links.id AND r.what = 'raw')"
    )


def downgrade() -> None:
    op.drop_column("links", "followed")
