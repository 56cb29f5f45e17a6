"""
A program to be killed: `python -m tests.crash.program send|announce DATABASE_URL API_URL`.

`send` carries the ledger to Telegram until every row has ended; on PostgreSQL it waits for the lease, as others may
send at the same time. `announce` queues an announcement and says so from
inside the transaction, where it then stays.
"""

import asyncio
import signal
import sys
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from adapters.telegram import Telegram
from bot.announcement_commands import Announce
from bot.clock import Clock, system_time
from bot.database import Store
from bot.leases import Sole
from bot.ledger import OPEN, ROWS
from bot.postgresql import SharedLeases
from bot.records import Records
from bot.sender import Sender
from tests.bot.ledgers import OFFICER, a_press, lunch
from tests.loopback.telegram import TOKEN

LOOK = 0.05
"""Seconds between two looks at whether all is over."""


def open_rows(session: Session) -> int:
    return int(session.execute(select(func.count()).select_from(ROWS).where(OPEN)).scalar_one())


async def send(store: Store, api_url: str) -> None:
    nobody: Any = None  # nothing is heard, so nobody answers
    telegram = Telegram(nobody, token=TOKEN, api_url=api_url)
    leases = SharedLeases(store.url) if store.dialect == "postgresql" else Sole()
    running = asyncio.create_task(Sender(store, [telegram], Clock(), leases=leases).run())
    while await asyncio.to_thread(store.read, open_rows):  # noqa: ASYNC110 - the sender tells nobody
        await asyncio.sleep(LOOK)
    running.cancel()
    await asyncio.wait({running})
    await telegram.close()


def linger(session: Session) -> None:
    Records(session, OFFICER, system_time(), a_press()).perform(Announce(lunch()))
    print("queued, not committed", flush=True)
    signal.pause()


def main() -> None:
    what, database, api_url = sys.argv[1:]
    store = Store(database)
    if what == "send":
        asyncio.run(send(store, api_url))
    else:
        store.write(linger).result()
    store.close()


if __name__ == "__main__":
    main()
