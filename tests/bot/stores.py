"""People kept and read, and a writer that is held, for tests of the store."""

import threading
from typing import Any

from sqlmodel import Session, select

from bot.database import Store
from bot.store import Participant
from tests.bot.ledgers import NOW


def add(name: str) -> Any:
    """Return work that keeps a participant called *name*."""
    return lambda session: session.add(Participant(name=name, created_at=NOW))


def names(store: Store) -> list[str | None]:
    return store.read(lambda session: list(session.exec(select(Participant.name).order_by(Participant.name))))


class Together:
    """Holds the writer, so that all that is written meanwhile shares one commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._free = threading.Event()
        self._begun = threading.Event()

    def __enter__(self) -> None:
        def wait(_session: Session) -> None:
            self._begun.set()
            assert self._free.wait(20)

        self._first = self._store.write(wait)
        assert self._begun.wait(20)

    def __exit__(self, *_: object) -> None:
        self._free.set()
        self._first.result(20)
