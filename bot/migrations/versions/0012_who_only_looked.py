"""Addresses from which somebody has only looked at the web page."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    with op.batch_alter_table("address") as table:
        table.add_column(sa.Column("only_looked", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("address") as table:
        table.drop_column("only_looked")
