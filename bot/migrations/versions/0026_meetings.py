"""Meetings: who meets whom, where and when, and who and what is taken then."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("about", AutoString()),
        sa.Column("arranged_by", sa.Integer(), sa.ForeignKey("participant.id")),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("place", AutoString()),
        sa.Column("starts_at", UTCDateTime()),
        sa.Column("ends_at", UTCDateTime()),
        sa.Column("held_place", AutoString()),
        sa.Column("held_from", UTCDateTime()),
        sa.Column("held_to", UTCDateTime()),
        sa.Column("held_by", sa.Integer(), sa.ForeignKey("participant.id")),
        sa.Column("held_until", UTCDateTime()),
        sa.Column("interpreter", AutoString()),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("reminded_at", UTCDateTime()),
        sa.Column("asked_at", UTCDateTime()),
        sa.Column("due_at", UTCDateTime()),
        sqlite_autoincrement=True,
    )
    for column in ("about", "due_at"):
        op.create_index(f"ix_meeting_{column}", "meeting", [column])
    op.create_table(
        "meeting_side",
        sa.Column("meeting_id", sa.Integer(), sa.ForeignKey("meeting.id"), primary_key=True),
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("outcome", AutoString()),
        sa.Column("next_steps", AutoString(), nullable=False),
        sa.Column("told_at", UTCDateTime()),
    )
    op.create_index("ix_meeting_side_participant_id", "meeting_side", ["participant_id"])
    op.create_table(
        "place_taken",
        sa.Column("place", AutoString(), primary_key=True),
        sa.Column("at", UTCDateTime(), primary_key=True),
        sa.Column("meeting_id", sa.Integer(), sa.ForeignKey("meeting.id"), nullable=False),
    )
    op.create_table(
        "person_taken",
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True),
        sa.Column("at", UTCDateTime(), primary_key=True),
        sa.Column("meeting_id", sa.Integer(), sa.ForeignKey("meeting.id"), nullable=False),
    )
    for table in ("place_taken", "person_taken"):
        op.create_index(f"ix_{table}_meeting_id", table, ["meeting_id"])


def downgrade() -> None:
    """Take it back."""
    for table in ("person_taken", "place_taken", "meeting_side", "meeting"):
        op.drop_table(table)
