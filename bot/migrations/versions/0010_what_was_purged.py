"""Reports of what was purged."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "purge_report",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("refused", AutoString()),
        sa.Column("counts", sa.JSON(), nullable=False),
    )
    op.create_index("ix_purge_report_at", "purge_report", ["at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("purge_report")
