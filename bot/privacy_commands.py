"""What people ask for about their own data, and the operator about the record of it; see `bot.commands`."""

from dataclasses import dataclass, field

from bot.commands import Command
from bot.consent import CONSENT_VERSION, LINKING, VisibleTo


@dataclass(frozen=True, slots=True)
class GiveConsent(Command):
    """Keep that the actor agrees to the words of *version*. Gives whether it is their first agreement of the *kind*."""

    action = "give_consent"
    kind: str = LINKING
    version: str = CONSENT_VERSION


@dataclass(frozen=True, slots=True)
class WithdrawConsent(Command):
    """
    Take back that one agreed to be linked: the actor is linked nowhere any more, and nothing of theirs is deleted.

    Gives whether there was a consent to take back.
    """

    action = "withdraw_consent"


@dataclass(frozen=True, slots=True)
class ChooseVisibility(Command):
    """Keep which category of people may see the actor's name. Gives None."""

    action = "choose_visibility"
    to: VisibleTo


@dataclass(frozen=True, slots=True)
class ObjectToMatching(Command):
    """Keep the actor and what they sent out of all possible partners; with *objects* False no more. Gives None."""

    action = "object_to_matching"
    objects: bool = True


@dataclass(frozen=True, slots=True)
class ShowAudit(Command):
    """Read the newest entries of the record. Gives Entries, the oldest first."""

    action = "read_audit"
    newest: int = 50


@dataclass(frozen=True, slots=True)
class VerifyAudit(Command):
    """Walk along the chain of the record; *expected* is a hash that has to be in it. Gives the Verdict."""

    action = "read_audit"
    expected: str | None = field(default=None)


@dataclass(frozen=True, slots=True)
class MyData(Command):
    """Read what is kept about the actor. Gives the Kept."""

    action = "read_own"


@dataclass(frozen=True, slots=True)
class TakeAlong(Command):
    """Take a copy of all that is kept about the actor, once an hour. Gives the TakenAlong."""

    action = "take_along"


@dataclass(frozen=True, slots=True)
class WhatGoes(Command):
    """Find out what becomes of the actor's records when they are forgotten. Gives the Going."""

    action = "forget_oneself"


@dataclass(frozen=True, slots=True)
class Forget(Command):
    """
    Take the actor out of every table. Gives None.

    With *hand_on* a focal point of their delegation comes to the meetings that they have before them, where one can.
    """

    action = "forget_oneself"
    hand_on: bool = False


@dataclass(frozen=True, slots=True)
class Stop(Command):
    """Send the actor nothing more at the address they write from, and unlink it. Gives None."""

    action = "stop"


@dataclass(frozen=True, slots=True)
class Purge(Command):
    """Take away what is kept no longer, or with *dry_run* count it. Gives the Purged."""

    action = "purge"
    dry_run: bool = False
