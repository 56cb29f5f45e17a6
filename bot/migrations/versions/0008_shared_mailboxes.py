"""People who share a mailbox, and what a registration list says of them besides."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAMES = {"uq": "%(table_name)s_%(column_0_name)s_key"}
"""PostgreSQL's own names for what must be unique, which SQLite's have none of."""
COUNTING = {"sqlite_autoincrement": True}
"""Keeps SQLite from giving a number twice."""


def upgrade() -> None:
    """Take the schema forward."""
    with op.batch_alter_table("participant", naming_convention=NAMES, table_kwargs=COUNTING) as table:
        table.drop_constraint("participant_email_key", type_="unique")
        for name in ("position", "organisation", "number", "listed_in"):
            table.add_column(sa.Column(name, AutoString()))
        table.add_column(sa.Column("role_is_set", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_participant_email", "participant", ["email"])
    op.execute("UPDATE participant SET listed_in = '' WHERE confirmed")


def downgrade() -> None:
    """Take it back; refused while people share a mailbox."""
    op.drop_index("ix_participant_email", "participant")
    with op.batch_alter_table("participant", naming_convention=NAMES, table_kwargs=COUNTING) as table:
        for name in ("role_is_set", "listed_in", "number", "organisation", "position"):
            table.drop_column(name)
        table.create_unique_constraint("participant_email_key", ["email"])
