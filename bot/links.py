"""
Links and codes by which people show who they are: made, mailed, counted, shown once.

Whoever reads mails before their owner must gain nothing by it: what was asked for in a chat counts in that chat only,
and looking at it changes nothing. Of an address that is not registered nobody can tell: it causes the same work.
"""

import re
import secrets
import unicodedata
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import String, cast, literal, select, update
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot import tally
from bot.database import lock
from bot.identity_commands import Asked, Candidate, Proof, Verdict
from bot.keys import Keys
from bot.limits import LINKS_TO_ADDRESS, MAILS_OF_ACCOUNT, MAILS_TO_ADDRESS, Limit
from bot.messages import Address, Card
from bot.store import Delivery, LinkRequest, Participant

Purpose = Literal["login", "letter", "code"]

VALID = timedelta(minutes=20)
"""How long what was sent by e-mail works."""
GUESSES = 5
"""Wrong digits after which what was asked for has ended."""
DIGITS = 6
PAUSE = timedelta(hours=1)
"""How long the account that has shown something may take to say who of several people they are."""
PATH = "/link/"
"""Where the pages of links are, followed by the token."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""What the link of a mail or a letter ends with."""
TOKEN_IN = re.compile(rf"(?<![A-Za-z0-9_-]){TOKEN.pattern}(?![A-Za-z0-9_-])")
ADDRESS_WITH = re.compile(rf"https?://\S{{1,500}}(?:{PATH}|[?&]start=)({TOKEN.pattern})")
"""The address of a link, as people paste it where it cannot be tapped."""
MAILED = re.compile(r"\d{3}[\s.-]?\d{3}")
"""The digits of a mail, as people type them."""
MISCOUNTED = re.compile(r"(?!(?:19|20)\d\d\Z)\d(?:[\s.-]?\d){3,6}")
"""Digits of a mail of which some are missing, or too many."""
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that nobody confuses on paper."""
PRINTED = re.compile(rf"(?=.*[0-9])([{ALPHABET}]{{4}})[\s-]?([{ALPHABET}]{{4}})", re.IGNORECASE)
"""A printed code; one without any digit could be a word, so none is given out."""
LIKE_PRINTED = re.compile(r"(?=.*[0-9])(?=.*[A-Z])[A-Z0-9]{4}-[A-Z0-9]{4}", re.IGNORECASE)
"""What looks like one as it is printed, with letters that none has: mistyped, and mostly as secret as the code."""
SECRET = re.compile(r"\{(link|digits) ([0-9a-z.]+)\}")
"""What stands in a card in place of a secret, which only the mail itself holds."""

MAIL = "mail"
"""The channel of the ledger by which e-mail leaves; an address on it is an e-mail address."""
LETTER, UNSENT = "link.", ".unsent"
"""What the ref of a letter begins with, before the number of its request, and what follows in that of the message to
whoever asked that it cannot leave."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

REQUESTS: Any = LinkRequest.__table__  # type: ignore[attr-defined]
PEOPLE: Any = Participant.__table__  # type: ignore[attr-defined]
LETTERS: Any = Delivery.__table__.alias("letter")  # type: ignore[attr-defined]
NOTICES: Any = Delivery.__table__.alias("notice")  # type: ignore[attr-defined]
REF: Any = literal(LETTER).concat(cast(REQUESTS.c.id, String))
"""The ref of the letter of a request."""
NEVER_LEFT = (
    select(LETTERS.c.id)
    .join(NOTICES, NOTICES.c.ref == LETTERS.c.ref.concat(UNSENT))
    .where(LETTERS.c.ref == REF, LETTERS.c.state == "failed")
    .correlate(REQUESTS)
    .exists()
)
"""Of a request: its letter did not leave, whoever asked was told so, and it will not leave any more."""


