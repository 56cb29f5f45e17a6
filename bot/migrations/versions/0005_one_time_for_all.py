"""What the clock of whoever serves shows, so that all who work on the database go by one time."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "clock_reading",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("read_at", UTCDateTime(), nullable=False),
        sa.Column("shown", UTCDateTime(), nullable=False),
        sa.Column("start", UTCDateTime()),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("clock_reading")
