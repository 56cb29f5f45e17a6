"""What the two of an introduction lack, how far they let it be seen, and which partner was told of it."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "gap",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "introduction_id", sa.Integer(), sa.ForeignKey("introduction.id"), nullable=False, unique=True
        ),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("lacks", sa.JSON(), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=False),
        sa.Column("over_at", UTCDateTime()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "gap_answer",
        sa.Column("gap_id", sa.Integer(), sa.ForeignKey("gap.id"), primary_key=True),
        sa.Column(
            "participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True, index=True
        ),
        sa.Column("receives", sa.Boolean(), nullable=False),
        sa.Column("asked_at", UTCDateTime()),
        sa.Column("shows", AutoString()),
        sa.Column("answered_at", UTCDateTime()),
    )
    op.create_table(
        "gap_told",
        sa.Column("gap_id", sa.Integer(), sa.ForeignKey("gap.id"), primary_key=True),
        sa.Column(
            "participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True, index=True
        ),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("passed_at", UTCDateTime()),
    )


def downgrade() -> None:
    """Take it back."""
    for table in ("gap_told", "gap_answer", "gap"):
        op.drop_table(table)
