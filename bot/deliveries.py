"""What becomes of a delivery: its place in the line-up, and what each fault means for it. Pure."""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from bot.errors import Ambiguous, Down, Fault, Moved, Throttled, Unreachable
from bot.messages import Outbound

State = Literal["queued", "sending", "sent", "failed", "unknown"]
Kind = Literal["reply", "farewell", "safety", "notice", "correction", "reminder", "announcement"]

PRIORITY: dict[Kind, int] = {
    "reply": 0,
    "farewell": 0,
    "safety": 0,
    "notice": 1,
    "correction": 2,
    "reminder": 3,
    "announcement": 5,
}
BULK: tuple[Kind, ...] = ("safety", "correction", "reminder", "announcement")
"""Kinds of which there may be more than memory should hold, the most pressing first."""
AT_MOST_ONCE: frozenset[Kind] = frozenset({"reminder", "announcement"})
"""Kinds that are not sent again when they may have arrived; all others are."""
FALLS_BACK: frozenset[Kind] = frozenset({"safety", "reminder", "announcement"})
"""Kinds that go to another address of their participant when one fails for good."""
NOBODY = 0
"""The participant of what goes to nobody who is known: a farewell, and a letter to an address that is nobody's."""
WHOLE_CONVERSATION = frozenset({"web"})
"""Channels that show what was said from our own record, because nobody else keeps it."""
ATTEMPTS = 16
"""Tries of one delivery before it ends as failed: about forty minutes with the longest pauses."""
AMBIGUOUS_ATTEMPTS = 4
"""Tries of a message that may each have arrived: past that, more would be a nuisance."""
LONGEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Due:
    """
    A delivery that waits to leave; *attempts* counts the tries already made that the platform did not put off.

    *holder* is the sender whose mark its row carries already, because its turn knew that it would leave at once.
    *broadcast* is the announcement that it belongs to, *shared* the card that it has in common with others.
    """

    outbound: Outbound
    kind: Kind
    priority: int
    attempts: int = 0
    holder: str | None = None
    broadcast: int | None = None
    shared: int | None = None

    @property
    def urgent(self) -> bool:
        """Tell whether somebody waits for it: it gets the slots that are kept free of the rest."""
        return self.priority < PRIORITY["correction"]

    @property
    def bulk(self) -> bool:
        """Tell whether it is one of many that are alike."""
        return self.kind in BULK

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Return its place in the line: by priority, what one person waits for before what goes to many, by age."""
        return self.priority, self.bulk, self.outbound.delivery

    @property
    def chat(self) -> str:
        """Return the chat whose messages keep their order."""
        return self.outbound.chat

    def moved(self, chat: str) -> "Due":
        """Return it on its way to *chat*, which the ids of earlier messages do not follow."""
        outbound = replace(self.outbound, chat=chat, replaces=None, about=None, deletes=False)
        return replace(self, outbound=outbound)


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    How a try ended, for the row and for its recipient.

    *wait* is the pause before the next try while the state is queued; *counts* tells whether this was a try, and not
    one that the platform put off; *unsubscribes* tells whether the recipient gets nothing more until they write again.
    *chat* is where the recipient's chat goes on, None where it stays.
    """

    state: State
    message: str | None = None
    cause: str | None = None
    wait: timedelta | None = None
    counts: bool = True
    unsubscribes: bool = False
    chat: str | None = None


def sent(message: str) -> Outcome:
    """Return the outcome of a delivery that the platform took as *message*."""
    return Outcome("sent", message=message)


def after(fault: Fault, kind: Kind, attempts: int) -> Outcome:
    """Return what *fault* means after *attempts* tries, this one included."""
    match fault:
        case Throttled(wait=wait):
            return Outcome("queued", cause=fault.cause, wait=wait, counts=False)
        case Moved(chat=chat) if attempts < ATTEMPTS:
            return Outcome("queued", cause=fault.cause, wait=timedelta(), chat=chat)
        case Down() if attempts < ATTEMPTS:
            return Outcome("queued", cause=fault.cause, wait=backoff(attempts))
        case Ambiguous() if kind in AT_MOST_ONCE:
            return Outcome("unknown", cause=fault.cause)
        case Ambiguous() if attempts < AMBIGUOUS_ATTEMPTS:
            return Outcome("queued", cause=fault.cause, wait=backoff(attempts))
        case Ambiguous():
            return Outcome("unknown", cause=fault.cause)
        case Unreachable():
            return Outcome("failed", cause=fault.cause, unsubscribes=True)
        case _:
            return Outcome("failed", cause=fault.cause)