@dataclass(frozen=True, slots=True)
class Ways:
    """
    How the installation lets people show who they are: by *mail* at all, and by a *page* that a mail can name.

    *calendar* is the address of people's calendars before the token, empty where it has no public one.
    """

    mail: bool = False
    page: bool = False
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Mailing:
    """
    A mail that has to leave for a request.

    *seed* is what its secrets are made from; *to* are the participants at the address, empty where there is none.
    """

    request: int
    seed: str
    to: tuple[int, ...]


# Made from a seed, so that neither the card nor the ledger ever holds what opens a door.


def token_of(keys: Keys, seed: str) -> str:
    """Return the token of the link that belongs to *seed*: 43 characters."""
    return urlsafe_b64encode(keys.derive("link token", seed, 32)).decode().rstrip("=")


def digits_of(keys: Keys, seed: str) -> str:
    """Return the digits that belong to *seed*."""
    number = int.from_bytes(keys.derive("link digits", seed, 8)) % 10**DIGITS
    return f"{number:0{DIGITS}}"


def revealed(card: Card, keys: Keys, page: str) -> Card:
    """Return *card* with its secrets in place; *page* is the address before the token. Only for the mail itself."""

    def shown(value: str) -> str:
        found = SECRET.fullmatch(value)
        if found is None:
            return value
        if found[1] == "link":
            return page + token_of(keys, found[2])
        digits = digits_of(keys, found[2])
        return f"{digits[: DIGITS // 2]} {digits[DIGITS // 2 :]}"

    fields = tuple(replace(part, value=shown(part.value)) for part in card.fields)
    return replace(card, fields=fields)


def is_over(card: Card, now: datetime) -> bool:
    """Tell whether the secrets that *card* stands for work no more at the machine's time *now*."""
    seeds = [found[2] for part in card.fields if (found := SECRET.fullmatch(part.value))]
    return any(_asked_at(seed) + VALID <= now for seed in seeds)


def seed_of(request: int, now: datetime) -> str:
    """Return what the secrets of *request*, asked for at *now*, are made from."""
    # The number may come again when the database begins anew with the same key; the moment does not.
    return f"{request}.{(now - EPOCH) // timedelta(microseconds=1):x}"


def _asked_at(seed: str) -> datetime:
    return EPOCH + timedelta(microseconds=int(seed.partition(".")[2], 16))


def printed_code() -> str:
    """Return a code for a printed card: eight letters and digits, of which there are half a million million."""
    while plain_code(code := "".join(secrets.choice(ALPHABET) for _ in range(8))) is None:
        pass
    return f"{code[:4]}-{code[4:]}"


def plain_code(text: str) -> str | None:
    """Return the printed code that *text* is, or that somebody mistyped; None when it is none."""
    plain = text.strip()
    if found := PRINTED.fullmatch(plain):
        return f"{found[1]}-{found[2]}".upper()
    return plain.upper() if LIKE_PRINTED.fullmatch(plain) else None


