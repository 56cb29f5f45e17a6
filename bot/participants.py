"""Who a message comes from, and in which language they read: the first to be known decides."""

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from bot.messages import Address, Inbound, Text
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


def language(person: Participant) -> str:
    """Return the language that *person* reads: the chosen one, else the best guess."""
    return person.language or person.guessed_language


KNOWN = (
    select(Participant, KnownAddress, KeptConversation)
    .join(KnownAddress, col(KnownAddress.participant_id) == col(Participant.id))
    .outerjoin(KeptConversation, col(KeptConversation.participant_id) == col(Participant.id))
    .where(col(KnownAddress.channel) == bindparam("channel"), col(KnownAddress.user) == bindparam("user"))
)


def known(
    session: Session, address: Address
) -> tuple[Participant, KnownAddress, KeptConversation | None] | None:
    """Return the participant at *address* with their conversation; None when nobody was heard from it."""
    return session.exec(KNOWN, params={"channel": address.channel, "user": address.user}).first()


def welcome(session: Session, inbound: Inbound, now: datetime) -> tuple[Participant, KnownAddress]:
    """Keep whoever wrote *inbound* for the first time as a visitor."""
    person = Participant(guessed_language=guess(inbound), created_at=now)
    session.add(person)
    session.flush()
    assert person.id is not None  # noqa: S101 - flushed
    place = KnownAddress(
        channel=inbound.address.channel,
        user=inbound.address.user,
        participant_id=person.id,
        chat=inbound.chat if inbound.place == "private" else inbound.address.user,
    )
    session.add(place)
    session.flush()
    return person, place


def appoint(person: Participant, address: Address, secretariat: Collection[str]) -> None:
    """Give the secretariat's accounts, named in the settings, their role."""
    named = str(address) in secretariat or (person.confirmed and person.email in secretariat)
    if named and person.role not in SECRETARIAT:
        person.role = "secretariat"
