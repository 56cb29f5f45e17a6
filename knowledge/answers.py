"""Questions and the entries that answer them, told with how sure it is."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from knowledge.emergencies import emergency_in
from knowledge.forum import Entry, Room
from knowledge.packaged import packaged
from knowledge.shorthand import expanded
from knowledge.vocabulary import Localised
from matching.encoder import Encoder
from matching.intents import Band, Intents, background, fingerprint
from matching.names import CERTAIN, Hit, Names
from matching.text import normalise, tokens

Recall = Callable[[str], bytes | None]
"""Gives what was learnt under a fingerprint, None when nothing was."""
NOW: Final = "now"
WHERE: Final = "where"
AGENDA: Final = "agenda"
OFFERED = 3
"""How many entries are offered where it is not sure which is meant."""
NAMED_ROOM = 97.0
"""The score of a question that names a room: surer than any likeness, less than its very words."""
SENSITIVE_AT = 98.0
"""
The score from which a question of health, safety or visas is answered without asking back.

Of 22 unlike ones around those entries it lets one through, of 10 that ask for them it answers 5 and offers 4;
the usual threshold answers two and 7.
"""
LONGEST_ROOM_NAME = 5
MISTYPED, A_LONG_WORD = 85.0, 6
"""The score from which a word is the name of a room mistyped, and the letters that it has at least."""
ONLY_A_ROOM = 3
"""Words in which a room is all that can be meant."""
HAN = re.compile("[\u4e00-\u9fff]")
# A letter, a number or both, after or before the word for a room: "room B", "зал 3", "B2厅".
DESIGNATED = re.compile(
    r"\b(?:rooms?|halls?|salles?|зал(?:а|е|у|ом)?|комнат\w+|аудитори\w+)\s+(?:n[o°º]?\.?\s*)?"
    r"([a-zа-я]?-?\d{1,3}[a-zа-я]?|[a-zа-я])\b(?!['’])|"
    r"\b([a-z]?\d{1,3}|[a-z])\s*(?:号?厅|号?会议室|号?会议厅)|(?:会议室|会议厅|厅)\s*([a-z]?\d{1,3}|[a-z])\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """The entry that was asked for, or one of the topics `now`, `where` and `agenda`."""

    key: str
    score: float
    entry: Entry | None = None
    """None for the three topics, which the programme and the rooms answer."""
    room: str | None = None
    """Id of the room that the question names."""
    named: str | None = None
    """What the question calls the room, when there is none of that name."""
    urgent: bool = False
    """Whether somebody cries for help rather than asks: it is answered whatever else goes on."""

    @property
    def is_published(self) -> bool:
        """Say whether there is anything to tell: a topic always has."""
        return self.entry is None or self.entry.body is not None


@dataclass(frozen=True, slots=True)
class Choices:
    """The entries that may be meant, best first; a topic comes as an entry without an answer."""

    entries: tuple[Entry, ...]
    scores: tuple[float, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the entries."""
        return tuple(entry.key for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing that was published is close enough; a person must answer."""

    nearest: tuple[tuple[str, float], ...] = ()
    """Keys and scores of the least far, best first."""


class Answers:
    """
    The entries of a pack, to be asked in any of its languages.

    Besides the entries there are three topics, `now`, `where` and `agenda`.
    """

    def __init__(
        self,
        entries: Mapping[str, Entry],
        rooms: Mapping[str, Room] | None = None,
        recall: Recall | None = None,
        encoder: Encoder | None = None,
    ) -> None:
        self._entries = {**topics(), **entries}
        self._published = entries
        self._rooms = _Rooms(rooms or {})
        examples = {key: _examples(entry) for key, entry in self._entries.items()}
        self.fingerprint = fingerprint(examples, background(), encoder)
        self.intents = Intents(examples, background(), recall and recall(self.fingerprint), encoder)

    def ask(self, question: str, lang: str | None = None) -> Answer | Choices | Unknown:
        """
        Return what answers *question*, or what it may mean, or what is least far.

        The phrasings of all languages are searched together, so *lang* need not be that of the
        question; it is a hint only.
        """
        if (cried := self._cried_for(question)) is not None:
            return Answer(cried, CERTAIN, self._entries[cried], urgent=True)
        hits = self.hits(question, limit=OFFERED)
        band = self.band(hits)
        if band == "answer":
            return self._answer(hits[0], self._rooms.named_in(question))
        if band == "choices":
            return Choices(tuple(self._entries[hit.key] for hit in hits), tuple(hit.score for hit in hits))
        return Unknown(tuple((hit.key, hit.score) for hit in hits))

    def hits(self, question: str, limit: int = 10) -> list[Hit]:
        """Return the keys of entries and topics that *question* may ask for, best first."""
        hits = self._ranked(question, limit)
        if (cried := self._cried_for(question)) is not None:
            return [Hit(cried, CERTAIN), *(hit for hit in hits if hit.key != cried)][:limit]
        named = self._rooms.named_in(question)
        if named is None or (hits and (hits[0].key in (NOW, AGENDA) or hits[0].score >= NAMED_ROOM)):
            return hits
        if self._is_about_more(question, hits):
            return hits
        others = [hit for hit in hits if hit.key != WHERE]
        return [Hit(WHERE, NAMED_ROOM), *others][:limit]

    def _cried_for(self, question: str) -> str | None:
        """Return the entry for the emergency that *question* tells of; None where there is none, or no such entry."""
        key = emergency_in(question)
        return key if key in self._published else None

    def _is_about_more(self, question: str, hits: Sequence[Hit]) -> bool:
        """Say whether the room is only where something happens ("fire in room C") or that is (a toilet)."""
        scores = {hit.key: hit.score for hit in hits}
        where = scores.pop(WHERE, 0.0)
        likely = max(where, self.intents.choices_at)
        if any(self._entries[key].sensitive and score >= likely for key, score in scores.items()):
            return True
        asks = not _cues().isdisjoint(tokens(question)) or len(tokens(question)) <= ONLY_A_ROOM
        return not asks and where < self.intents.choices_at

    def band(self, hits: Sequence[Hit]) -> Band:
        """Say what *hits* allow: to answer, to offer a choice, or neither."""
        if hits and hits[0] == Hit(WHERE, NAMED_ROOM):
            return "answer"
        band = self.intents.band(hits)
        if band == "answer" and self._entries[hits[0].key].sensitive and hits[0].score < SENSITIVE_AT:
            return "choices"
        return band

    def _ranked(self, question: str, limit: int) -> list[Hit]:
        """
        Return what is found for *question* as it was written or with its abbreviations written out.

        The surer of the two: of 24 questions in shorthand 15 find their entry as written, 16 written out,
        18 so.
        """
        hits = self.intents.rank(question, limit=limit)
        long = expanded(question)
        if long == " ".join(question.split()) or (hits and hits[0].score == CERTAIN):
            return hits
        return max(
            hits, self.intents.rank(long, limit=limit), key=lambda found: found[0].score if found else 0.0
        )

    def _answer(self, hit: Hit, named: "_Named | None") -> Answer:
        if hit.key not in topics():
            return Answer(hit.key, hit.score, self._entries[hit.key])
        if named is None:
            return Answer(hit.key, hit.score)
        return Answer(hit.key, hit.score, room=named.room, named=None if named.room else named.words)


@cache
def topics() -> Mapping[str, Entry]:
    """Return the three topics as entries: how people ask for them, and no answer."""
    return {
        key: Entry(
            key=key,
            title=Localised(topic["title"]),
            phrasings={lang: tuple(asked) for lang, asked in topic["phrasings"].items()},
            body=None,
            source=None,
            checked=date(2026, 11, 21),
        )
        for key, topic in packaged("knowledge", "topics.yaml").items()
    }


def _examples(entry: Entry) -> list[str]:
    asked = [phrasing for phrasings in entry.phrasings.values() for phrasing in phrasings]
    return list(dict.fromkeys((*asked, *entry.title.values())))


@dataclass(frozen=True, slots=True)
class _Named:
    words: str
    room: str | None


class _Rooms:
    """Finds the room that a question names."""

    def __init__(self, rooms: Mapping[str, Room]) -> None:
        names = {room.id: (*room.name.values(), *room.aliases) for room in rooms.values()}
        self._names = Names(names)
        # Without spaces a name cannot be cut out of a question: it is looked for within.
        self._unspaced = sorted(
            (normalise(name), key) for key, given in names.items() for name in given if HAN.search(name)
        )

    def named_in(self, question: str) -> _Named | None:
        """
        Return the room that *question* names: one there is, or words such as "Z9" for one.

        A place that is known by an everyday word ("cafeteria") counts when the question asks where it is, mistyped
        too, or when it is the whole question.
        """
        designated = DESIGNATED.search(question)
        if designated is not None:
            name = next(group for group in designated.groups() if group)
            found = self._names.exact(designated.group()) or self._names.exact(name)
            return _Named(name.upper(), found[0] if found else None)
        if not _cues().isdisjoint(tokens(question)):
            return self._spelt_out(question)
        alone = normalise(question)
        found = self._names.exact(alone)
        return _Named(alone, found[0]) if found else None

    def _spelt_out(self, question: str) -> _Named | None:
        words = normalise(question).split()
        for size in range(min(LONGEST_ROOM_NAME, len(words)), 0, -1):
            for start in range(len(words) - size + 1):
                name = " ".join(words[start : start + size])
                found = self._names.exact(name)
                if found:
                    return _Named(name, found[0])
        for word in words:
            near = self._names.closest(word, limit=1, cutoff=MISTYPED) if len(word) >= A_LONG_WORD else []
            if near:
                return _Named(word, near[0].key)
        within = [name for name in self._unspaced if name[0] in normalise(question)]
        longest = max(within, key=lambda name: len(name[0]), default=None)
        return _Named(*longest) if longest else None


@cache
def _cues() -> frozenset[str]:
    return frozenset(["where", "ou", "где", "哪", "哪里", "哪儿", "floor", "etage", "этаже", "directions"])
