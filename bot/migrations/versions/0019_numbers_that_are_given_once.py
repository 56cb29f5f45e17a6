"""Numbers that people see or the record names, which SQLite gives only once."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = ("need", "offer", "question", "broadcast", "link_request")


def upgrade() -> None:
    """Take the schema forward."""
    _write_anew(counting=True)


def downgrade() -> None:
    """Take it back."""
    _write_anew(counting=False)


def _write_anew(*, counting: bool) -> None:
    """Write each of `TABLES` anew, on SQLite, which counts only in a table that was made so; PostgreSQL always does."""
    if op.get_bind().dialect.name == "sqlite":
        for name in TABLES:
            with op.batch_alter_table(
                name, recreate="always", table_kwargs={"sqlite_autoincrement": counting}
            ):
                pass
