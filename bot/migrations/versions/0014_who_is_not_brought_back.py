"""Digests of who asked to be forgotten, so that no registration list brings them back."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "tombstone",
        sa.Column("person", AutoString(), primary_key=True),
        sa.Column("mailbox", AutoString(), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_tombstone_mailbox", "tombstone", ["mailbox"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("tombstone")