def backoff(attempts: int) -> timedelta:
    """Return the pause after that many tries: 1, 2, 4 ... seconds, five minutes at most."""
    doublings = min(max(attempts - 1, 0), 16)
    return min(timedelta(seconds=2**doublings), LONGEST_PAUSE)


Rank = tuple[int, bool, int]


@dataclass(slots=True)
class LineUp:
    """
    The deliveries of one channel that wait in memory, best first by priority and age.

    One delivery of a chat is out at a time, so its messages keep their order; a paused chat holds up only itself.
    """

    _chats: dict[str, list[tuple[Rank, Due]]] = field(default_factory=dict)
    _ready: list[tuple[Rank, str]] = field(default_factory=list)
    _paused: list[tuple[datetime, str]] = field(default_factory=list)
    _held: dict[str, datetime] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)
    _known: set[int] = field(default_factory=set)
    _waiting: Counter[Kind] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self._known)

    def known(self) -> frozenset[int]:
        """Return the rows that are lined up or out."""
        return frozenset(self._known)

    def waiting(self, kind: Kind) -> int:
        """Return how many of *kind* are lined up."""
        return self._waiting[kind]

    def free(self) -> Counter[Kind]:
        """Return how many of each kind wait in chats that are not held."""
        stuck = Counter(due.kind for chat in self._held for _, due in self._chats.get(chat, ()))
        return self._waiting - stuck

    def holds(self, chat: str) -> bool:
        """Tell whether *chat* is held."""
        return chat in self._held

    def waits(self, chat: str) -> bool:
        """Tell whether something for *chat* is lined up."""
        return bool(self._chats.get(chat))

    def add(self, due: Due) -> bool:
        """Line *due* up and return True; one that is lined up or out already is passed over."""
        row = due.outbound.delivery
        if row in self._known:
            return False
        self._known.add(row)
        self._put(due)
        return True

    def pop(self, now: datetime, *, only_urgent: bool = False) -> Due | None:
        """Take out the best delivery whose chat is free, None when there is none at this moment."""
        while self._paused and self._paused[0][0] <= now:
            until, chat = heapq.heappop(self._paused)
            if self._held.get(chat) == until:
                del self._held[chat]
                self._make_ready(chat)
        while self._ready and (not only_urgent or self._ready[0][0][0] < PRIORITY["correction"]):
            rank, chat = heapq.heappop(self._ready)
            line = self._chats.get(chat)
            if line and chat not in self._busy and chat not in self._held and line[0][0] == rank:
                self._busy.add(chat)
                due = heapq.heappop(line)[1]
                self._waiting[due.kind] -= 1
                return due
        return None

    def done(self, due: Due) -> None:
        """Let the chat's next message go; *due* is over, or will be lined up again."""
        self._known.discard(due.outbound.delivery)
        self._busy.discard(due.chat)
        if not self._chats.get(due.chat):
            self._chats.pop(due.chat, None)
        self._make_ready(due.chat)

    def drop(self, which: Callable[[Due], bool]) -> list[Due]:
        """Take out of the line, and return, what *which* is true of; what is out stays out."""
        dropped: list[Due] = []
        for chat, line in list(self._chats.items()):
            gone = [due for _, due in line if which(due)]
            if gone:
                dropped += gone
                self._replace(chat, [entry for entry in line if not which(entry[1])])
        for due in dropped:
            self._known.discard(due.outbound.delivery)
            self._waiting[due.kind] -= 1
        return dropped

    def move(self, chat: str, to: str) -> None:
        """Let everything that waits for *chat* go *to* another one."""
        line = self._chats.get(chat, [])
        self._replace(chat, [])
        for _, due in line:
            self._waiting[due.kind] -= 1
            self._put(due.moved(to))

    def hold(self, chat: str, until: datetime) -> None:
        """Let nothing of *chat* go before *until*."""
        if until > self._held.get(chat, until - timedelta(microseconds=1)):
            self._held[chat] = until
            heapq.heappush(self._paused, (until, chat))

    def next_release(self) -> datetime | None:
        """Return when the first held chat is free again, None when none is held."""
        return self._paused[0][0] if self._paused else None

    def _put(self, due: Due) -> None:
        heapq.heappush(self._chats.setdefault(due.chat, []), (due.rank, due))
        self._waiting[due.kind] += 1
        self._make_ready(due.chat)

    def _replace(self, chat: str, line: list[tuple[Rank, Due]]) -> None:
        heapq.heapify(line)
        self._chats[chat] = line
        if not line and chat not in self._busy:
            del self._chats[chat]
        self._make_ready(chat)

    def _make_ready(self, chat: str) -> None:
        line = self._chats.get(chat)
        if line and chat not in self._busy and chat not in self._held:
            heapq.heappush(self._ready, (line[0][0], chat))
