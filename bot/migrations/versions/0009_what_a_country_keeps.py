"""Needs and offers that stay with their country when their author is forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    for name in ("need", "offer"):
        with op.batch_alter_table(name) as table:
            table.alter_column("participant_id", existing_type=sa.Integer(), nullable=True)


def downgrade() -> None:
    """Take it back; what nobody is the author of has no place there."""
    for name in ("need", "offer"):
        left = sa.table(name, sa.column("participant_id"))
        op.execute(left.delete().where(left.c.participant_id.is_(None)))
        with op.batch_alter_table(name) as table:
            table.alter_column("participant_id", existing_type=sa.Integer(), nullable=False)
