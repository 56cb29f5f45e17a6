"""The chats and topics in which questions are about one working group."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "group_chat",
        sa.Column("channel", AutoString(), primary_key=True),
        sa.Column("chat", AutoString(), primary_key=True),
        sa.Column("topic", AutoString(), primary_key=True),
        sa.Column("group", AutoString(), nullable=False),
        sa.Column("tied_at", UTCDateTime(), nullable=False),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("group_chat")
