"""Who of a new registration list is whom of those who are known: mailboxes are shared, and people change."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

from bot.commands import Registered
from matching.names import closest
from matching.text import normalise

ALIKE = 90.0
"""The score, of 100, from which two names may be two spellings of one."""


@dataclass(frozen=True, slots=True)
class Known:
    """A participant as far as they are known again by it."""

    id: int
    name: str
    email: str | None
    country: str | None
    number: str | None = None


One = Known | Registered
Sign = Callable[[One], Hashable]


def name_key(name: str) -> str:
    """Return *name* so that the order of its parts, capitals and accents do not count."""
    return " ".join(sorted(normalise(name).split()))


def _numbered(sign: Sign) -> Sign:
    return lambda one: (one.number, sign(one)) if one.number else None


def _mailbox(one: One) -> Hashable:
    return one.email


def _name(one: One) -> Hashable:
    return name_key(one.name)


def _named_mailbox(one: One) -> Hashable:
    return (one.email, name_key(one.name)) if one.email else None


def _compatriot(one: One) -> Hashable:
    return (name_key(one.name), one.country)


SIGNS: tuple[tuple[Sign, bool], ...] = (
    (_numbered(_mailbox), False),
    (_numbered(_name), False),
    (_named_mailbox, False),
    (_mailbox, True),
    (_compatriot, False),
)
"""By what somebody is known again, the surest first, and whether the names must be alike as well."""


def recognised(known: Iterable[Known], people: Sequence[Registered]) -> dict[int, int]:
    """
    Map the place of each of *people* who is one of *known* to that one's id.

    It is the same person who has the same number and address, or number and name; the same name in the same mailbox;
    a name that is spelt almost as before, where nobody else in that mailbox is left to be told apart; and the same
    name from the same country with a new address. A sign that several have tells nobody from the others.
    """
    left = {one.id: one for one in known}
    waiting = dict(enumerate(people))
    found: dict[int, int] = {}
    for sign, named_alike in SIGNS:
        theirs, listed = _by_sign(sign, left), _by_sign(sign, waiting)
        for mark, place in listed.items():
            participant = theirs.get(mark)
            if participant is None or (
                named_alike and not are_alike(left[participant].name, people[place].name)
            ):
                continue
            found[place] = participant
            del left[participant], waiting[place]
    return found


def _by_sign(sign: Sign, among: dict[int, Known] | dict[int, Registered]) -> dict[Hashable, int]:
    """Return the keys of *among* by a sign that only one of them has."""
    signs = {key: sign(one) for key, one in among.items()}
    times = Counter(signs.values())
    return {mark: key for key, mark in signs.items() if mark is not None and times[mark] == 1}


def are_alike(one: str, other: str) -> bool:
    """Tell whether two names may be two spellings of one."""
    return bool(closest(one, {"": [other]}, limit=1, cutoff=ALIKE))