def proof_in(text: str) -> dict[str, str]:
    """Return what *text* shows and nothing besides: `digits` of a mail, or a `token`; else empty."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if MAILED.fullmatch(plain):
        return {"digits": digits_in(plain)}
    pasted = ADDRESS_WITH.fullmatch(plain)
    token = pasted[1] if pasted else plain if TOKEN.fullmatch(plain) else plain_code(plain)
    return {"token": token} if token else {}


def is_miscounted(text: str) -> bool:
    """Tell whether *text* is digits such as those of a mail, but too few or too many: no year, and no page."""
    return len(digits_in(text)) != DIGITS and MISCOUNTED.fullmatch(text.strip()) is not None


def digits_in(text: str) -> str:
    """Return the digits in *text*, of whatever script, as 0 to 9."""
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def hidden(text: str) -> str:
    """Return *text* with what opens a door in it made unreadable: for where it is kept."""
    return TOKEN_IN.sub("•••", "•••" if proof_in(text) else text)


# Asking


def ask(
    session: Session, keys: Keys, visitor: int | None, address: Address, email: str, now: datetime
) -> tuple[Asked, Mailing | None]:
    """
    Keep that the *visitor* at *address* asks for a link to *email*; return what to tell them, and the mail to send.

    What it asked for before is void. The same is written whether the address is registered or not.
    """
    wanted = keys.digest("email", email)
    # Of two accounts that ask for one address at once, one counts the other's mail.
    lock(session, f"link:{wanted}")
    mine = (REQUESTS.c.channel == address.channel) & (REQUESTS.c.user == address.user)
    if wait := _wait(session, (REQUESTS.c.purpose == "login") & mine, MAILS_OF_ACCOUNT, now):
        return Asked("account", wait), None
    if wait := _wait(
        session, REQUESTS.c.email_digest.in_(keys.digests("email", email)), MAILS_TO_ADDRESS, now
    ):
        return Asked("address", wait), None
    # The rows go with whoever is forgotten; without these, deleting oneself would let ever more mails leave.
    if wait := tally.minutes_left(session, keys, LINKS_TO_ADDRESS, email, now):
        return Asked("address", wait), None
    tally.add(session, keys, LINKS_TO_ADDRESS, email, now)
    pending = mine & (REQUESTS.c.purpose == "login") & REQUESTS.c.used_at.is_(None)
    session.execute(update(REQUESTS).where(pending, REQUESTS.c.expires_at > now).values(expires_at=now))
    row = LinkRequest(
        purpose="login",
        token_digest=secrets.token_hex(),
        email_digest=wanted,
        participant_id=visitor,
        channel=address.channel,
        user=address.user,
        asked_at=now,
        expires_at=now + VALID,
    )
    session.add(row)
    session.flush()
    seed = seed_of(row_id(row), now)
    row.token_digest = keys.digest("link token", token_of(keys, seed))
    row.code_digest = keys.digest("link digits", digits_of(keys, seed))
    session.add(row)
    session.flush()
    found = select(PEOPLE.c.id).where(PEOPLE.c.email == email, PEOPLE.c.confirmed).order_by(PEOPLE.c.id)
    people = tuple(session.execute(found).scalars())
    return Asked("sent", int(VALID.total_seconds() // 60)), Mailing(row_id(row), seed, people)


def _wait(session: Session, which: Any, limit: Limit, now: datetime) -> int:
    """Return after how many minutes there may be another one of *which*, 0 when now; what never left is no mail."""
    recent = select(REQUESTS.c.asked_at).where(which, REQUESTS.c.asked_at > now - limit.per, ~NEVER_LEFT)
    times = session.execute(recent.order_by(REQUESTS.c.asked_at.desc()).limit(limit.most)).scalars().all()
    if len(times) < limit.most:
        return 0
    return max(1, -int((now - times[-1] - limit.per).total_seconds() // 60))


def give_out(
    session: Session,
    keys: Keys,
    purpose: Purpose,
    participant: int,
    secret: str,
    now: datetime,
    until: datetime,
) -> None:
    """Let *secret*, a token or a printed code that is given to *participant* on paper, work once until *until*."""
    session.add(
        LinkRequest(
            purpose=purpose,
            token_digest=keys.digest("link token", secret),
            participant_id=participant,
            asked_at=now,
            expires_at=until,
        )
    )


# Showing


def show_digits(session: Session, keys: Keys, address: Address, digits: str, now: datetime) -> Proof:
    """Use up what *address* asked for last, if *digits* are those of its mail."""
    mine = select_rows(LinkRequest).where(
        col(LinkRequest.channel) == address.channel,
        col(LinkRequest.user) == address.user,
        col(LinkRequest.purpose) == "login",
    )
    row = session.exec(mine.order_by(col(LinkRequest.id).desc()).limit(1).with_for_update()).first()
    if row is None:
        return Proof("unknown")
    if (verdict := _closed(row, address, now)) is not None:
        return Proof(verdict)
    people = candidates(session, keys, row)
    if not keys.matches("link digits", digits, row.code_digest or "") or not people:
        row.failures += 1
        session.add(row)
        session.flush()
        return Proof("wrong", left=GUESSES - row.failures) if row.failures < GUESSES else Proof("ended")
    return _use(session, row, address, people, now)


def show_token(session: Session, keys: Keys, address: Address, token: str, now: datetime) -> Proof:
    """Use up the link, letter or printed code that *token* belongs to, if *address* may."""
    row = by_token(session, keys, token, locked=True)
    if row is None:
        return Proof("unknown")
    people = candidates(session, keys, row)
    if (
        row.used_at is not None
        and row.linked_at is None
        and _is_of(row, address)
        and now < row.used_at + PAUSE
    ):
        return Proof("right", row_id(row), people)  # tapped again before they said who they are
    if (verdict := _closed(row, address, now)) is not None:
        return Proof(verdict)
    return _use(session, row, address, people, now) if people else Proof("unknown")


def by_token(session: Session, keys: Keys, token: str, *, locked: bool = False) -> LinkRequest | None:
    """Return the request that *token* belongs to, None when there is none; *locked* where it may be used up."""
    query = select_rows(LinkRequest).where(
        col(LinkRequest.token_digest).in_(keys.digests("link token", token))
    )
    return session.exec(query.with_for_update() if locked else query).first()


def _is_of(row: LinkRequest, address: Address) -> bool:
    return (row.channel, row.user) == (address.channel, address.user)


def _closed(row: LinkRequest, address: Address, now: datetime) -> Verdict | None:
    """Return why *row* proves nothing any more for *address*, None when it still may."""
    if row.user and not _is_of(row, address):
        return "used" if row.purpose != "login" else "elsewhere"
    if row.used_at is not None:
        return "used"
    if row.failures >= GUESSES:
        return "ended"
    # What works for twenty minutes works in the twentieth, and no second longer.
    return "expired" if now >= row.expires_at else None


def _use(
    session: Session, row: LinkRequest, address: Address, people: tuple[Candidate, ...], now: datetime
) -> Proof:
    """Use *row* up: of all who show it at once, one does."""
    once = update(REQUESTS).where(REQUESTS.c.id == row.id, REQUESTS.c.used_at.is_(None))
    used: Any = session.execute(once.values(used_at=now, channel=address.channel, user=address.user))
    session.refresh(row)
    return Proof("right", row_id(row), people) if used.rowcount else Proof("used")


def candidates(session: Session, keys: Keys, row: LinkRequest) -> tuple[Candidate, ...]:
    """Return who on the registration list *row* may mean as the list is now; people may share a mailbox."""
    columns = (PEOPLE.c.id, PEOPLE.c.name, PEOPLE.c.country, PEOPLE.c.role, PEOPLE.c.email)
    listed = select(*columns).where(PEOPLE.c.confirmed).order_by(PEOPLE.c.name, PEOPLE.c.id)
    if row.purpose != "login":
        found = session.execute(listed.where(PEOPLE.c.id == row.participant_id)).all()
    else:
        # Only its digest is known, and only the list can say whose address that is today.
        everyone = session.execute(listed.where(PEOPLE.c.email.is_not(None))).all()
        found = [one for one in everyone if row.email_digest in keys.digests("email", one.email)]
    return tuple(Candidate(one.id, one.name or "", one.country, one.role) for one in found)


def proven(
    session: Session, keys: Keys, request: int, address: Address, now: datetime
) -> tuple[LinkRequest, tuple[Candidate, ...]] | None:
    """Return what *address* has shown as *request*, and whom it may mean; None where it proves nothing any more."""
    row = session.get(LinkRequest, request, with_for_update=True)
    if row is None or row.used_at is None or row.linked_at is not None or not _is_of(row, address):
        return None
    return (row, candidates(session, keys, row)) if now < row.used_at + PAUSE else None


def close(session: Session, row: LinkRequest, now: datetime) -> None:
    """Let *row* prove nothing more."""
    row.linked_at = now
    session.add(row)
    session.flush()


def row_id(row: LinkRequest) -> int:
    """Return the number of a request that was kept."""
    assert row.id is not None  # noqa: S101 - kept
    return row.id
