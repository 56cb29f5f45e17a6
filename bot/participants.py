"""Who a message comes from, and in which language they read: the first to be known decides."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, insert, select, update
from sqlmodel import Session

from bot import audit
from bot.database import lock, share
from bot.dialogue import Person
from bot.messages import Address, Inbound, Opened, Text
from bot.prepared import Prepared
from bot.rights import SECRETARIAT
from bot.store import KeptConversation, KnownAddress, Participant
from knowledge.vocabulary import LANGUAGES

HAN = re.compile("[\u3400-\u9fff]")
KANA = re.compile("[\u3040-\u30ff]")
CYRILLIC = re.compile("[\u0400-\u04ff]")
FRENCH = re.compile(
    r"\b(?:le|la|les|des|une|est|sont|où|quand|comment|nous|vous|avons|besoin|pour|avec|dans|bonjour|merci|quelle?s?"
    r"|d['’]|l['’]|qu['’])",
    re.IGNORECASE,
)
ENGLISH = re.compile(
    r"\b(?:the|is|are|where|when|what|how|we|you|need|for|with|in|hello|thanks?|which|to|of)\b", re.IGNORECASE
)
PEOPLE_LOCK = "people"
"""Held alone by whoever takes people away, and shared by whoever writes rows about many of them."""
SURE = 2
"""Function words after which a text in Latin letters counts as French."""


def written_in(text: str) -> str | None:
    """Return the language of *text* where its script or its function words settle it, else None."""
    if HAN.search(text) and not KANA.search(text):
        return "zh"
    if CYRILLIC.search(text):
        return "ru"
    french, english = len(FRENCH.findall(text)), len(ENGLISH.findall(text))
    if french >= SURE and french > english:
        return "fr"
    if english >= SURE and english > french:
        return "en"
    return None


def of_locale(locale: str | None) -> str | None:
    """Return the language of a platform's locale tag such as `fr-CA`, None when it is not one of ours."""
    lang = re.split("[-_]", locale or "")[0].casefold()
    return lang if lang in LANGUAGES else None


def guess(inbound: Inbound) -> str:
    """Return the language to begin in: the platform's, else that of the words, else English."""
    spoken = inbound.heard.text if isinstance(inbound.heard, Text) else ""
    return of_locale(inbound.locale) or written_in(spoken) or "en"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: what their row says. *id* is None for the command line, and for a stranger who only looks."""

    id: int | None = None
    role: str = "visitor"
    country: str | None = None
    language: str | None = None
    guessed_language: str = "en"
    name: str | None = None
    email: str | None = None
    confirmed: bool = False
    muted: str | None = None
    consented: str | None = None
    visible_to: str = "nobody"
    unmatched: bool = False

    @property
    def reads(self) -> str:
        """Return the language that they read: the chosen one, else the best guess."""
        return self.language or self.guessed_language

    @property
    def is_listed(self) -> bool:
        """Tell whether the registration list knows them, by whom the next one would know them again."""
        return self.confirmed and bool(self.email)


@dataclass(frozen=True, slots=True)
class Known:
    """
    Who writes from an address, and where they stand.

    *chat* is where they are written to; *state* is their conversation as JSON values, None before the first.
    """

    actor: Actor
    chat: str
    unsubscribed: bool = False
    only_looked: bool = False
    state: Mapping[str, Any] | None = None


PEOPLE: Any = Participant.__table__  # type: ignore[attr-defined]
ADDRESSES: Any = KnownAddress.__table__  # type: ignore[attr-defined]
CONVERSATIONS: Any = KeptConversation.__table__  # type: ignore[attr-defined]
IS_KNOWN: Any = PEOPLE.c.confirmed & PEOPLE.c.consented.is_not(None)
"""Who is registered and agreed to be known: others are asked nothing for anybody."""
MAY_BE_MATCHED: Any = IS_KNOWN & ~PEOPLE.c.unmatched
"""Those of them who do not object to being somebody's possible partner."""
CAN_BE_WRITTEN_TO: Any = exists().where(
    ADDRESSES.c.participant_id == PEOPLE.c.id,
    ADDRESSES.c.unsubscribed_at.is_(None),
    ~ADDRESSES.c.only_looked,
)
COLUMNS = [PEOPLE.c[name] for name in Actor.__dataclass_fields__]
KNOWN = Prepared(
    select(
        *COLUMNS,
        ADDRESSES.c.chat,
        ADDRESSES.c.unsubscribed_at,
        ADDRESSES.c.only_looked,
        CONVERSATIONS.c.state,
    )
    .join(ADDRESSES, ADDRESSES.c.participant_id == PEOPLE.c.id)
    .outerjoin(CONVERSATIONS, CONVERSATIONS.c.participant_id == PEOPLE.c.id)
    .where(ADDRESSES.c.channel == bindparam("channel"), ADDRESSES.c.user == bindparam("user"))
)


def known(session: Session, address: Address) -> Known | None:
    """Return the participant at *address* with their conversation; None when nobody was heard from it."""
    rows = KNOWN.rows(session, {"channel": address.channel, "user": address.user})
    if not rows:
        return None
    *values, chat, unsubscribed_at, only_looked, state = rows[0]
    return Known(standing(Actor(*values)), chat, unsubscribed_at is not None, bool(only_looked), state)


