"""The commands by which people become known, as an account gives them: what they write, mail and tell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlmodel import Session

from bot import deliveries, identity, ledger, links, tally, unsent
from bot.database import lock
from bot.deliveries import Due
from bot.desk import Press
from bot.dialogue import Saying, say
from bot.errors import Refused
from bot.identity_commands import (
    Asked,
    AskLink,
    DisownLink,
    Linked,
    LinkOneself,
    Proof,
    RedeemDigits,
    RedeemToken,
    UnlinkOneself,
    Verdict,
)
from bot.keys import Keys
from bot.limits import GUESSES, GUESSES_OF_ALL
from bot.links import MAIL, Ways
from bot.messages import Address, Outbound
from bot.notices import tell_everywhere
from bot.participants import PEOPLE, Actor
from bot.store import LinkRequest

log = structlog.get_logger()

LINKED = Proof("linked")
"""What any proof is worth to an account that is a participant's already: nobody is somebody else too."""
OPENS = frozenset({"telegram", "web"})
"""Channels in which a link can be opened; in the others its digits are typed."""
EVERYBODY = "everybody"
"""Whose wrong secrets are counted together."""
NO_MAILBOX = "nobody."
"""What a mail to nobody begins its address with: it takes the same way as any other and never leaves."""


@dataclass(frozen=True, slots=True)
class Door:
    """How people can show who they are, and what their secrets are checked with."""

    keys: Keys
    ways: Ways


@dataclass(frozen=True, slots=True)
class Doorstep:
    """Somebody at the door, in one transaction; *place* is their account, *now* the forum's time."""

    session: Session
    press: Press
    door: Door
    actor: Actor
    now: datetime
    place: Address | None

    @property
    def machine(self) -> datetime:
        """Return the machine's time: links expire by it."""
        return self.now - self.press.ahead

    @property
    def address(self) -> Address:
        """Return the account; raises Refused for the command line, which has none."""
        if self.place is None:
            raise Refused("this is done in a chat, by a participant")
        return self.place


@dataclass(frozen=True, slots=True)
class Done:
    """What a command gave: its *result*, who the actor is now, what was queued, what the secretariat is told."""

    result: object
    actor: Actor
    due: tuple[Due, ...] = ()
    tells: tuple[Saying, ...] = ()


def ask(step: Doorstep, command: AskLink) -> Done:
    """Queue a mail to the address; one to nobody where it is not registered, which is the same work."""
    if not step.door.ways.mail:
        return Done(Asked("no_mail"), step.actor)
    asked, mailing = links.ask(
        step.session, step.door.keys, step.actor.id, step.address, command.email, step.machine
    )
    if mailing is None:
        return Done(asked, step.actor)
    unsent.void_earlier(step.session, step.address, mailing.request, step.machine)
    # Letters to one address wait for each other, to nobody's as to somebody's.
    nobody = f"{NO_MAILBOX}{step.door.keys.digest('email', command.email)[:12]}"
    user = command.email if mailing.to else nobody
    # Never its asker's: their own data would tell them whose address it is.
    owner = mailing.to[0] if mailing.to else deliveries.NOBODY
    letter = say(
        "mail/login",
        seed=mailing.seed,
        page=step.door.ways.page,
        channel=step.address.channel,
        minutes=asked.minutes,
        at=step.now,
        rehearsal=bool(step.press.ahead),
    )
    lang = _language_of(step, mailing.to)
    card = step.press.wording.card(letter, lang, ref_of(mailing.request), step.press.know)
    outbound = Outbound(0, Address(MAIL, user), user, card)
    due = ledger.enqueue(step.session, "reply", [outbound], owner, step.now)
    opens = step.door.ways.page and step.address.channel in OPENS
    return Done(replace(asked, opens=opens), step.actor, tuple(due))


def _language_of(step: Doorstep, people: Sequence[int]) -> str:
    """Return the language of a letter: the one that all *people* at its address read, else its asker's."""
    listed = select(PEOPLE.c.language).where(PEOPLE.c.id.in_(people)).distinct()
    languages = step.session.execute(listed).scalars().all()
    return (languages[0] if len(languages) == 1 else None) or step.actor.reads


def ref_of(request: int) -> str:
    """Return the ref of the mail for a request, by which its delivery is found."""
    return f"{links.LETTER}{request}"


def show_digits(step: Doorstep, command: RedeemDigits) -> Done:
    """Check the digits of the mail."""
    return _shown(step, links.show_digits, command.digits, ("wrong", "ended"))


def show_token(step: Doorstep, command: RedeemToken) -> Done:
    """Check the token of a link, or a printed code."""
    return _shown(step, links.show_token, command.token, ("unknown",))


def _shown(step: Doorstep, show: Callable[..., Proof], secret: str, wrong: tuple[Verdict, ...]) -> Done:
    """Check *secret*, unless the account has shown too many lately that were *wrong*."""
    if step.actor.confirmed:
        return Done(LINKED, step.actor)
    keys, who = step.door.keys, str(step.address)
    if minutes := tally.minutes_left(step.session, keys, GUESSES, who, step.machine):
        return Done(Proof("wait", minutes=minutes), step.actor)
    proof = show(step.session, keys, step.address, secret, step.machine)
    return Done(proof, step.actor, tells=_guessed(step) if proof.verdict in wrong else ())


def _guessed(step: Doorstep) -> tuple[Saying, ...]:
    """Count a wrong secret; return what the secretariat is told, where very many were shown by all together."""
    keys = step.door.keys
    tally.add(step.session, keys, GUESSES, str(step.address), step.machine)
    lock(step.session, "guesses")
    if not tally.add(step.session, keys, GUESSES_OF_ALL, EVERYBODY, step.machine):
        return ()
    log.warning("many_guesses", count=GUESSES_OF_ALL.most)
    return (say("link/many_guesses", count=GUESSES_OF_ALL.most),)


def link(step: Doorstep, command: LinkOneself) -> Done:
    """Make the account the participant's, and tell their other accounts."""
    session = step.session
    shown = links.proven(session, step.door.keys, command.request, step.address, step.machine)
    person = next((one for one in shown[1] if one.id == command.person), None) if shown else None
    if shown is None or person is None or step.actor.confirmed:
        return Done(None, step.actor)
    links.close(session, shown[0], step.machine)
    due = _tell_the_others(step, shown[0], person.id)
    actor = identity.link(session, step.actor, person.id)
    return Done(Linked(person.name, person.country), actor, due)


def _tell_the_others(step: Doorstep, row: LinkRequest, participant: int) -> tuple[Due, ...]:
    """Queue for each account that *participant* has so far that another one is theirs too."""
    saying = say(
        "link/elsewhere", channel=step.address.channel, at=step.now, rehearsal=bool(step.press.ahead)
    )
    ref = ref_of(links.row_id(row))
    return tell_everywhere(step.session, step.press, participant, saying, ref, step.now)


def disown(step: Doorstep, command: DisownLink) -> Done:
    """End the proof; the caller tells the secretariat whose it was."""
    shown = links.proven(step.session, step.door.keys, command.request, step.address, step.machine)
    if shown is None:
        return Done(None, step.actor)
    links.close(step.session, shown[0], step.machine)
    return Done(", ".join(person.name for person in shown[1]), step.actor)


def unlink(step: Doorstep, _command: UnlinkOneself) -> Done:
    """Make the account a visitor's."""
    if not step.actor.confirmed:
        return Done(None, step.actor)
    return Done(None, identity.unlink(step.session, step.actor, step.address, step.now))
