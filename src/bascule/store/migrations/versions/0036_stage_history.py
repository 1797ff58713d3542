"""Which stays of applications a system's own history of stages tells, beside those that Bascule saw.

Columns that were kept for figures do not say it: they are read off anew.

Revision ID: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("passages", sa.Column("told", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("DELETE FROM figures")


def downgrade() -> None:
    op.execute("DELETE FROM figures")
    op.execute(  # the first row of an application is the one it was met in
        "DELETE FROM passages WHERE told AND id > "
        "(SELECT MIN(p.id) FROM passages AS p WHERE p.application = passages.application)"
    )
    op.execute("UPDATE passages SET met = TRUE WHERE told")
    op.drop_column("passages", "told")
