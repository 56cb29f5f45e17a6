"""One turn, inside its transaction: the message seen, the conversation moved on, the answers queued."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite's compiler takes its clauses too
from sqlmodel import Session

from bot import consent_again, floods, home, inbox, ledger, mutes, participants
from bot.broadcasts import Rules
from bot.changes import Overlay
from bot.clock import Clock
from bot.conversation import Conversation, Shown
from bot.database import lock
from bot.deliveries import NOBODY, WHOLE_CONVERSATION, Due, Kind
from bot.desk import Press
from bot.dialogue import Saying, Turn, say
from bot.engine import Advanced, Engine, Enter, Remark
from bot.errors import NotAllowed, TooMuch
from bot.forms import Forms
from bot.keys import Keys
from bot.linking import Door
from bot.links import Ways, hidden
from bot.messages import (
    MAX_HEARD,
    Address,
    Card,
    Edit,
    Immediate,
    Inbound,
    Left,
    Media,
    Outbound,
    Tap,
    Text,
)
from bot.notices import Notice, tell
from bot.participants import Actor, to_person
from bot.prepared import Prepared
from bot.readings import Reading
from bot.records import Records
from bot.replies import written_to
from bot.rights import SECRETARIAT
from bot.routing import IN_PRIVATE, Routed, Router
from bot.store import Delivery, KeptConversation
from bot.wording import Wording
from knowledge.snapshot import Snapshot

UNKNOWN = frozenset({"ask/unknown"})
"""Utterances that count as not having known the answer."""

DELIVERIES: Any = Delivery.__table__  # type: ignore[attr-defined]
CONVERSATIONS: Any = KeptConversation.__table__  # type: ignore[attr-defined]

KEPT = upsert(CONVERSATIONS)
KEEP = Prepared(
    KEPT.on_conflict_do_update(
        index_elements=["participant_id"],
        set_={"state": KEPT.excluded.state, "updated_at": KEPT.excluded.updated_at},
    ),
    *("participant_id", "state", "updated_at"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a turn left behind: an answer inside the platform's request, and what is due to leave."""

    immediate: Immediate | None = None
    due: tuple[Due, ...] = ()


@dataclass(frozen=True, slots=True)
class Turns:
    """All that a turn needs besides its transaction."""

    engine: Engine
    router: Router
    wording: Wording
    clock: Clock
    secretariat: Collection[str] = ()
    rules: Rules = field(default_factory=Rules)
    overlay: Overlay = field(default_factory=Overlay)
    keys: Keys = field(default_factory=lambda: Keys(secrets.token_bytes(32)))
    ways: Ways = field(default_factory=Ways)

    def press(self, know: Snapshot) -> Press:
        """Return what writes announcements out, as things stand in *know*."""
        return Press(know, self.wording, self.rules, self.clock.offset)

    def take(
        self,
        session: Session,
        inbound: Inbound,
        reading: Reading | None,
        know: Snapshot,
        holder: str | None = None,
        *,
        rushed: bool = False,
    ) -> Outcome:
        """
        Take *inbound* through its turn, one at a time for each address; a duplicate leaves nothing behind.

        *holder* is the sender that gets the replies as soon as they are committed, None when none does. What is
        *rushed* is kept for later (`bot.floods`).
        """
        lock(session, f"turn:{inbound.address}")
        row = inbox.take_key(session, inbound, self.clock.machine())
        if not row:
            return Outcome()
        return OneTurn(self, session, inbound, reading, know, row, holder).run(rushed=rushed)

    def take_in_order(
        self,
        session: Session,
        kept: inbox.Kept,
        reading: Reading | None,
        know: Snapshot,
        holder: str | None = None,
        *,
        rushed: bool = False,
    ) -> Outcome | inbox.Kept:
        """
        Take *kept* through its turn, after all that its account said before, in whichever process that was heard.

        Returns what has to be taken first where something is left of that; of what has had its turn nothing comes.
        """
        lock(session, f"turn:{kept.inbound.address}")
        now = self.clock.machine()
        first = inbox.oldest(session, kept.inbound.address, kept.row, now)
        if first is None:
            return Outcome()
        if first.row != kept.row:
            return first
        inbox.end(session, kept.row, now)
        return OneTurn(self, session, kept.inbound, reading, know, kept.row, holder).run(rushed=rushed)

    def apologise(self, session: Session, inbound: Inbound, know: Snapshot) -> Outcome:
        """Mark *inbound* as done and say that something failed on our side; the conversation stays as it was."""
        row = inbox.take_key(session, inbound, self.clock.machine())
        return OneTurn(self, session, inbound, None, know, row).apologise() if row else Outcome()

    def home(
        self, session: Session, address: Address, locale: str | None, know: Snapshot
    ) -> tuple[Card, ...]:
        """Return what a participant sees who opens the bot's own page on a channel that has one, in its order."""
        return home.cards(self, session, address, locale, know)


