"""Runs migrations on the connection that `bot.schema` hands over."""

from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

import knowledge.store  # noqa: F401 - both rooms' tables stand in the one schema


def check(ctx: MigrationContext, step: Any, heads: Any, run_args: Any) -> None:
    """Raise, inside the migration's transaction, when it leaves a row that points to nothing."""
    assert ctx.connection is not None  # noqa: S101 - nothing is written out as SQL here
    broken = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise RuntimeError(f"the migration leaves a row of {broken[0]} that points to nothing")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
    on_version_apply=check,
)
with context.begin_transaction():
    context.run_migrations()
