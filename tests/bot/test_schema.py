"""The schema and its history."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent, indent

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

import knowledge.store  # noqa: F401 - its tables stand in the same schema
from bot import schema
from bot.database import Store
from bot.errors import Refused
from tests import PATIENCE
from tests.bot.ledgers import person
from tests.databases import DIALECTS, store_on

AUTOINCREMENT = "sqlite_autoincrement"


@pytest.fixture(params=DIALECTS)
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give a store on an empty database."""
    with store_on(request.param, tmp_path, empty=True) as store:
        yield store


def execute(store: Store, statement: str) -> list[tuple[object, ...]]:
    with store.connection() as connection, connection.begin():
        result = connection.exec_driver_sql(statement)
        return [tuple(row) for row in result] if result.returns_rows else []


def tables(store: Store) -> list[str]:
    with store.connection() as connection:
        return inspect(connection).get_table_names()


def set_revision(store: Store, revision: str) -> None:
    execute(store, f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608


def test_the_migrations_make_what_the_tables_say(store: Store) -> None:
    with store.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_partial_indexes_are_partial(store: Store) -> None:
    with store.connection() as connection:
        indexes = inspect(connection).get_indexes("delivery")
    partial = [index["name"] for index in indexes if f"{store.dialect}_where" in index["dialect_options"]]
    assert sorted(partial) == ["delivery_corrects", "delivery_due", "delivery_held"]


def test_what_grows_with_every_message_has_room(postgresql_store: Store) -> None:
    """SQLite's own keys have 64 bits, PostgreSQL's plain ones 32."""
    query = """
        SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE data_type = 'bigint' AND table_schema = 'public' ORDER BY 1
    """
    assert [name for (name,) in execute(postgresql_store, query)] == [
        "audit_entry.id",
        "delivery.corrects_id",
        "delivery.id",
        "delivery_event.delivery_id",
        "delivery_event.id",
        "inbox.id",
        "tally.held",
    ]


def test_the_number_of_somebody_who_is_gone_is_never_given_again(store: Store) -> None:
    first = person(store, "ana")
    execute(store, "DELETE FROM address")
    execute(store, "DELETE FROM participant")
    assert person(store, "ben") > first


def test_what_people_see_the_number_of_counts_on(sqlite_store: Store) -> None:
    """A migration that writes such a table anew has to say so each time."""
    counting = {table.name for table in SQLModel.metadata.sorted_tables if table.kwargs.get(AUTOINCREMENT)}
    assert counting == {
        "participant",
        "circular",
        "need",
        "offer",
        "question",
        "meeting",
        "published_answer",
        "broadcast",
        "link_request",
        "practice_adaptation",
        "provider_profile",
        "submitted_practice",
        "introduction",
        "gap",
        "join_offer",
        "joint_project",
    }
    made = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
    assert {name for (name,) in execute(sqlite_store, made)} == counting


def test_the_way_back_leaves_nothing(store: Store) -> None:
    config = schema._config()
    with store.migrating() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert (tables(store), schema.state(store)) == (["alembic_version"], "empty")
    schema.ensure(store)
    assert schema.state(store) == "current"


def test_programs_that_open_a_new_database_at_once_make_one_schema(new: Store) -> None:
    """Alembic's own context is one for the whole process, so these are processes."""
    opens = f"""
from bot import schema
from bot.database import Store
input()
store = Store("{new.url.render_as_string(hide_password=False)}")
schema.ensure(store)
print(schema.state(store))
store.close()
"""
    command = [sys.executable, "-c", opens]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with contextlib.ExitStack() as stack:
        programs = [stack.enter_context(subprocess.Popen(command, **pipes)) for _ in range(3)]
        for program in programs:
            assert program.stdin is not None
            program.stdin.write("go\n")
            program.stdin.flush()
        assert [program.communicate(timeout=PATIENCE)[0] for program in programs] == ["current\n"] * 3


def test_a_new_database_is_empty_and_then_current(new: Store) -> None:
    assert schema.state(new) == "empty"
    schema.ensure(new)
    assert schema.state(new) == "current"
    schema.ensure(new)


Grow = Callable[[str], None]


@pytest.fixture
def grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Grow:
    """Give what adds a migration to the history, which runs the statements it is given."""

    def add(statements: str) -> None:
        config = schema._config()
        head = ScriptDirectory.from_config(config).get_current_head()
        versions = tmp_path / "versions"
        versions.mkdir()
        for step in (Path(schema.__file__).parent / "migrations" / "versions").glob("*.py"):
            (versions / step.name).write_text(step.read_text())
        (versions / "9999_later.py").write_text(
            "import sqlalchemy as sa\nfrom alembic import op\n\n"
            f'revision = "9999"\ndown_revision = "{head}"\n\n\n'
            "def upgrade() -> None:\n" + indent(dedent(statements), "    ")
        )
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
    assert tables(new) == ["message"]


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
    assert "half" not in tables(store)


def test_a_table_written_anew_keeps_what_points_to_it(sqlite_store: Store, grow: Grow) -> None:
    person(sqlite_store, "1")
    grow("""
        with op.batch_alter_table("participant", recreate="always") as table:
            table.add_column(sa.Column("title", sa.String()))
    """)
    schema.upgrade(sqlite_store)
    found = execute(sqlite_store, 'SELECT "user", title FROM participant JOIN address ON id = participant_id')
    assert found == [("1", None)]
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        sqlite_store.write(
            lambda session: session.connection().exec_driver_sql("DELETE FROM participant")
        ).result()


def test_a_migration_that_leaves_a_row_pointing_to_nothing_is_undone(sqlite_store: Store, grow: Grow) -> None:
    grow("""
        op.execute("INSERT INTO address (channel, user, participant_id, chat) VALUES ('slack', 'U1', 99, 'D1')")
    """)
    with pytest.raises(RuntimeError, match="a row of address that points to nothing"):
        schema.upgrade(sqlite_store)
    assert schema.state(sqlite_store) == "older"
    assert execute(sqlite_store, "SELECT count(*) FROM address") == [(0,)]
