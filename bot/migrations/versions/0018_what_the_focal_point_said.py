"""What a focal point said to a need or an offer, and how often it was changed, and by whom last."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward."""
    for name in ("need", "offer"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("declined_at", sqlmodel.sql.sqltypes.UTCDateTime()))
            table.add_column(sa.Column("changed_by", sa.Integer()))
            table.add_column(sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))
            table.create_foreign_key(f"{name}_changed_by_fkey", "participant", ["changed_by"], ["id"])


def downgrade() -> None:
    """Take it back."""
    for name in ("need", "offer"):
        with op.batch_alter_table(name) as table:
            table.drop_constraint(f"{name}_changed_by_fkey", type_="foreignkey")
            table.drop_column("edition")
            table.drop_column("changed_by")
            table.drop_column("declined_at")
