"""In which role a need or an offer was sent, and since when others see it."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

PEOPLE = sa.table(
    "participant",
    *(sa.column(name) for name in ("id", "role")),
    sa.column("confirmed", sa.Boolean()),
    sa.column("role_is_set", sa.Boolean()),
)
# Who named a country was made a delegate, and nobody had confirmed it.
CLAIMED = (PEOPLE.c.role == "delegate") & ~PEOPLE.c.confirmed & ~PEOPLE.c.role_is_set


def upgrade() -> None:
    """Take the schema forward: what a stranger sent is theirs alone until they are known, all the rest stays out."""
    for name in ("need", "offer"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("role", sa.String(), nullable=False, server_default="visitor"))
            table.add_column(sa.Column("published_at", sqlmodel.sql.sqltypes.UTCDateTime()))
        rows = sa.table(
            name, *(sa.column(one) for one in ("participant_id", "role", "published_at", "created_at"))
        )
        role = sa.select(PEOPLE.c.role).where(PEOPLE.c.id == rows.c.participant_id).scalar_subquery()
        strangers = sa.select(PEOPLE.c.id).where(CLAIMED)
        known = rows.c.participant_id.is_(None) | rows.c.participant_id.not_in(strangers)
        op.execute(
            rows.update()
            .where(known)
            .values(role=sa.func.coalesce(role, "delegate"), published_at=rows.c.created_at)
        )
        # Whose registration ended sent it as a delegate.
        op.execute(rows.update().where(known, rows.c.role == "visitor").values(role="delegate"))
    op.execute(PEOPLE.update().where(CLAIMED).values(role="visitor"))


def downgrade() -> None:
    """Take it back; what others did not see yet has no place there, for they would."""
    for name in ("need", "offer"):
        rows = sa.table(name, sa.column("published_at"))
        op.execute(rows.delete().where(rows.c.published_at.is_(None)))
        with op.batch_alter_table(name) as table:
            table.drop_column("published_at")
            table.drop_column("role")
