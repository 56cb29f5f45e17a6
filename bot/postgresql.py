"""What several processes on one PostgreSQL share: leases by its locks, news by its notifications."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from psycopg import AsyncConnection, Error, OperationalError, sql
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

from bot.leases import Work
from bot.news import PREFIX, Hearer, Topic

log = structlog.get_logger()

TRY = 0.5
"""Seconds between two tries to get a lease that somebody else holds, or to reach a database that is gone."""
TAKE = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
LONGEST = 7000
"""Characters of one notification; PostgreSQL takes 7,999 bytes, and our words are plain ASCII."""
WATCHFUL = {
    "application_name": "saphan-wire",
    "connect_timeout": "3",
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "5000",
}
"""How we notice within five seconds that the database has gone without a word."""
WATCHED = {
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "5000",
    "synchronous_commit": "off",
}
"""How the database notices that we have; and nothing that is said on such a connection has to outlive a power cut."""


def conninfo(url: URL, **given: str) -> str:
    """Return *url* as the driver reads it, with what is *given* besides: SQLAlchemy writes a space as a plus."""
    plain = url.set(drivername="postgresql", query={}).render_as_string(hide_password=False)
    asked = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    return make_conninfo(plain, **{**asked, **given})


@asynccontextmanager
async def connected(url: URL) -> AsyncIterator[AsyncConnection]:
    """Give a connection without transactions; it is closed, and its session's locks with it, at the end."""
    own = url.query.get("options", "")
    options = " ".join(f"-c {name}={value}" for name, value in WATCHED.items())
    given = {name: value for name, value in WATCHFUL.items() if name not in url.query}
    watched = conninfo(url, **given, options=f"{own} {options}".strip())
    connection = await AsyncConnection.connect(watched, autocommit=True)
    try:
        yield connection
    finally:
        await connection.close()


class SharedLeases:
    """
    Leases that are locks of PostgreSQL's sessions, each on a connection of its own.

    The lock goes with the connection: when the process dies, the next one has it at its next try. A process that is
    cut off from the database has lost its leases too; both sides notice within five seconds.
    """

    def __init__(self, url: URL) -> None:
        self._url = url

    async def hold(self, name: str, work: Work) -> None:
        """Do *work* while this process holds *name*."""
        while True:
            try:
                async with self._taken(name) as connection:
                    log.info("lease_taken", lease=name)
                    if await _done_before_loss(connection, work):
                        return
                    log.warning("lease_lost", lease=name)
            except OperationalError as exc:
                log.warning("lease_out_of_reach", lease=name, error=type(exc).__name__)
            await asyncio.sleep(TRY)

    @asynccontextmanager
    async def _taken(self, name: str) -> AsyncIterator[AsyncConnection]:
        """Give the connection that has the lock, as soon as it is free."""
        async with connected(self._url) as connection:
            while not await _scalar(connection, TAKE, name):  # noqa: ASYNC110 - nobody tells us
                await asyncio.sleep(TRY)
            yield connection


class PostgresqlNews:
    """
    News by LISTEN and NOTIFY, on two connections of its own.

    A transaction with a NOTIFY keeps all other such transactions waiting until it is on disk, so turns do not notify
    themselves: their process tells the others once they are committed, many of them in one notification.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._hearers: defaultdict[str, list[Hearer]] = defaultdict(list)
        self._untold: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self._something = asyncio.Event()

    def on(self, topic: Topic, hear: Hearer) -> None:
        """Call *hear* with each word told on *topic*; to be said before `run`."""
        self._hearers[PREFIX + topic].append(hear)

    def tell(self, topic: Topic, words: Iterable[str] = ("",)) -> None:
        """Tell the other processes, and this one too, each of *words*."""
        self._untold[PREFIX + topic].update(dict.fromkeys(words))
        self._something.set()

    async def run(self) -> None:
        """Listen and tell until cancelled, on new connections when the old ones are lost."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._kept_up(self._listen))
            group.create_task(self._kept_up(self._tell))

    async def _kept_up(self, work: Callable[[AsyncConnection], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                async with connected(self._url) as connection:
                    await work(connection)
            except Error as exc:
                log.warning("news_cut_off", error=type(exc).__name__)
            await asyncio.sleep(TRY)

    async def _listen(self, connection: AsyncConnection) -> None:
        for topic in self._hearers:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(topic)))
        for topic in self._hearers:
            self._hear(topic, "")
        async for notice in connection.notifies():
            for word in notice.payload.split(" "):
                self._hear(notice.channel, word)

    def _hear(self, topic: str, word: str) -> None:
        for hear in self._hearers[topic]:
            hear(word)

    async def _tell(self, connection: AsyncConnection) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            untold, self._untold = self._untold, defaultdict(dict)
            notices = [(topic, text) for topic, words in untold.items() for text in _joined(words)]
            async with connection.cursor() as cursor:
                await cursor.executemany("SELECT pg_notify(%s, %s)", notices)


async def _done_before_loss(connection: AsyncConnection, work: Work) -> bool:
    """Do *work* until it is done, True, or until *connection* is lost, False: then it is cancelled."""
    working = asyncio.create_task(work())
    watching = asyncio.create_task(_until_lost(connection))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        done = working.done()
        working.cancel()
        watching.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)
    if done:
        working.result()
    return done


async def _until_lost(connection: AsyncConnection) -> None:
    """Return when *connection* is lost: nothing is asked on it, and nobody is listened to."""
    try:
        async for _ in connection.notifies():
            pass
    except OperationalError:
        return


async def _scalar(connection: AsyncConnection, query: str, *values: object) -> Any:
    cursor = await connection.execute(query, values)
    row = await cursor.fetchone()
    return row[0] if row else None


def _joined(words: Iterable[str]) -> Iterator[str]:
    """Yield *words* in lines that PostgreSQL takes."""
    line = ""
    for word in words:
        if line and len(line) + len(word) > LONGEST:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
    yield line
