"""The survey: the response of each delegation and its answers."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "survey_response",
        sa.Column("country", AutoString(), primary_key=True),
        sa.Column("begun_at", UTCDateTime(), nullable=False),
        sa.Column("submitted_at", UTCDateTime()),
        sa.Column("submitted_by", sa.Integer(), sa.ForeignKey("participant.id")),
    )
    op.create_table(
        "survey_answer",
        sa.Column("country", AutoString(), primary_key=True),
        sa.Column("question", AutoString(), primary_key=True),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("answered_by", sa.Integer(), sa.ForeignKey("participant.id")),
        sa.Column("answered_at", UTCDateTime(), nullable=False),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("survey_answer")
    op.drop_table("survey_response")
