"""Runs migrations on the connection that `bot.schema` hands over, inside its transaction."""

from alembic import context
from sqlmodel import SQLModel

import knowledge.store  # noqa: F401 - both rooms' tables stand in the one schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
