"""Whether somebody objects to being matched."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward; in place, since a table that is written anew forgets which numbers it has given."""
    op.add_column(
        "participant", sa.Column("unmatched", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_column("participant", "unmatched")
