"""The core as every channel uses it: what participants do comes in here, what they are told leaves by the ledger."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import select
from sqlmodel import Session

from bot import participants
from bot.database import Store
from bot.deliveries import Due
from bot.forms import Forms
from bot.ledger import CARD, WITH_CARDS
from bot.messages import MAX_HEARD, Address, Card, Edit, Form, Immediate, Inbound, Submitted, Text
from bot.routing import Reading
from bot.snapshots import Snapshots
from bot.turns import DELIVERIES, INBOX, Outcome, Turns, keep_raw
from bot.wording import Wording
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import LANGUAGES

log = structlog.get_logger()
T = TypeVar("T")

READINGS, SHORT = 1000, 60
"""How many texts are kept with what they mean, and the characters up to which a text is likely to come again."""
PATIENCE = 1.0
"""Seconds that a turn may take before its message is kept as it is and the turn follows."""
MENU = ("now", "where", "agenda", "need", "offer", "matches", "ask", "lang", "privacy")
"""Commands of a channel's menu, in the order in which they are needed."""
PAGE_WORDS = (
    "title",
    "message_label",
    "send",
    "reconnecting",
    "connected",
    "log_label",
    "choices_label",
    "too_long",
)


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of a conversation as its channel shows it: what was *heard*, or a *card*.

    *replaces* is the ref of the card whose place it takes.
    """

    id: int
    at: datetime
    heard: str | None = None
    card: Card | None = None
    replaces: str | None = None


class Outlet(Protocol):
    """What a sender in the same process does for the assistant."""

    def holder(self, channel: str) -> str | None:
        """Return the name under which the sender takes what is written for *channel*, None when it does not."""

    def offer(self, due: Sequence[Due]) -> None:
        """Line up what was just committed."""


class Assistant:
    """Takes turns, one transaction each, and tells the sender what is due."""

    languages = LANGUAGES

    def __init__(self, store: Store, snapshots: Snapshots, turns: Turns, wording: Wording) -> None:
        self._store = store
        self._snapshots = snapshots
        self._turns = turns
        self._wording = wording
        self._forms = Forms(wording)
        self._readings = Readings(snapshots.current)
        self._outlet: Outlet | None = None
        self._late: set[asyncio.Task[Outcome]] = set()

    def connect(self, outlet: Outlet) -> None:
        """Hand what is due to *outlet* as soon as it is committed, so that a reply leaves at once."""
        self._outlet = outlet

    async def receive(self, inbound: Inbound) -> Immediate | None:
        """
        Take *inbound* through a whole turn; return what belongs inside the platform's own request.

        Returns once the message is safe: its turn is committed, or, when that takes over a second, the message
        itself is. Raises only when the database cannot be written: then it must not be acknowledged.
        """
        if isinstance(inbound.heard, Submitted):
            errors = self._forms.errors(
                inbound.heard, await self.language_of(inbound.address, inbound.locale)
            )
            if errors:
                return Immediate(errors=errors)
        turn = asyncio.create_task(self._take(inbound))
        done, _ = await asyncio.wait({turn}, timeout=PATIENCE)
        if done:
            return turn.result().immediate
        self._late.add(turn)
        turn.add_done_callback(self._late_done)
        now = self._turns.clock.machine()
        await self._written(lambda session: keep_raw(session, inbound, now))
        return None

    async def recover(self) -> int:
        """Take up, in their order, the messages that were kept but not answered before a stop; return how many."""
        query = select(INBOX.c.payload).where(INBOX.c.done_at.is_(None)).order_by(INBOX.c.id)
        unfinished = self._store.read(lambda session: session.execute(query).scalars().all())
        for payload in unfinished:
            await self._take(Inbound.from_json(payload))
        return len(unfinished)

    async def drain(self) -> None:
        """Wait for the turns that were acknowledged before they were done."""
        if self._late:
            await asyncio.wait(self._late)

    async def lines(self, address: Address, after: int = 0, limit: int = 200) -> tuple[Line, ...]:
        """Return what stands in the conversation at *address* after the line *after*, oldest first."""
        return await asyncio.to_thread(
            self._store.read, lambda session: _lines(session, address, after, limit)
        )

    async def home(self, address: Address, locale: str | None = None) -> tuple[Card, ...]:
        """Return the cards of the participant's own page, in their order."""
        know = self._snapshots.current
        return await asyncio.to_thread(
            self._store.read, lambda session: self._turns.home(session, address, locale, know)
        )

    async def form(self, name: str, address: Address, locale: str | None = None) -> Form:
        """Return the form *name* in the participant's language."""
        lang = await self.language_of(address, locale)
        return self._forms.form(name, lang, self._snapshots.current)

    def commands(self, lang: str) -> tuple[tuple[str, str], ...]:
        """Return the command menu in *lang*: names with their descriptions, the most needed first."""
        return tuple((name, self._wording.text(f"commands/{name}", lang)) for name in MENU)

    def page_words(self, lang: str) -> dict[str, str]:
        """Return the words of the browser chat's page in *lang*."""
        rehearsal = self._turns.clock.rehearsal
        return {name: self._wording.text(f"page/{name}", lang, rehearsal=rehearsal) for name in PAGE_WORDS}

    async def language_of(self, address: Address, locale: str | None = None) -> str:
        """Return the language that the participant at *address* reads; of a stranger, what *locale* says."""
        known = await asyncio.to_thread(
            self._store.read, lambda session: participants.known(session, address)
        )
        return known.actor.reads if known else participants.of_locale(locale) or "en"

    def _late_done(self, turn: asyncio.Task[Outcome]) -> None:
        self._late.discard(turn)
        if not turn.cancelled() and turn.exception() is not None:
            log.error("late_turn_failed", error=type(turn.exception()).__name__)

    async def _take(self, inbound: Inbound) -> Outcome:
        know = self._snapshots.current
        try:
            if self._readings.know is not know:
                self._readings = Readings(know)
            reading = self._readings.of(inbound, self._turns.clock.now())
            holder = self._outlet.holder(inbound.address.channel) if self._outlet else None
            outcome = await self._written(
                lambda session: self._turns.take(session, inbound, reading, know, holder),
                line=str(inbound.address),
            )
        except Exception:
            # An apology needs the database too: without it, this raises and the platform sends the message again.
            log.exception("turn_failed", channel=inbound.address.channel)
            outcome = await self._written(lambda session: self._turns.apologise(session, inbound, know))
        if outcome.due and self._outlet:
            self._outlet.offer(outcome.due)
        return outcome

    async def _written(self, work: Callable[[Session], T], line: str | None = None) -> T:
        return await asyncio.wrap_future(self._store.write(work, line))


