"""Who is asked about an introduction, since when, and what they are not asked about; its numbers are given once."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    with op.batch_alter_table("introduction", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("fits", AutoString(), nullable=False, server_default=""))
        table.add_column(
            sa.Column("asked_of", sa.Integer(), sa.ForeignKey("participant.id", name="introduction_asked_of"))
        )
        table.add_column(sa.Column("proposed", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("begun_at", UTCDateTime()))
        table.add_column(sa.Column("over_at", UTCDateTime()))
    op.add_column(
        "introduction_side", sa.Column("unanswered", sa.Integer(), nullable=False, server_default="0")
    )
    op.execute("UPDATE introduction SET begun_at = asked_at")
    op.create_table(
        "muted_theme",
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True),
        sa.Column("theme", AutoString(), primary_key=True),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("muted_theme")
    op.drop_column("introduction_side", "unanswered")
    with op.batch_alter_table("introduction", table_kwargs={"sqlite_autoincrement": False}) as table:
        for column in ("over_at", "begun_at", "proposed", "asked_of", "fits"):
            table.drop_column(column)
