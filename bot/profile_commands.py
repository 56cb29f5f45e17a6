"""What participants do who list themselves in the network of providers, and who reads it; see `bot.commands`."""

from dataclasses import dataclass
from typing import Literal

from bot.commands import Command

SeenBy = Literal["registered", "governments"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody can give: in their words, and by the ids of themes and forms, ISO3 and codes of languages."""

    text: str
    themes: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    """Empty: any member."""
    languages: tuple[str, ...] = ()
    seen_by: SeenBy = "registered"


@dataclass(frozen=True, slots=True)
class Listed:
    """
    A profile as its reader sees it, with who it is; *number* is such as `D-0003`.

    One of the private sector is *checked* once the secretariat has agreed to show it.
    """

    number: str
    profile: Profile
    name: str | None
    organisation: str | None
    country: str | None
    role: str
    own: bool
    checked: bool


@dataclass(frozen=True, slots=True)
class MyProfile(Command):
    """Read one's own profile in the network. Gives the Listed, None where there is none."""

    action = "read_own"


@dataclass(frozen=True, slots=True)
class KeepProfile(Command):
    """List oneself in the network, or change what stands there; it is asked about again later. Gives the Listed."""

    action = "keep_profile"
    profile: Profile


@dataclass(frozen=True, slots=True)
class ConfirmProfile(Command):
    """Say that one's profile is still right. Gives whether there is one."""

    action = "keep_profile"


@dataclass(frozen=True, slots=True)
class WithdrawProfile(Command):
    """Take one's profile out at once: nothing of it is kept. Gives whether there was one."""

    action = "withdraw_consent"


@dataclass(frozen=True, slots=True)
class FindProfiles(Command):
    """Read the profiles of all who list themselves and let the actor see it. Gives a tuple of Listed."""

    action = "read_network"


@dataclass(frozen=True, slots=True)
class UncheckedProfiles(Command):
    """Read the profiles of the private sector that others do not see, the oldest first. Gives a tuple of Listed."""

    action = "check_profile"


@dataclass(frozen=True, slots=True)
class CheckProfile(Command):
    """Show a profile of the private sector to others, or, not *shown*, to nobody. Gives the Listed, or None."""

    action = "check_profile"
    number: str
    shown: bool
