"""Tallies of what is limited, and messages that are answered later because they came too fast."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

GROWING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Take the schema forward."""
    op.create_table(
        "tally",
        sa.Column("whose", AutoString(), primary_key=True),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("held", GROWING),
        sa.Column("over_at", UTCDateTime()),
        sa.Column("at", UTCDateTime(), nullable=False),
    )
    op.create_index("ix_tally_at", "tally", ["at"])
    with op.batch_alter_table("inbox") as table:
        table.add_column(sa.Column("not_before", UTCDateTime()))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("inbox") as table:
        table.drop_column("not_before")
    op.drop_table("tally")
