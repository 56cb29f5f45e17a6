"""What people ask for to be known: a link by e-mail, and what they show to be who they are; see `bot.commands`."""

from dataclasses import dataclass
from typing import Literal

from bot.commands import Command


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on the registration list who may be the one who writes."""

    id: int
    name: str
    country: str | None
    role: str


@dataclass(frozen=True, slots=True)
class AskLink(Command):
    """Have a link and six digits sent to *email* if it is registered. Gives the Asked, the same if it is not."""

    action = "link_oneself"
    email: str


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What became of asking for a link.

    *minutes* is how long it works, or, where too many were asked for by this account or for this address, after how
    many the next one may be. *opens* tells whether the link can be opened where it was asked for.
    """

    state: Literal["sent", "account", "address", "no_mail"]
    minutes: int = 0
    opens: bool = False


@dataclass(frozen=True, slots=True)
class RedeemDigits(Command):
    """Show the six digits of the link that this account asked for. Gives the Proof."""

    action = "link_oneself"
    digits: str


@dataclass(frozen=True, slots=True)
class RedeemToken(Command):
    """Show the token of a link, a letter or a printed code. Gives the Proof."""

    action = "link_oneself"
    token: str


Verdict = Literal["right", "wrong", "ended", "expired", "used", "elsewhere", "unknown", "linked", "wait"]


@dataclass(frozen=True, slots=True)
class Proof:
    """
    What a secret is worth that was shown.

    When it is right, *request* names what was asked for, and *people* are those whom it may mean. When it is wrong,
    *left* is how many more may be tried. After too many wrong ones the next may be shown in so many *minutes*.
    """

    verdict: Verdict
    request: int = 0
    people: tuple[Candidate, ...] = ()
    left: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class LinkOneself(Command):
    """Be *person* from now on, as this account's proof *request* allows. Gives the Linked, None when it does not."""

    action = "link_oneself"
    request: int
    person: int


@dataclass(frozen=True, slots=True)
class Linked:
    """Who somebody is now."""

    name: str
    country: str | None


@dataclass(frozen=True, slots=True)
class DisownLink(Command):
    """Say that the proof *request* is of somebody else: it is void, and the secretariat is told. Gives None."""

    action = "link_oneself"
    request: int


@dataclass(frozen=True, slots=True)
class UnlinkOneself(Command):
    """Let this account be a visitor's again; what was written stays with the participant. Gives None."""

    action = "link_oneself"
