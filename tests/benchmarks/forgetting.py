"""
Forgetting one person in a database with 1,000 and with 100,000 messages to others, in the same run.

Everybody else waits while somebody is forgotten: their name is looked for in every text that is left.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import Session

from bot import schema
from bot.database import Store
from bot.forgetting import DELIVERIES, forget
from bot.participants import PEOPLE, Actor

NOW = datetime(2022, 9, 13, 3, 0, tzinfo=UTC)
MESSAGES = (1_000, 100_000)
PEOPLE_FORGOTTEN = 5
CARD = {"heading": "Lunch", "body": "Lunch is served in the cafeteria, ground floor. " * 6}


def message(number: int, reader: int) -> dict[str, object]:
    """Return the row of a message that has arrived."""
    return {
        "ref": f"{number:x}.0",
        "kind": "reply",
        "priority": 0,
        "participant_id": reader,
        "channel": "telegram",
        "user": "reader",
        "chat": "reader",
        "card": CARD,
        "state": "sent",
        "attempts": 1,
        "created_at": NOW,
        "settled_at": NOW,
    }


def people(session: Session, messages: int) -> Iterator[Actor]:
    """Keep one who reads all *messages* and those who will be forgotten; yield the latter."""
    row = {"role": "delegate", "confirmed": True, "guessed_language": "en", "created_at": NOW}
    new = insert(PEOPLE).returning(PEOPLE.c.id)
    reader = session.execute(new, row).scalar_one()
    session.execute(insert(DELIVERIES), [message(number, reader) for number in range(messages)])
    for number in range(PEOPLE_FORGOTTEN):
        name, email = f"Tebora Iosua {number}", f"tebora{number}@ministry.example"
        own = session.execute(new, {**row, "name": name, "email": email}).scalar_one()
        yield Actor(own, "delegate", name=name, email=email, confirmed=True)


def seconds(folder: Path, messages: int) -> float:
    """Return the median of the seconds that it takes to forget one person."""
    url = f"sqlite:///{folder / str(messages)}.db"
    store = Store(url)
    schema.upgrade(store)
    actors = store.write(lambda session: list(people(session, messages))).result()
    took = []
    for actor in actors:
        begun = time.perf_counter()
        store.write(lambda session, actor=actor: forget(session, actor, NOW)).result()
        took.append(time.perf_counter() - begun)
    store.close()
    return statistics.median(took)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        few, many = (seconds(Path(folder), messages) for messages in MESSAGES)
    print(f"  {MESSAGES[0]:,} messages: {few * 1000:.0f} ms; {MESSAGES[1]:,}: {many * 1000:.0f} ms")
    print(f"  {MESSAGES[1] // MESSAGES[0]} times the messages take {many / few:.1f} times as long")
