"""What people ask for about their own data, and the operator about the record of it; see `bot.commands`."""

from dataclasses import dataclass, field

from bot.commands import Command
from bot.consent import CONSENT_VERSION, LINKING, VisibleTo


@dataclass(frozen=True, slots=True)
class GiveConsent(Command):
    """Keep that the actor agrees to the words of *version*. Gives None."""

    action = "give_consent"
    kind: str = LINKING
    version: str = CONSENT_VERSION


@dataclass(frozen=True, slots=True)
class ChooseVisibility(Command):
    """Keep which category of people may see the actor's name. Gives None."""

    action = "choose_visibility"
    to: VisibleTo


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