class Readings:
    """What the knowledge makes of words; of short ones it is kept, since many people ask the same."""

    def __init__(self, know: Snapshot) -> None:
        self.know = know
        self._kept = lru_cache(maxsize=READINGS)(self._read)

    def of(self, inbound: Inbound, now: datetime) -> Reading | None:
        """Return what *inbound* says, before anything is locked; None where there are no words to be read."""
        today = now.astimezone(self.know.forum.time_zone).date()
        match inbound.heard:
            case Text(text, forwarded=False) | Edit(text) if text.strip() and not text.startswith("/"):
                text = text[:MAX_HEARD]
                return self._kept(text, today) if len(text) <= SHORT else self._read(text, today)
            case _:
                return None

    def _read(self, text: str, today: date) -> Reading:
        return Reading(self.know.understand(text, today=today), self.know.answers.ask(text))


def _lines(session: Session, address: Address, after: int, limit: int) -> tuple[Line, ...]:
    table = DELIVERIES.c
    query = (
        select(table.id, table.ref, table.created_at, CARD, table.replaces)
        .select_from(WITH_CARDS)
        .where(table.channel == address.channel, table.user == address.user)
        .where(table.id > after, table.state != "failed")
        .order_by(table.id)
        .limit(limit)
    )
    return tuple(
        Line(row.id, row.created_at, heard=row.card["heard"])
        if "heard" in row.card
        else Line(
            row.id,
            row.created_at,
            card=Card.from_json({**row.card, "ref": row.ref}),
            replaces=row.replaces,
        )
        for row in session.execute(query)
    )
