"""Who follows the working groups and who is in them, and what the secretariat writes to them."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "group_place",
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True),
        sa.Column("group", AutoString(), primary_key=True),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("capacity", AutoString()),
        sa.Column("asked_at", UTCDateTime()),
        sa.Column("confirmed_at", UTCDateTime()),
        sa.Column("answered_by", sa.Integer(), sa.ForeignKey("participant.id")),
    )
    op.create_index("group_place_group", "group_place", ["group"])
    op.create_table(
        "group_word",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("group", AutoString(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("written_by", sa.Integer(), sa.ForeignKey("participant.id")),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.Column("digest_at", UTCDateTime(), nullable=False),
        sa.Column("told_at", UTCDateTime()),
    )
    op.create_index("ix_group_word_group", "group_word", ["group"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("group_word")
    op.drop_table("group_place")
