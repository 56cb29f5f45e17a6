"""Concept notes and questions that are put to many, and what each of them said."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "circular",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("group", AutoString()),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("silence_agrees", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Integer(), sa.ForeignKey("participant.id")),
        sa.Column("approved_by", sa.Integer(), sa.ForeignKey("participant.id")),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("deadline", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime()),
        sa.Column("remind_at", UTCDateTime()),
        sa.Column("reminded_at", UTCDateTime()),
        sa.Column("reported_at", UTCDateTime()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "circular_reply",
        sa.Column("circular_id", sa.Integer(), sa.ForeignKey("circular.id"), primary_key=True),
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("answer", AutoString()),
        sa.Column("words", AutoString()),
        sa.Column("choice", sa.Integer()),
        sa.Column("answered_at", UTCDateTime()),
    )
    op.create_index("ix_circular_reply_participant_id", "circular_reply", ["participant_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("circular_reply")
    op.drop_table("circular")