class OneTurn:
    """The turn of one inbound that was never heard before."""

    def __init__(
        self,
        parts: Turns,
        session: Session,
        inbound: Inbound,
        reading: Reading | None,
        know: Snapshot,
        row: int,
        holder: str | None = None,
    ) -> None:
        self._parts = parts
        self._session = session
        self._inbound = inbound
        self._reading = reading
        self._know = parts.overlay.of(session, know)
        self._row = row
        self._holder = holder
        self._now = parts.clock.now()
        self._public = inbound.place == "group"
        self._person, self._conversation = self._meet()
        self._quiet_ended = self._end_quiet()
        self._lang = self._person.reads
        self._cards = 0

    def run(self, *, rushed: bool = False) -> Outcome:
        """Route, and carry on from there."""
        if isinstance(self._inbound.heard, Left):
            ledger.unsubscribe(self._session, self._inbound.address, self._now)
            return Outcome()
        if (held := self._held_back(rushed)) is not None:
            return held
        routed = self._route()
        if routed is IN_PRIVATE and self._inbound.apart:
            return self._answered_apart()
        return self._carry_on(routed)

    def _answered_apart(self) -> Outcome:
        """
        Answer in the private chat what was said where others read along, and tell only its author that it stands there.

        What opens a conversation opens it there; a word that would answer another one does not: it may be a consent.
        """
        heard = self._inbound
        said = replace(heard, chat=heard.address.user, place="private", thread=None, message=None)
        own = OneTurn(self._parts, self._session, said, self._reading, self._know, self._row, self._holder)
        meant = self._meant()
        answer = meant if isinstance(meant.event, Enter) else Routed(Remark((say("shared/write_here"),)))
        first = (say("mute/ended"), *answer.first) if own._quiet_ended else answer.first
        told = own._carry_on(replace(answer, first=first))
        hint = self._parts.wording.text("shared/answered_apart", self._lang)
        return Outcome(Immediate(hint, apart=True), told.due)

    def _carry_on(self, routed: Routed) -> Outcome:
        """Advance as *routed* says, write everything down."""
        door = Door(self._parts.keys, self._parts.ways)
        records = Records(self._session, self._person, self._now, self._parts.press(self._know), door)
        records.place, records.spot = self._inbound.address, self._inbound.spot
        advanced = self._advance(routed, records)
        # A command may just have changed the language, and even who they are.
        self._person = records.actor
        self._lang = records.actor.reads
        says = (*routed.first, *advanced.says)
        if records.gone:
            # Whatever a turn keeps would be about somebody who is not known any more, and so would a draft.
            last = tuple(saying for saying in says if saying.template != "shared/still_open")
            due = self._queue(last, [self._write_out(one) for one in last], NOBODY)
            due += self._tell(records.notices)
            # Only a page of ours remembers somebody by anything: their browser.
            ours = self._inbound.address.channel in WHOLE_CONVERSATION
            ends = Forms(self._parts.wording).farewell(last, self._lang) if ours else None
            return Outcome(ends, tuple(due))
        asking = None if advanced.asking is None else advanced.asking + len(routed.first)
        suggestion = self._other_language(routed)
        cards = [self._write_out(saying) for saying in says]
        self._keep_heard(routed)
        shown = Forms(self._parts.wording).in_place(self._inbound.heard, says, self._lang)
        due = [] if shown and shown.errors else self._queue(says, cards)
        if suggestion is not None:
            due += self._queue((suggestion[1],), [self._write_out(suggestion[1], suggestion[0])])
        due += [*records.due, *self._tell(records.notices)]
        if not self._public:
            suggested = (*advanced.conversation.suggested, suggestion[0]) if suggestion else None
            self._keep(advanced, cards, asking, routed, suggested)
        toast = self._parts.wording.text(routed.toast, self._lang) if routed.toast else ""
        return Outcome(Immediate(toast) if toast else shown, tuple(due))

    def apologise(self) -> Outcome:
        """Say that something failed on our side."""
        saying = say("shared/failed")
        return Outcome(None, tuple(self._queue((saying,), [self._write_out(saying)])))

    def _held_back(self, rushed: bool) -> Outcome | None:
        """Leave the message for later where its author writes too fast, and say so once."""
        machine = self._parts.clock.machine()
        arrival = floods.Arrival(self._inbound, self._row, self._person, machine, rushed)
        passes = floods.passes(arrival, self._conversation, self._reading)
        tells = None if passes else floods.hold_back(self._session, self._parts.keys, arrival)
        if tells is None:
            return None
        slow = say("shared/too_fast")  # under a ref of its own: the message has its own when it is answered
        card = self._parts.wording.card(slow, self._lang, f"{self._row:x}.f", self._know)
        return Outcome(None, tuple(self._queue((slow,), [card]))) if tells else Outcome()

    def _meet(self) -> tuple[Actor, Conversation]:
        """Return who wrote and where they stand; a stranger becomes a visitor."""
        session, inbound = self._session, self._inbound
        known = participants.met(session, inbound.address)
        if known is None:
            known = participants.welcome(session, inbound, self._now)
        participants.heard_from(session, known, inbound)
        parts = self._parts
        actor = participants.appointed(
            session, known.actor, inbound.address, parts.secretariat, parts.clock.machine()
        )
        return actor, Conversation.restored(known.state or {}) if not self._public else Conversation()

    def _end_quiet(self) -> bool:
        """End the quiet that was to last until they write, and tell whether it did; a tap is not written."""
        heard = self._inbound.heard
        if self._person.muted != "until_written" or self._public or isinstance(heard, Tap | Left):
            return False
        assert self._person.id is not None  # noqa: S101 - met
        mutes.mute(self._session, self._person.id, None, None, self._now)
        return True

    def _route(self) -> Routed:
        if (written := written_to(self._session, self._inbound, self._older)) is not None:
            return written
        routed = self._meant()
        match routed.event:
            case Enter("ask", slots):
                known = {**slots, "unknown_before": self._conversation.unknown}
                routed = replace(routed, event=Enter("ask", known))
            case Enter("mute" | "unmute"):
                return routed
        if self._quiet_ended:
            routed = replace(routed, first=(say("mute/ended"), *routed.first))
        return self._parts.router.in_public(routed, self._reading) if self._public else routed

    def _meant(self) -> Routed:
        """Return what was heard, whoever else reads along."""
        router, heard = self._parts.router, self._inbound.heard
        return router.route(heard, self._conversation, self._reading, self._now, self._older)

    def _older(self, ref: str) -> Shown | None:
        """Return what could be chosen on a card that was sent to this participant before, or stands on their page."""
        if ref.startswith(home.HOME):
            page = self._parts.home(self._session, self._inbound.address, self._inbound.locale, self._know)
            return next((Shown.of(card) for card in page if card.ref == ref), None)
        mine = (DELIVERIES.c.ref == ref) & (DELIVERIES.c.participant_id == self._person.id)
        query = select(ledger.CARD).select_from(ledger.WITH_CARDS).where(mine)
        card = self._session.execute(query).scalar()
        return Shown.of(Card.from_json({**card, "ref": ref})) if card and "choices" in card else None

    def _advance(self, routed: Routed, records: Records) -> Advanced:
        turn = self._turn(routed)
        conversation = replace(self._conversation, tapped=routed.tapped or self._conversation.tapped)
        if routed.tapped:
            conversation = replace(conversation, tapped_at=self._now)
        try:
            engine = self._parts.engine
            advanced = engine.advance(conversation, routed.event, turn, records.perform)
            return consent_again.asked_again(engine, advanced, routed.first, turn, records)
        except NotAllowed:
            return Advanced(conversation, (say("shared/not_allowed", registered=self._person.confirmed),))
        except TooMuch as exc:
            told = say("shared/too_much", contacts=self._know.forum.contacts, **exc.values)
            return Advanced(conversation, (told,))

    def _turn(self, routed: Routed) -> Turn:
        return Turn(
            person=to_person(self._person, self._inbound.address.channel),
            know=self._know,
            now=self._now,
            text=routed.text,
            choice=routed.choice,
            understood=self._reading.understood if self._reading else None,
            found=self._reading.found if self._reading else None,
            message=self._inbound.message,
            edited=isinstance(self._inbound.heard, Edit),
            public=self._public,
            rehearsal=self._parts.clock.rehearsal,
        )

    def _other_language(self, routed: Routed) -> tuple[str, Saying] | None:
        """Return the language that the words are in and the offer to go on in it, once for each language."""
        heard = self._inbound.heard
        if self._person.role in SECRETARIAT:
            return None  # they answer people in all languages
        if self._public or not isinstance(heard, Text) or heard.text.startswith("/") or routed.choice:
            return None
        lang = participants.written_in(heard.text[:MAX_HEARD])
        if lang is None or lang == self._lang or lang in self._conversation.suggested:
            return None
        return lang, say("shared/suggest_language", current=self._lang)

    def _write_out(self, saying: Saying, lang: str | None = None) -> Card:
        ref = f"{self._row:x}.{self._cards}"
        self._cards += 1
        return self._parts.wording.card(saying, lang or self._lang, ref, self._know)

    def _queue(self, says: tuple[Saying, ...], cards: list[Card], recipient: int | None = None) -> list[Due]:
        inbound = self._inbound
        outbounds = [
            Outbound(
                delivery=0,
                address=inbound.address,
                chat=inbound.chat,
                card=card,
                thread=inbound.thread,
                replaces=self._replaced() if saying.edit and number == 0 else None,
                about=inbound.message if self._public else None,
            )
            for number, (saying, card) in enumerate(zip(says, cards, strict=True))
        ]
        assert self._person.id is not None  # noqa: S101 - met
        machine = self._parts.clock.machine() if self._holder else None
        kind: Kind = "reply" if recipient is None else "farewell"
        whose = self._person.id if recipient is None else recipient
        return ledger.enqueue(self._session, kind, outbounds, whose, self._now, self._holder, machine)

    def _replaced(self) -> str | None:
        """Return the platform's id of the message whose place the first card takes."""
        match self._inbound.heard:
            case Tap(message=message):
                return message
            case Edit() if self._conversation.frame and self._conversation.frame.shown:
                ref = self._conversation.frame.shown.ref
                query = select(DELIVERIES.c.message).where(DELIVERIES.c.ref == ref)
                return self._session.execute(query).scalar()
            case _:
                return None

    def _tell(self, notices: list[Notice]) -> list[Due]:
        write_out = self._parts.wording.card
        return tell(
            self._session,
            notices,
            lambda saying, lang, ref: write_out(saying, lang, ref, self._know),
            f"{self._row:x}",
            self._now,
        )

    def _keep_heard(self, routed: Routed) -> None:
        """Keep what was said where nobody but us shows it again."""
        if self._inbound.address.channel not in WHOLE_CONVERSATION:
            return
        heard = self._heard(routed)
        if heard:
            assert self._person.id is not None  # noqa: S101 - met
            ref, at = f"{self._row:x}.h", self._inbound
            ledger.keep_heard(self._session, ref, at.address, at.chat, self._person.id, heard, self._now)

    def _heard(self, routed: Routed) -> str:
        match self._inbound.heard:
            case Text(text) | Edit(text) | Media(caption=text):
                return hidden(text[:MAX_HEARD])
            case Tap(ref, number):
                shown = self._conversation.shown
                shown = shown if shown and shown.ref == ref else self._older(ref)
                choice = shown.choice(number) if shown and routed.tapped else None
                return choice.label if choice else ""
            case _:
                return ""

    def _keep(
        self,
        advanced: Advanced,
        cards: list[Card],
        asking: int | None,
        routed: Routed,
        suggested: tuple[str, ...] | None,
    ) -> None:
        """Keep where the participant stands now."""
        conversation = advanced.conversation
        if asking is not None and conversation.frame is not None:
            frame = replace(conversation.frame, shown=Shown.of(cards[asking]))
            conversation = replace(conversation, frame=frame)
        with_choices = [Shown.of(card) for card in cards if card.choices]
        if with_choices:
            conversation = replace(conversation, shown=with_choices[-1], beside=tuple(with_choices[:-1]))
        unknown = any(saying.template in UNKNOWN for saying in advanced.says)
        conversation = replace(conversation, unknown=conversation.unknown + 1 if unknown else 0)
        if suggested is not None:
            conversation = replace(conversation, suggested=suggested)
        match routed.event:
            case Enter("media", {"kind": "sticker"}):
                conversation = replace(conversation, stickers_at=self._now)
        values = {
            "participant_id": self._person.id,
            "state": conversation.to_json(),
            "updated_at": self._now,
        }
        KEEP.rows(self._session, values)
