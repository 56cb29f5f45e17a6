"""Finds the session whose time or place a question asks for: "when is lunch", "where is session 3"."""

import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.forum import Programme, Session
from matching.filler import FILLER
from matching.names import Names, Wording
from matching.text import normalise, tokens

WHEN = frozenset(
    tokens(
        "when time hour start starts starting begin begins end ends finish finishes over quand heure commence débute "
        "finit termine когда сколько время времени начало начинается начнётся заканчивается"
    )
)
WHERE = frozenset(
    tokens("where room hall floor place venue où salle étage lieu где куда зал зале место этаж")
)
WHEN_UNSPACED = ("几点", "何时", "什么时候", "时间", "开始", "结束")
WHERE_UNSPACED = ("哪", "地点")
LITTLE = FILLER | frozenset(
    tokens(
        "today tomorrow held served quelle quel aujourd'hui demain во сегодня завтра будет состоится проходит"
    )
)
OTHER_WORDS, OTHER_SIGNS = 1, 8
"""Beside the session, the question and its fillers; more of them, and the question is about something else."""
NO_SESSION = frozenset({"registration"})
"""Kinds that share their name with a topic that people ask more about."""
UNCOUNTED = {"": tokens("the of a la le les l de du des d на по")}
WEAK = tokens(
    "ceremony session plenary panel talk meeting cérémonie séance réunion церемония заседание сессия"
)
"""In the name of a session, what leaves the other words to tell which it is: "opening ceremony"."""
COLON = re.compile("[:\uff1a]")
HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Asked:
    """The session that is meant, and whether its time is asked for rather than its place."""

    session: Session
    when: bool


def session_asked(question: str, programme: Programme) -> Asked | None:
    """Return the session that *question* names and asks the time or the place of, None when it does neither."""
    words = normalise(question)
    for title, session in _titles(programme):
        rest = _without(title, words)
        if rest is not None:
            return _asked(rest, session)
    return None


def _asked(rest: str, session: Session) -> Asked | None:
    if HAN.search(rest):
        when = any(sign in rest for sign in WHEN_UNSPACED)
        where = any(sign in rest for sign in WHERE_UNSPACED)
        short = len(rest) <= OTHER_SIGNS
    else:
        left = set(rest.split())
        when, where = not left.isdisjoint(WHEN), not left.isdisjoint(WHERE)
        short = len(left - WHEN - WHERE - LITTLE) <= OTHER_WORDS
    # The bare name of a session asks where it is, as everybody does who is late.
    return Asked(session, when and not where) if short and (when or where or not rest) else None


def session_names(programme: Programme) -> Names:
    """Return what finds a session by its title or either part of it, "Session 3" or "Better access", ids as keys."""
    names = {}
    for session in programme.sessions:
        parts = [part for title in session.title.values() for part in COLON.split(title)]
        names[session.id] = (*session.title.values(), *parts, session.id)
    return Names(names, wording=Wording(UNCOUNTED, WEAK))


@lru_cache(maxsize=4)
def _titles(programme: Programme) -> tuple[tuple[str, Session], ...]:
    """Return the names of the sessions, the longest first: "Session 3: Better access" is "session 3"."""
    names = {
        name: session
        for session in reversed(programme.sessions)
        if session.kind not in NO_SESSION
        for title in session.title.values()
        if (name := normalise(COLON.split(title)[0]))
    }
    return tuple(sorted(names.items(), key=lambda pair: -len(pair[0])))


def _without(title: str, words: str) -> str | None:
    """Return *words* without *title*, None when it does not stand among them."""
    if HAN.search(title):
        return words.replace(title, "", 1).strip() if title in words else None
    before, found, after = f" {words} ".partition(f" {title} ")
    return f"{before} {after}".strip() if found else None
