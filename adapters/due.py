"""
What happens by itself, on PostgreSQL: Procrastinate tells the workers when to look for it.

A command that may have made something due defers a look in its own transaction; a look does what is due and defers the
next one for when the next thing is. What to do stands in `bot.jobs`, and is found in our own tables: a look that is
lost costs a minute at most, until the periodic one.
"""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.schema import SchemaManager
from sqlalchemy import inspect
from sqlalchemy.engine import URL

from bot.database import Store
from bot.jobs import Jobs
from bot.postgresql import conninfo

log = structlog.get_logger()

LOOK, SWEEP = "look", "sweep"
QUEUE = "jobs"
POLL = 1.0
"""Seconds between two looks for a task whose time has come."""
HEARTBEAT, DEAD = 2.0, 10.0
"""Seconds between two signs of life of a worker, and after which one without is taken for dead."""
AGAIN = 1.0
"""Seconds before the worker is started again when the database went away."""
ENDING = 5.0
"""Seconds that a task in progress gets when the worker stops."""


def install(store: Store) -> None:
    """Add Procrastinate's own tables to the database unless they are there; one process at a time does so."""
    with store.migrating() as connection:
        if not inspect(connection).has_table("procrastinate_jobs"):
            driver: Any = connection.connection.dbapi_connection
            driver.execute(SchemaManager.get_schema())


def alarm() -> Any:
    """Return what defers a look in the transaction of the connection that it is given."""
    app = App(connector=SyncPsycopgConnector())

    def defer(connection: Any) -> None:
        app.configure_task(LOOK, queue=QUEUE, lock=LOOK, connection=connection).defer()

    return defer


class Looks:
    """The tasks of Procrastinate, and a worker for them."""

    def __init__(self, url: URL, jobs: Jobs) -> None:
        self._conninfo = conninfo(url)
        self._jobs = jobs

    async def run(self) -> None:
        """Work until cancelled; a database that went away is waited for."""
        while True:
            try:
                await self._work()
            except ConnectorException as exc:
                log.warning("jobs_cut_off", error=type(exc).__name__)
            await asyncio.sleep(AGAIN)

    async def _work(self) -> None:
        app = self.app()
        async with app.open_async():
            # What was due while nobody worked.
            await self._defer(app, datetime.now(UTC))
            await app.run_worker_async(
                queues=[QUEUE],
                concurrency=2,
                fetch_job_polling_interval=POLL,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=DEAD,
                shutdown_graceful_timeout=ENDING,
                delete_jobs="successful",
                install_signal_handlers=False,
            )

    def app(self) -> App:
        """Return the application with its tasks."""
        app = App(connector=PsycopgConnector(conninfo=self._conninfo, min_size=1, max_size=4))
        app.task(name=LOOK, queue=QUEUE, lock=LOOK, pass_context=True)(self._look)
        sweep = app.task(name=SWEEP, queue=QUEUE, queueing_lock=SWEEP, pass_context=True)(self._sweep)
        app.periodic(cron="* * * * *")(sweep)
        return app

    async def _look(self, context: JobContext) -> None:
        """Do what is due, and have the next look when the next thing is."""
        await self._jobs.all_due()
        if (at := await self._jobs.next_due()) is not None:
            # What failed is still due: it is not tried again at once.
            await self._defer(context.app, max(at, datetime.now(UTC) + timedelta(seconds=AGAIN)))

    async def _sweep(self, context: JobContext, timestamp: int) -> None:
        """Let a living worker do what a dead one had begun, and look, in case nobody was told to."""
        for job in await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD):
            log.warning("job_taken_over", job=job.task_name)
            await context.app.job_manager.retry_job(job)
        await self._defer(context.app, datetime.fromtimestamp(timestamp, UTC))

    async def _defer(self, app: App, at: datetime) -> None:
        """Defer a look for *at*, the machine's time; one for each second is enough."""
        name = f"{LOOK} {at:%Y-%m-%d %H:%M:%S}"
        with contextlib.suppress(AlreadyEnqueued):
            await app.configure_task(
                LOOK, queue=QUEUE, lock=LOOK, queueing_lock=name, schedule_at=at
            ).defer_async()
