"""Deliveries whose recipient the database does not look up once more for each row."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAMES = {"fk": "%(table_name)s_%(column_0_name)s_fkey"}
"""PostgreSQL's own names for foreign keys, which SQLite's have none of."""


def upgrade() -> None:
    """Take the schema forward."""
    with op.batch_alter_table("delivery", naming_convention=NAMES) as table:
        table.drop_constraint("delivery_participant_id_fkey", type_="foreignkey")


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("delivery", naming_convention=NAMES) as table:
        table.create_foreign_key("delivery_participant_id_fkey", "participant", ["participant_id"], ["id"])