def standing(actor: Actor) -> Actor:
    """Return *actor* as they may act: whoever is linked and has not agreed to be known has a visitor's rights."""
    if actor.confirmed and actor.consented is None and actor.role not in SECRETARIAT:
        return replace(actor, role="visitor")
    return actor


def hold(session: Session, participant: int) -> bool:
    """
    Let nobody else take a turn of *participant*'s, or take them away, until the transaction of *session* ends.

    An address is held before its participant, and they before all people, and those before the record: so nobody waits
    in a ring. Of several participants the visitors are held first, in the order of their ids: a visitor's turn may end
    by holding whom they are linked to. Returns what `lock` does: whether they may have changed meanwhile.
    """
    return lock(session, f"participant:{participant}")


def hold_everybody(session: Session) -> None:
    """Let nobody write about many participants, or take some away, until the transaction of *session* ends."""
    lock(session, PEOPLE_LOCK)


def keep_everybody(session: Session) -> None:
    """Let nobody be taken away until the transaction of *session*, which writes about many, ends."""
    share(session, PEOPLE_LOCK)


def met(session: Session, address: Address) -> Known | None:
    """Hold the participant at *address*, and return them as `known` does."""
    held: int | None = None
    found = known(session, address)
    while found is not None and (own := found.actor.id) not in (None, held) and hold(session, own):
        held = own
        # Meanwhile they may have written from another address, have been taken away, or have become somebody else.
        found = known(session, address)
    return found


def welcome(session: Session, inbound: Inbound, now: datetime) -> Known:
    """Keep whoever wrote *inbound* for the first time as a visitor."""
    stranger = Actor(guessed_language=guess(inbound))
    row = {
        "role": stranger.role,
        "guessed_language": stranger.guessed_language,
        "confirmed": stranger.confirmed,
        "created_at": now,
    }
    row_id = session.execute(insert(PEOPLE).returning(PEOPLE.c.id), row).scalar_one()
    address = inbound.address
    chat = inbound.chat if inbound.place == "private" else address.user
    place = {"channel": address.channel, "user": address.user, "participant_id": row_id, "chat": chat}
    only_looked = _looks(inbound)
    session.execute(insert(ADDRESSES), {**place, "only_looked": only_looked})
    return Known(replace(stranger, id=row_id), chat, only_looked=only_looked)


def _looks(inbound: Inbound) -> bool:
    """Tell whether *inbound* came of opening a page that anybody can open."""
    return inbound.address.channel == "web" and isinstance(inbound.heard, Opened)


def heard_from(session: Session, known: Known, inbound: Inbound) -> None:
    """Let *known* be written to again, and where they wrote last in private."""
    chat = inbound.chat if inbound.place == "private" else known.chat
    acts = known.only_looked and not _looks(inbound)
    if known.unsubscribed or acts or known.chat != chat:
        address = inbound.address
        mine = (ADDRESSES.c.channel == address.channel) & (ADDRESSES.c.user == address.user)
        stands = {"chat": chat, "unsubscribed_at": None, "only_looked": known.only_looked and not acts}
        session.execute(update(ADDRESSES).where(mine).values(stands))


def appointed(
    session: Session, actor: Actor, address: Address, secretariat: Collection[str], machine: datetime
) -> Actor:
    """Return *actor* with the role that the accounts named in the settings have, which goes into the record."""
    named = str(address) in secretariat or (actor.confirmed and actor.email in secretariat)
    if not named or actor.role in SECRETARIAT:
        return actor
    details = {"role": "secretariat"}
    audit.record(session, audit.ASSISTANT, "change_role", machine, subject=actor.id, details=details)
    return changed(session, actor, role="secretariat")


def changed(session: Session, actor: Actor, **values: Any) -> Actor:
    """Write *values* into the row of *actor* and return them with these."""
    session.execute(update(PEOPLE).where(PEOPLE.c.id == actor.id).values(values))
    return replace(actor, **values)


def to_person(actor: Actor, channel: str) -> Person:
    """Return what a step sees of *actor*."""
    return Person(
        id=actor.id or 0,
        channel=channel,
        role=actor.role,
        lang=actor.reads,
        language_chosen=actor.language is not None,
        country=actor.country,
        name=actor.name,
        confirmed=actor.confirmed,
        unmatched=actor.unmatched,
    )


def officers(session: Session, channel: str) -> tuple[tuple[str, str], ...]:
    """Return the chat of each of the secretariat's officers on *channel*, and the language that they read."""
    reads = func.coalesce(PEOPLE.c.language, PEOPLE.c.guessed_language)
    query = (
        select(ADDRESSES.c.chat, reads)
        .join_from(ADDRESSES, PEOPLE, ADDRESSES.c.participant_id == PEOPLE.c.id)
        .where(ADDRESSES.c.channel == channel, ADDRESSES.c.unsubscribed_at.is_(None))
        .where(PEOPLE.c.role.in_(sorted(SECRETARIAT)))
        .order_by(ADDRESSES.c.chat)
    )
    return tuple((chat, lang) for chat, lang in session.execute(query))
