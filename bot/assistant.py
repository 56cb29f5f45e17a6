"""The core as every channel uses it: what participants do comes in here, what they are told leaves by the ledger."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, Protocol, TypeVar

import structlog
from sqlalchemy import func, select
from sqlmodel import Session

from bot import calendars, inbox, participants
from bot.commands import Command
from bot.database import Store
from bot.deliveries import Due
from bot.errors import CommitUncertain, Refused
from bot.floods import Rush
from bot.forms import FORGET, GROUP, SURVEY, Forms
from bot.ledger import CARD, WITH_CARDS
from bot.link_page import Looker, link_page
from bot.messages import MAX_HEARD, Address, Card, Choice, Edit, Form, Immediate, Inbound, Submitted, Text
from bot.news import NO_NEWS, News
from bot.participants import ADDRESSES, Actor
from bot.privacy_commands import WhatGoes
from bot.readings import Reading
from bot.records import Records
from bot.rights import SECRETARIAT, may
from bot.snapshots import Snapshots
from bot.survey_commands import MyResponse, Response
from bot.turns import DELIVERIES, Outcome, Turns
from bot.wording import Wording
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import LANGUAGES

log = structlog.get_logger()
T = TypeVar("T")

READINGS, SHORT = 1000, 60
"""How many texts are kept with what they mean, and the characters up to which a text is likely to come again."""
PATIENCE = 1.0
"""Seconds that a turn may take before its message is kept as it is and the turn follows."""
AT_ONCE = 1000
"""Kept messages that are taken up in one go."""
Audience = Literal["private", "group", "secretariat"]
"""Whom a menu is for: everybody in private, everybody in a group, an officer in private."""
MENU = ("now", "where", "agenda", "need", "offer", "matches", "groups", "ask", "lang", "privacy")
"""Commands of a channel's menu, in the order in which they are needed."""
PUBLIC_MENU = ("now", "where", "agenda", "groups", "ask")
"""Commands of the menu in a group, where everybody reads the answer."""
OFFICERS_MENU = (*MENU, "announce", "remind", "questions", "review")
MENUS: Mapping[Audience, tuple[str, ...]] = {
    "private": MENU,
    "group": PUBLIC_MENU,
    "secretariat": OFFICERS_MENU,
}
PAGE_WORDS = (
    "title",
    "message_label",
    "send",
    "reconnecting",
    "connected",
    "log_label",
    "choices_label",
    "too_long",
    "press_send",
    "crowded",
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
    """
    Takes turns, one transaction each, and tells the sender what is due.

    In one process the turns of a participant come in the order of their messages by themselves. On PostgreSQL other
    processes hear the same participant: there every message is kept as it arrives, and a turn takes first whatever
    its account said before.
    """

    languages = LANGUAGES

    def __init__(
        self,
        store: Store,
        snapshots: Snapshots,
        turns: Turns,
        wording: Wording,
        news: News = NO_NEWS,
    ) -> None:
        self._store = store
        self._together = store.dialect == "postgresql"
        self._news = news
        self._snapshots = snapshots
        self._turns = turns
        self._wording = wording
        self._forms = Forms(wording)
        self._readings = Readings(snapshots.current)
        self._rush = Rush()
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
            lang = await self.language_of(inbound.address, inbound.locale)
            errors = self._forms.errors(inbound.heard, lang, self._snapshots.current)
            if errors:
                return Immediate(errors=errors)
        rushed = self._rush.has(inbound.address, self._turns.clock.machine())
        if rushed and not await self._rush.is_last(inbound):
            return None
        kept = None
        if self._together and (kept := await self._keep(inbound)) is None:
            return None
        turn = asyncio.create_task(
            self._take(inbound, rushed) if kept is None else self._take_in_order(kept, rushed)
        )
        done, _ = await asyncio.wait({turn}, timeout=PATIENCE)
        if done:
            return turn.result().immediate
        self._late.add(turn)
        turn.add_done_callback(self._late_done)
        if kept is None:
            await self._keep(inbound)
        return None

    async def recover(self, age: timedelta = timedelta()) -> int:
        """
        Take up, in their order, the messages that were kept but not answered; return how many.

        Only those that are older than *age*: of the others another process may be about to take care. What came too
        fast is among them when its time has come.
        """
        before = self._turns.clock.machine() - age
        taken = 0
        while unfinished := await self._unfinished(before):
            for kept in unfinished:
                await (self._take_in_order(kept) if self._together else self._take(kept.inbound))
            taken += len(unfinished)
        return taken

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

    async def link_page(self, token: str, looker: Looker) -> Card:
        """Return the page of the link that *token* belongs to; nothing changes by it."""
        know = self._snapshots.current
        return await asyncio.to_thread(
            self._store.read, lambda session: link_page(session, self._turns, know, token, looker)
        )

    async def form(
        self, name: str, address: Address, locale: str | None = None, text: str = ""
    ) -> Form | None:
        """
        Return the form *name* in the participant's language, None where words say better why there is none.

        That of a need or an offer has the *text* in it, the one by which people link the address that is the *text*.
        """
        lang, know = await self.language_of(address, locale), self._snapshots.current
        if name == FORGET:
            return self._forms.forgetme(await self._read(address, WhatGoes()), lang, know)
        if name == SURVEY:
            return await self._survey(address, lang)
        if asked := GROUP.fullmatch(name):
            found = await asyncio.to_thread(
                self._store.read, lambda session: participants.known(session, address)
            )
            group = know.groups.get(asked["group"])
            joins = found is not None and may(found.actor.role, "join_group")
            return (
                self._forms.group(group, found.actor.country, lang, know)
                if group and found and joins
                else None
            )
        return self._forms.form(name, lang, know, text)

    async def options(
        self, name: str, text: str, address: Address, locale: str | None = None
    ) -> tuple[Choice, ...]:
        """Return what the field *name* of a form offers for the *text* typed so far, best first."""
        lang = await self.language_of(address, locale)
        return self._forms.options(name, text, lang, self._snapshots.current)

    async def _survey(self, address: Address, lang: str) -> Form | None:
        """Return the survey as a form; None where it is not theirs, has no questions, or was submitted."""
        try:
            response: Response = await self._read(address, MyResponse())
        except Refused:
            return None
        know = self._snapshots.current
        return None if response.submitted or not know.survey else self._forms.survey(response, lang, know)

    async def _read(self, address: Address, command: Command) -> Any:
        """Return what *command* reads for the participant at *address*."""

        def read(session: Session) -> Any:
            found = participants.known(session, address)
            actor = found.actor if found else Actor()
            press = self._turns.press(self._snapshots.current)
            return Records(session, actor, self._turns.clock.now(), press).perform(command)

        return await asyncio.to_thread(self._store.read, read)

    async def calendar(self, token: str) -> bytes | None:
        """Return what stands at the calendar address that ends with *token*, None where there is none."""
        know, turns = self._snapshots.current, self._turns

        def read(session: Session) -> bytes | None:
            press = turns.press(turns.overlay.of(session, know))
            return calendars.read(session, turns.keys, token, press, turns.clock.now())

        return await asyncio.to_thread(self._store.read, read)

    def commands(self, lang: str, audience: Audience = "private") -> tuple[tuple[str, str], ...]:
        """Return the command menu in *lang*: names with their descriptions, the most needed first."""
        return tuple((name, self._wording.text(f"commands/{name}", lang)) for name in MENUS[audience])

    async def officers_on(self, channel: str) -> tuple[tuple[str, str], ...]:
        """Return where the secretariat's officers are written to on *channel*, each with the language they read."""
        return await asyncio.to_thread(
            self._store.read, lambda session: participants.officers(session, channel)
        )

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

    async def turned_away(self, inviter: Address, locale: str | None = None) -> str:
        """Return what is said to a group before the bot leaves it; empty where *inviter* may let it in."""
        found = await asyncio.to_thread(
            self._store.read, lambda session: participants.known(session, inviter)
        )
        if (found and found.actor.role in SECRETARIAT) or str(inviter) in self._turns.secretariat:
            return ""
        lang = found.actor.reads if found else participants.of_locale(locale) or "en"
        return self._wording.text("shared/not_invited", lang)

    def _late_done(self, turn: asyncio.Task[Outcome]) -> None:
        self._late.discard(turn)
        if not turn.cancelled() and turn.exception() is not None:
            log.error("late_turn_failed", error=type(turn.exception()).__name__)

    async def _unfinished(self, before: datetime) -> tuple[inbox.Kept, ...]:
        return await asyncio.to_thread(
            self._store.read,
            lambda session: inbox.unfinished(session, before, AT_ONCE, self._turns.clock.machine()),
        )

    async def _keep(self, inbound: Inbound) -> inbox.Kept | None:
        """Keep *inbound* as it came; None when it has had its turn."""
        now = self._turns.clock.machine()
        # A line of its own: arrivals keep their order, and do not wait for the turn of an earlier one.
        line = f"inbox:{inbound.address}"
        row = await self._written_once(lambda session: inbox.keep_raw(session, inbound, now), line)
        return None if row is None else inbox.Kept(row, inbound)

    async def _take_in_order(self, own: inbox.Kept, rushed: bool = False) -> Outcome:
        """Take what waits at the account of *own*, up to it; return what *own* left behind."""
        kept = own
        while True:
            turned = await self._take_kept(kept, rushed and kept is own)
            if isinstance(turned, Outcome) and kept is own:
                return turned
            kept = turned if isinstance(turned, inbox.Kept) else own

    async def _take(self, inbound: Inbound, rushed: bool = False) -> Outcome:
        def take(session: Session, *known: Any) -> Outcome:
            return self._turns.take(session, inbound, *known, rushed=rushed)

        return await self._turned(inbound, take, rushed)

    async def _take_kept(self, kept: inbox.Kept, rushed: bool) -> Outcome | inbox.Kept:
        def take(session: Session, *known: Any) -> Outcome | inbox.Kept:
            return self._turns.take_in_order(session, kept, *known, rushed=rushed)

        return await self._turned(kept.inbound, take, rushed)

    async def _turned(self, inbound: Inbound, take: Callable[..., T], rushed: bool) -> T | Outcome:
        """Return what *take* gives for *inbound* with what is known about it; hand on what is due."""
        know = self._snapshots.current
        try:
            if self._readings.know is not know:
                self._readings = Readings(know)
            reading = None if rushed else self._readings.of(inbound, self._turns.clock.now())
            holder = self._outlet.holder(inbound.address.channel) if self._outlet else None
            turned: T | Outcome = await self._written_once(
                lambda session: take(session, reading, know, holder), line=str(inbound.address)
            )
        except Exception:
            # An apology needs the database too: without it, this raises and the platform sends the message again.
            log.exception("turn_failed", channel=inbound.address.channel)
            turned = await self._written(lambda session: self._turns.apologise(session, inbound, know))
        if isinstance(turned, Outcome) and turned.due:
            self._hand_on(turned.due)
        return turned

    def _hand_on(self, due: Sequence[Due]) -> None:
        """Give *due* to the sender of this process, and tell the others of what it does not send."""
        if self._outlet:
            self._outlet.offer(due)
        channels = {delivery.outbound.address.channel for delivery in due}
        elsewhere = [name for name in channels if not self._outlet or self._outlet.holder(name) is None]
        if elsewhere:
            self._news.tell("queued", elsewhere)

    async def _written_once(self, work: Callable[[Session], T], line: str) -> T:
        """Write what a key keeps from being written twice."""
        try:
            return await self._written(work, line)
        except CommitUncertain:
            return await self._written(work, line)

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


def _whose(address: Address) -> Any:
    """Return the participant at *address*; none once they have stopped, or were forgotten."""
    places = select(ADDRESSES.c.participant_id).where(ADDRESSES.c.channel == address.channel)
    return places.where(ADDRESSES.c.user == address.user).scalar_subquery()


def _lines(session: Session, address: Address, after: int, limit: int) -> tuple[Line, ...]:
    table = DELIVERIES.c
    query = (
        select(table.id, table.ref, table.created_at, CARD, table.replaces)
        .select_from(WITH_CARDS)
        .where(table.channel == address.channel, table.user == address.user)
        # Whoever has the browser of somebody who was unlinked reads nothing of theirs.
        .where(table.participant_id == func.coalesce(_whose(address), table.participant_id))
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
