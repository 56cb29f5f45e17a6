"""The record of who did what, what people agreed to, and who may see their names."""

from typing import Literal

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

GROWING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTING = {"sqlite_autoincrement": True}


def upgrade() -> None:
    """Take the schema forward."""
    # SQLite counts rows so that no number is given twice only in a table that was made so.
    is_file = op.get_bind().dialect.name == "sqlite"
    recreate: Literal["always", "never"] = "always" if is_file else "never"
    with op.batch_alter_table("participant", recreate=recreate, table_kwargs=COUNTING) as table:
        table.add_column(sa.Column("consented", AutoString()))
        table.add_column(
            sa.Column("visible_to", AutoString(), nullable=False, server_default=sa.text("'nobody'"))
        )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), nullable=False),
        sa.Column("kind", AutoString(), nullable=False),
        sa.Column("version", AutoString(), nullable=False),
        sa.Column("lang", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime()),
    )
    op.create_index("ix_consent_participant_id", "consent", ["participant_id"])
    op.create_table(
        "audit_subject",
        sa.Column("participant_id", sa.Integer(), sa.ForeignKey("participant.id"), primary_key=True),
        sa.Column("subject", AutoString(), nullable=False, unique=True),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", GROWING, primary_key=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", AutoString(), nullable=False),
        sa.Column("action", AutoString(), nullable=False),
        sa.Column("subject", AutoString()),
        sa.Column("on_behalf", AutoString()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("before", AutoString(), nullable=False),
        sa.Column("hash", AutoString(), nullable=False, unique=True),
    )
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor"])


def downgrade() -> None:
    """Take it back."""
    for name in ("audit_entry", "audit_subject", "consent"):
        op.drop_table(name)
    with op.batch_alter_table("participant") as table:
        for name in ("visible_to", "consented"):
            table.drop_column(name)
