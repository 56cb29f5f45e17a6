"""Deliveries that make no sound: reminders for those who sit in a session."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    with op.batch_alter_table("delivery") as table:
        table.add_column(sa.Column("silent", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("delivery") as table:
        table.drop_column("silent")
