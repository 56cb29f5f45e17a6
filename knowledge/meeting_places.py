"""Where delegates can sit down with one another: tables and small rooms, and when they are open for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.vocabulary import Localised

STEP = timedelta(minutes=5)
"""What all times of meeting places are multiples of."""


@dataclass(frozen=True, slots=True)
class MeetingPlace:
    """
    A table, or a small room, for *seats* people; *slot* is how long one meeting has it.

    It stands in *room*, whose floor and way are its own; one that has the id of its room is that room as a whole.
    *opens* are the times between which it can be had, in their order.
    """

    id: str
    name: Localised
    room: str
    seats: int
    slot: timedelta
    opens: tuple[tuple[datetime, datetime], ...]

    @property
    def is_whole_room(self) -> bool:
        """Tell whether nobody else can use the room meanwhile."""
        return self.id == self.room

    def slots(self) -> Iterator[tuple[datetime, datetime]]:
        """Yield the beginning and the end of each slot, in their order."""
        for opens, closes in self.opens:
            starts = opens
            while starts + self.slot <= closes:
                yield starts, starts + self.slot
                starts += self.slot

    def has(self, starts: datetime) -> bool:
        """Tell whether one of its slots begins at *starts*."""
        return any(begins == starts for begins, _ in self.slots())
