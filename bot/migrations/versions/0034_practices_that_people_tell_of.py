"""The good practices that participants tell of, and what the secretariat answered."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "submitted_practice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), nullable=False),
        sa.Column("country", AutoString()),
        sa.Column("organisation", AutoString()),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("title", AutoString(), nullable=False),
        sa.Column("text", AutoString(), nullable=False),
        sa.Column("notes", AutoString(), nullable=False),
        sa.Column("theme", AutoString(), nullable=False),
        sa.Column("form", AutoString(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("checked_at", UTCDateTime()),
        sa.Column("refused_at", UTCDateTime()),
        sa.Column("refusal", AutoString()),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_submitted_practice_participant_id", "submitted_practice", ["participant_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_submitted_practice_participant_id", "submitted_practice")
    op.drop_table("submitted_practice")
