"""Introductions: who agreed to which, and what each side lets the other see."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "introduction",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("about", AutoString(), nullable=False),
        sa.Column("asked_by", sa.Integer(), sa.ForeignKey("participant.id")),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("introduced_at", UTCDateTime()),
    )
    op.create_table(
        "introduction_side",
        sa.Column("introduction_id", sa.Integer(), sa.ForeignKey("introduction.id"), primary_key=True),
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True),
        sa.Column("declined_at", UTCDateTime()),
    )
    op.create_index("ix_introduction_side_participant_id", "introduction_side", ["participant_id"])
    op.create_table(
        "introduction_grant",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("introduction_id", sa.Integer(), sa.ForeignKey("introduction.id"), nullable=False),
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), nullable=False),
        sa.Column("what", AutoString(), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime()),
    )
    for column in ("introduction_id", "participant_id"):
        op.create_index(f"ix_introduction_grant_{column}", "introduction_grant", [column])


def downgrade() -> None:
    """Take it back."""
    for table in ("introduction_grant", "introduction_side", "introduction"):
        op.drop_table(table)
