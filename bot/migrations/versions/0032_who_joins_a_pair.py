"""Partners who offer a pair what it lacks, and who agreed to meet."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "join_offer",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("gap_id", sa.Integer(), sa.ForeignKey("gap.id"), nullable=False, index=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("joined_at", UTCDateTime()),
        sa.Column("over_at", UTCDateTime()),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "join_side",
        sa.Column("offer_id", sa.Integer(), sa.ForeignKey("join_offer.id"), primary_key=True),
        sa.Column(
            "participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True, index=True
        ),
        sa.Column("part", AutoString(), nullable=False),
        sa.Column("agreed", sa.Boolean()),
        sa.Column("gives", AutoString(), nullable=False),
        sa.Column("conditions", AutoString(), nullable=False),
        sa.Column("call", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("unanswered", sa.Integer(), nullable=False, server_default="0"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("join_side")
    op.drop_table("join_offer")
