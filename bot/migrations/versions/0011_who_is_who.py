"""How people show who they are: links and codes, of which only digests are kept."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "link_request",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("purpose", AutoString(), nullable=False),
        sa.Column("token_digest", AutoString(), nullable=False, unique=True),
        sa.Column("code_digest", AutoString()),
        sa.Column("email_digest", AutoString()),
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id")),
        sa.Column("channel", AutoString(), nullable=False),
        sa.Column("user", AutoString(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("linked_at", UTCDateTime()),
    )
    op.create_index("link_request_account", "link_request", ["channel", "user", "asked_at"])
    for column in ("asked_at", "email_digest", "participant_id"):
        op.create_index(f"ix_link_request_{column}", "link_request", [column])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("link_request")
