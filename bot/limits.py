"""
How much of what somebody may do in a while: every figure with its source, and how it is counted.

Unless another source is named, the figures are those of the forum's privacy concept, under abuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most *most* of *what* within any stretch of time as long as *per*."""

    what: str
    most: int
    per: timedelta

    def lately(self, times: Sequence[float], now: float) -> list[float]:
        """Return those of *times*, seconds in their order, that still count at *now*."""
        return [at for at in times if at > now - self.per.total_seconds()]

    def wait(self, times: Sequence[float], now: float) -> float:
        """Return after how many seconds there may be one more than *times*, 0 when at once."""
        counted = self.lately(times, now)
        return counted[-self.most] + self.per.total_seconds() - now if len(counted) >= self.most else 0.0


MESSAGES = Limit("messages", 20, MINUTE)
"""Messages of one person, wherever they write from; the last of what is too much is answered later."""
ACTIONS = Limit("actions", 60, HOUR)
"""What one person has written down (`WRITING`): needs, offers, their changes, sessions followed, settings."""
QUESTIONS = Limit("questions", 5, HOUR)
"""Questions of one person that the secretariat has to answer."""
MAILS_TO_ADDRESS = Limit("mails to an address", 3, HOUR)
"""E-mails with a link that go to one address; what never left is none."""
MAILS_OF_ACCOUNT = Limit("mails of an account", 5, HOUR)
"""E-mails with a link that one account asks for."""
LINKS_TO_ADDRESS = Limit("links to an address", 6, HOUR)
"""Links asked for one address, whether they left or not and whoever was forgotten since: twice the mails."""
GUESSES = Limit("guesses", 10, HOUR)
"""
Links and codes shown by one account that are nobody's.

Two requests of five wrong digits each: at this pace the six digits of a mail are found once in eleven years.
"""
GUESSES_OF_ALL = Limit("all guesses", 50, HOUR)
"""
Wrong links and codes of all accounts together, after which the secretariat is told.

Of a thousand people who link on one day some dozen mistype; five accounts that do nothing else reach it.
"""
NEW_VISITORS = Limit("visitors", 600, HOUR)
"""
Browsers from one network address that get a conversation of their own.

A whole forum sits behind the address of its building: five hundred people, and some open the page twice.
"""
WRITING = frozenset(
    {
        "answer_introduction",
        "ask_introduction",
        "ask_secretariat",
        "change_own",
        "choose_channel",
        "choose_language",
        "choose_visibility",
        "follow",
        "introduce_oneself",
        "state_need",
        "state_offer",
        "submit_practice",
        "write_introduced",
    }
)
"""Actions that count; to take something back, to be left in quiet and to go is never too much."""
READINGS_IN_A_RUSH = 1.0
"""
Seconds between two messages of an account that are read although it writes too fast.

A cry for help is heard in every flood that a person can type; what a program sends faster is not looked at.
"""
FREE_CHANNELS = frozenset({"terminal"})
"""Channels without limits: whoever types there has the machine already."""
