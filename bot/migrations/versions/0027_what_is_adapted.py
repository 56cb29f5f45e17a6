"""The good practices that people want to adapt, and how far they are."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "practice_adaptation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), nullable=False),
        sa.Column("practice", AutoString(), nullable=False),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("said", AutoString(), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime()),
        sa.UniqueConstraint("participant_id", "practice"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_practice_adaptation_due_at", "practice_adaptation", ["due_at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_practice_adaptation_due_at", "practice_adaptation")
    op.drop_table("practice_adaptation")
