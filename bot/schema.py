"""The schema of the database and how it comes to be the one that this version needs."""

from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.errors import Refused
from bot.store import Store

State = Literal["empty", "current", "older", "newer"]


def state(store: Store) -> State:
    """Say how the database's schema stands to this version's."""
    with store.connection() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config())
    if revision is None:
        return "empty"
    if revision == script.get_current_head():
        return "current"
    known = {step.revision for step in script.walk_revisions()}
    return "older" if revision in known else "newer"


def upgrade(store: Store) -> None:
    """Take the schema to this version's."""
    config = _config()
    with store.connection() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


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
