"""The schema and its history."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from textwrap import dedent, indent

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

import knowledge.store  # noqa: F401 - its tables stand in the same schema
from bot import schema
from bot.database import Store
from bot.errors import Refused
from tests.bot.ledgers import person


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    yield store
    store.close()


def execute(store: Store, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(str(store.url.database))) as connection:
        found = connection.execute(statement).fetchall()
        connection.commit()
        return found


def set_revision(store: Store, revision: str) -> None:
    execute(store, f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608


def test_the_migrations_make_what_the_tables_say(store: Store) -> None:
    with store.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_partial_indexes_are_partial(store: Store) -> None:
    found = execute(store, "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE INDEX%WHERE%' ORDER BY 1")
    assert found == [("delivery_due",), ("delivery_held",)]


def test_a_new_file_is_empty_and_then_current(new: Store) -> None:
    assert schema.state(new) == "empty"
    schema.ensure(new)
    assert schema.state(new) == "current"
    schema.ensure(new)


Grow = Callable[[str], None]


@pytest.fixture
def grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grow:
    """Give what adds a migration to the history, which runs the statements it is given."""

    def add(statements: str) -> None:
        versions = tmp_path / "versions"
        versions.mkdir()
        for step in (Path(schema.__file__).parent / "migrations" / "versions").glob("*.py"):
            (versions / step.name).write_text(step.read_text())
        (versions / "9999_later.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n\n"
            'revision = "9999"\ndown_revision = "0003"\n\n\n'
            "def upgrade() -> None:\n" + indent(dedent(statements), "    ")
        )
        config = schema._config()
        config.set_main_option("version_locations", str(versions))
        monkeypatch.setattr(schema, "_config", lambda: config)

    return add


def test_an_older_database_is_refused_with_the_remedy(store: Store, grow: Grow) -> None:
    grow("pass")
    assert schema.state(store) == "older"
    with pytest.raises(Refused, match=r"older version.*saphan db upgrade"):
        schema.ensure(store)
    schema.upgrade(store)
    assert schema.state(store) == "current"


def test_a_newer_database_is_refused_with_the_remedy(store: Store) -> None:
    set_revision(store, "9999")
    assert schema.state(store) == "newer"
    with pytest.raises(Refused, match="newer version than this program; install that version"):
        schema.ensure(store)


def test_another_programs_database_is_refused_and_left_alone(new: Store) -> None:
    execute(new, "CREATE TABLE message (text VARCHAR)")
    with pytest.raises(Refused, match="another program's tables"):
        schema.ensure(new)
    assert execute(new, "SELECT name FROM sqlite_master") == [("message",)]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("The bus leaves at 17:00. " * 100)
    store = Store(f"sqlite:///{file}")
    with pytest.raises(Refused, match=r"notes\.txt cannot be used: file is not a database"):
        schema.ensure(store)
    store.close()


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'nowhere' / 'saphan.db'}")
    with pytest.raises(Refused, match="unable to open database file"):
        schema.ensure(store)
    store.close()


def test_an_upgrade_that_fails_changes_nothing(store: Store, grow: Grow) -> None:
    """Half a migration could be neither finished nor begun again."""
    grow("""
        op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
        raise RuntimeError("the power is cut")
    """)
    with pytest.raises(RuntimeError, match="the power is cut"):
        schema.upgrade(store)
    assert schema.state(store) == "older"
    assert execute(store, "SELECT name FROM sqlite_master WHERE name = 'half'") == []


def test_a_table_written_anew_keeps_what_points_to_it(store: Store, grow: Grow) -> None:
    person(store, "1")
    grow("""
        with op.batch_alter_table("participant", recreate="always") as table:
            table.add_column(sa.Column("title", sa.String()))
    """)
    schema.upgrade(store)
    found = execute(store, "SELECT user, title FROM participant JOIN address ON id = participant_id")
    assert found == [("1", None)]
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        store.write(lambda session: session.connection().exec_driver_sql("DELETE FROM participant")).result()


def test_a_migration_that_leaves_a_row_pointing_to_nothing_is_undone(store: Store, grow: Grow) -> None:
    grow("""
        op.execute("INSERT INTO address (channel, user, participant_id, chat) VALUES ('slack', 'U1', 99, 'D1')")
    """)
    with pytest.raises(RuntimeError, match="a row of address that points to nothing"):
        schema.upgrade(store)
    assert schema.state(store) == "older"
    assert execute(store, "SELECT count(*) FROM address") == [(0,)]
