"""Which needs and offers are met, and about which their authors were asked."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

COLUMNS = ("met_at", "followed_up_at")


def upgrade() -> None:
    """Take the schema forward."""
    for table in ("need", "offer"):
        for column in COLUMNS:
            op.add_column(table, sa.Column(column, UTCDateTime()))


def downgrade() -> None:
    """Take it back."""
    for table in ("need", "offer"):
        for column in COLUMNS:
            op.drop_column(table, column)
