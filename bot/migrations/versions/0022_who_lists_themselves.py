"""The profiles of those who list themselves in the network of providers."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "provider_profile",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("seen_by", AutoString(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("checked_at", UTCDateTime()),
        sa.UniqueConstraint("participant_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_provider_profile_due_at", "provider_profile", ["due_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_provider_profile_due_at", "provider_profile")
    op.drop_table("provider_profile")
