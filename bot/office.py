"""The secretariat's commands as the command line gives them: the same rights and records as in a chat."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot import announcing
from bot.announcement_commands import Announce, Announced, Preview, Sample
from bot.broadcasts import Announcement, Rules
from bot.changes import Overlay
from bot.clock import Clock
from bot.commands import Command
from bot.database import Store
from bot.desk import Press
from bot.dialogue import Saying
from bot.keys import Keys
from bot.linking import Door
from bot.links import Ways
from bot.messages import Card
from bot.notices import notify
from bot.participants import Actor
from bot.records import Records
from bot.wording import Wording
from knowledge.snapshot import Snapshot

LOOK = 0.05
"""Seconds between two looks at what is in flight."""
PATIENCE = timedelta(minutes=2)


class Office:
    """
    The desk of whoever runs the command line; what it queues, `saphan serve` sends.

    Only what makes secrets, or looks for what was kept of one, needs *keys*.
    """

    def __init__(
        self,
        store: Store,
        wording: Wording,
        know: Snapshot,
        clock: Clock,
        rules: Rules | None = None,
        keys: Keys | None = None,
    ) -> None:
        self._wording = wording
        self._clock = clock
        self._rules = rules or Rules()
        self._door = Door(keys, Ways()) if keys is not None else None
        self._overlay = Overlay()
        self.know = know
        self.store = store

    @property
    def now(self) -> datetime:
        """The moment by the forum's clock."""
        return self._clock.now()

    def perform(self, command: Command) -> Any:
        """Carry *command* out, tell whoever has to be told, and return what its docstring promises."""
        return self.store.write(lambda session: self._perform(session, command)).result()

    def announce(self, announcement: Announcement) -> Announced:
        """Keep *announcement*; `saphan serve` sends it."""
        result: Announced = self.perform(Announce(announcement))
        return result

    def letter(self, saying: Saying, lang: str) -> Card:
        """Return what stands on a paper in *lang*."""
        return self._wording.card(saying, lang, "", self.know)

    def preview(self, announcement: Announcement) -> tuple[Sample, ...]:
        """Return *announcement* as a real recipient of each channel and language would see it."""
        result: tuple[Sample, ...] = self.perform(Preview(announcement))
        return result

    def stopped(self, number: str, patience: timedelta = PATIENCE) -> bool:
        """
        Wait until nothing of the announcement is in flight, after it was paused or cancelled; tell whether that came.

        Every message in flight ends by itself: its platform answers, or the sender gives up waiting for that.
        """
        until = time.monotonic() + patience.total_seconds()
        while self.store.read(lambda session: announcing.in_flight(session, number)):
            if time.monotonic() > until:
                return False
            time.sleep(LOOK)
        return True

    def work(self, do: Callable[[Session, Press, datetime], None]) -> None:
        """Do at once what else happens by itself; see `bot.jobs.Job`."""
        know = self.store.read(lambda session: self._overlay.of(session, self.know))
        press = Press(know, self._wording, self._rules, self._clock.offset)
        self.store.write(lambda session: do(session, press, self.now)).result()

    def _perform(self, session: Session, command: Command) -> Any:
        know = self._overlay.of(session, self.know)
        press = Press(know, self._wording, self._rules, self._clock.offset)
        records = Records(session, Actor(role="admin"), self.now, press, door=self._door)
        result = records.perform(command)
        notify(session, press, records.notices, self.now)
        return result
