"""The cards that the deliveries of an announcement have in common, each read once."""

from collections import OrderedDict
from collections.abc import Collection
from threading import Lock
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session

from bot.messages import Card
from bot.store import SharedCard

SHARED: Any = SharedCard.__table__  # type: ignore[attr-defined]
KEPT = 16
"""Cards that stay in memory: a few announcements in four languages, perhaps with attachments."""
FOUND = select(SHARED.c.id, SHARED.c.card).where(SHARED.c.id.in_(bindparam("ids", expanding=True)))


class SharedCards:
    """Reads shared cards and keeps the last of them: a card never changes, a correction writes new ones."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Card] = OrderedDict()
        self._lock = Lock()

    def of(self, session: Session, ids: Collection[int]) -> dict[int, Card]:
        """Return the cards with *ids*."""
        with self._lock:
            found = {id_: self._kept[id_] for id_ in ids if id_ in self._kept}
        wanted = set(ids) - found.keys()
        if wanted:
            rows = session.execute(FOUND, {"ids": sorted(wanted)})
            found |= {id_: Card.from_json(card) for id_, card in rows}
        with self._lock:
            self._kept.update(found)
            for id_ in found:
                self._kept.move_to_end(id_)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found
