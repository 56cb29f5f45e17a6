"""When the secretariat said no to an offer, and why."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the schema forward; in place, since a table that is written anew forgets which numbers it has given."""
    op.add_column("offer", sa.Column("refused_at", UTCDateTime()))
    op.add_column("offer", sa.Column("refusal", AutoString()))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("offer", "refusal")
    op.drop_column("offer", "refused_at")
