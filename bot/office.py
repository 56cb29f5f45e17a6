"""The secretariat's commands as the command line gives them: the same rights and records as in a chat."""

import secrets
from typing import Any

from sqlmodel import Session

from bot.broadcasts import Announcement
from bot.clock import Clock
from bot.commands import Announce, Announced, Command
from bot.database import Store
from bot.dialogue import say
from bot.messages import Card
from bot.participants import Actor
from bot.records import Records
from bot.turns import tell
from bot.wording import Wording
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import LANGUAGES


class Office:
    """The desk of whoever runs the command line; what it queues, `saphan serve` sends."""

    def __init__(self, store: Store, wording: Wording, know: Snapshot, clock: Clock) -> None:
        self._wording = wording
        self._clock = clock
        self.know = know
        self.store = store

    def perform(self, command: Command) -> Any:
        """Carry *command* out, tell whoever has to be told, and return what its docstring promises."""
        return self.store.write(lambda session: self._perform(session, command)).result()

    def announce(self, announcement: Announcement) -> Announced:
        """Queue *announcement* for everyone it reaches, written out in each language."""
        cards = {lang: self.card(announcement, lang) for lang in LANGUAGES}
        result: Announced = self.perform(Announce(announcement, cards))
        return result

    def card(self, announcement: Announcement, lang: str) -> Card:
        """Return *announcement* as a reader of *lang* sees it."""
        text, translated = announcement.text(lang)
        return self._wording.card(
            say("broadcast/announcement", text=text, translated=translated), lang, "preview", self.know
        )

    def _perform(self, session: Session, command: Command) -> Any:
        records = Records(session, Actor(role="admin"), self._clock.now())
        result = records.perform(command)
        tell(
            session,
            records.notices,
            lambda saying, lang, ref: self._wording.card(saying, lang, ref, self.know),
            f"o{secrets.token_hex(6)}",
            self._clock.now(),
        )
        return result
