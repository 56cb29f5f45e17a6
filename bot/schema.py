"""The schema of the database and how it comes to be the one that this version needs."""

import sqlite3
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from bot.database import Store
from bot.errors import Refused

State = Literal["empty", "current", "older", "newer"]


def state(store: Store) -> State:
    """Say how the database's schema stands to this version's."""
    revision = _revision(store)
    script = ScriptDirectory.from_config(_config())
    if revision is None:
        return "empty"
    if revision == script.get_current_head():
        return "current"
    known = {step.revision for step in script.walk_revisions()}
    return "older" if revision in known else "newer"


def _revision(store: Store) -> str | None:
    """Return the database's revision, None of an empty one; raise Refused when it is not a database of ours."""
    try:
        with store.connection() as connection:
            revision = MigrationContext.configure(connection).get_current_revision()
            tables = inspect(connection).get_table_names()
    except (DBAPIError, sqlite3.Error) as exc:
        cause = exc.orig if isinstance(exc, DBAPIError) else exc
        raise Refused(f"the database {store.place} cannot be used: {cause}") from exc
    if revision is None and set(tables) - {"alembic_version"}:
        raise Refused(f"{store.place} holds another program's tables; name a database of its own")
    return revision


def upgrade(store: Store) -> None:
    """Take the schema to this version's, in one transaction; only one process does so at a time."""
    config = _config()
    with store.migrating() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def ensure(store: Store) -> None:
    """Make a new database ready; raise Refused, with the remedy, for one of another version."""
    match state(store):
        case "empty":
            upgrade(store)
        case "older":
            raise Refused("the database is of an older version; take it forward first: saphan db upgrade")
        case "newer":
            raise Refused("the database is of a newer version than this program; install that version")
        case "current":
            return


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot:migrations")
    config.set_main_option("path_separator", "os")
    return config
