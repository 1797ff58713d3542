"""Who somebody is at a provider of identities, how sessions and keys are used, and who is on whose hiring team.

Revision ID: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subjects",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "issuer", "subject", name=op.f("pk_subjects")),
    )
    op.create_index(op.f("ix_subjects_person"), "subjects", ["person"], unique=False)
    op.add_column("sessions", sa.Column("seen", sa.BigInteger(), nullable=True))
    op.add_column("sessions", sa.Column("device", sa.Text(), nullable=True))
    op.add_column("sessions", sa.Column("issuer", sa.Text(), nullable=True))
    op.add_column("api_keys", sa.Column("expires", sa.BigInteger(), nullable=True))
    op.add_column("api_keys", sa.Column("bound", sa.Boolean(), nullable=True))
    op.add_column("api_keys", sa.Column("former", sa.Text(), nullable=True))
    op.add_column("api_keys", sa.Column("former_until", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_api_keys_former"), "api_keys", ["former"], unique=False)
    op.create_table(
        "teams",
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", "person", name=op.f("pk_teams")),
    )
    op.create_index(op.f("ix_teams_person"), "teams", ["person"], unique=False)
    op.create_table(
        "colleagues",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "token", "record", name=op.f("pk_colleagues")),
    )
    op.create_index(op.f("ix_colleagues_record"), "colleagues", ["record"], unique=False)
    op.create_table(
        "confined",
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_confined")),
    )
    op.create_index(op.f("ix_confined_workspace_kind"), "confined", ["workspace", "kind"], unique=False)


def downgrade() -> None:
    op.drop_table("confined")
    op.drop_table("colleagues")
    op.drop_table("teams")
    op.drop_index(op.f("ix_api_keys_former"), table_name="api_keys")
    for name in ("former_until", "former", "bound", "expires"):
        op.drop_column("api_keys", name)
    for name in ("issuer", "device", "seen"):
        op.drop_column("sessions", name)
    op.drop_table("subjects")
