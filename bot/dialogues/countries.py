"""Which country is meant: the one place where typed names become members of the commission."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from knowledge.vocabulary import Country, Vocabulary
from matching.names import CERTAIN
from matching.text import normalise

LIKELY = 80.0
"""Score from which a mistyped name is offered; it is always confirmed."""
CLEARLY = 88.0
"""Score from which a mistyped name is that of a country outside, where no member's comes close."""
CLOSE = 4.0
"""Points between two scores that leave open which of the two names was meant."""
LONGEST_TYPED = 100
"""Characters of what is being typed that are looked at."""
LONGEST_NAME, SHORTEST_NAME = 5, 3
"""Words of the longest name that is looked for among others; names of so few letters are words of all kinds."""
SHOWN = 60
"""Characters of what was not read that are said back."""
# Strongest first. A name such as "Hong Kong, China" is looked up whole before it is cut.
SEPARATORS = tuple(
    re.compile(cut, re.IGNORECASE)
    for cut in (r"\s*[;；\n]\s*", r"\s+(?:and|et|и|or|ou|или)\s+|和|及|或", r"\s*[,，、]\s*", r"\s*[&+/]\s*")
)
# What begins an exception. Chinese does not set its words apart.
EXCEPTION = re.compile(
    r"\b(?:not?|never|non|except\w*|excluding|without|unless|but|other\s+than|apart\s+from|minus"
    r"|pas|sauf|except[ée]\w*|hors|hormis|sans|mais|не|нет|кроме|без|исключая|за\s+исключением|но)\b|除|不包括|不含|排除",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """
    What a name may mean, as ISO3.

    *members* are the members of the commission that it can mean, best first; *sure* when there is one and it was
    written exactly. *outside* is the country it means instead that is not a member, None when there is none.
    """

    members: tuple[str, ...] = ()
    sure: bool = False
    outside: str | None = None


def named(text: str, vocabulary: Vocabulary) -> Named:
    """Return what *text* may mean as the name of a country."""
    hits = vocabulary.country_names.closest(text, limit=8, cutoff=LIKELY)
    if not hits:
        return Named()
    members = [hit for hit in hits if vocabulary.is_member(hit.key)]
    if hits[0].score >= CERTAIN:
        sure = len(hits) == len(members) == 1
        outside = None if members else hits[0].key
        return Named(tuple(hit.key for hit in members), sure, outside)
    if hits[0].score >= CLEARLY and (not members or members[0].score < hits[0].score - CLOSE):
        return Named(outside=hits[0].key)
    likely = [hit.key for hit in members if hit.score >= members[0].score - CLOSE]
    return Named(tuple(likely[:4]))


def suggested(text: str, vocabulary: Vocabulary, lang: str) -> tuple[str, ...]:
    """
    Return the members, as ISO3, that *text* may be the beginning of a name of, best first; all where it is empty.

    Each goes by all its names in all languages; equals stand in the order of their names in *lang*.
    """
    wanted = normalise(text[:LONGEST_TYPED])
    members = sorted(vocabulary.countries.values(), key=lambda country: normalise(country.name.in_(lang)))
    if not wanted:
        return tuple(country.iso3 for country in members)
    begins = [one.iso3 for one in members if any(name.startswith(wanted) for name in _normal_names(one))]
    inside = [one.iso3 for one in members if any(f" {wanted}" in name for name in _normal_names(one))]
    meant = named(text[:LONGEST_TYPED], vocabulary)
    first, last = (meant.members, ()) if meant.sure else ((), meant.members)
    return tuple(dict.fromkeys([*first, *begins, *inside, *last]))


@lru_cache(maxsize=500)
def _normal_names(country: Country) -> tuple[str, ...]:
    return tuple(normalise(name) for name in (*country.name.values(), *country.aliases))


def all_read(text: str, vocabulary: Vocabulary) -> tuple[tuple[Named, ...], tuple[str, ...]]:
    """
    Return what each of the names in *text* may mean, each once, and all words that were not read as a member's name.

    From "except" on nothing is read: whoever leaves a country out does not name it.
    """
    exception = EXCEPTION.search(text)
    end = exception.start() if exception else len(text)
    found: list[Named] = []
    unread: list[str] = []
    for part in _parts(text[:end], vocabulary) if text[:end].strip() else ():
        whole = named(part, vocabulary)
        if whole.members:
            found.append(whole)
            continue
        spans = [] if whole.outside else _spans(part, vocabulary)
        names = {span: named(span, vocabulary) for span in spans if _is_name(span, vocabulary)}
        found += [name for name in names.values() if name.members]
        left = [span for span in spans or [part] if span not in names or not names[span].members]
        unread += [" ".join(left)] if left else []
    unread += [text[end:].strip()] if exception else []
    return tuple(dict.fromkeys(found)), tuple(words[:SHOWN] for words in unread)


def mentioned(text: str, vocabulary: Vocabulary) -> tuple[Named, ...]:
    """Return what is named among other words, each name written exactly: "I come from Fiji"."""
    spans = _spans(text, vocabulary)
    return tuple(named(span, vocabulary) for span in spans if _is_name(span, vocabulary))


def _is_name(span: str, vocabulary: Vocabulary) -> bool:
    return len(span) > SHORTEST_NAME and bool(vocabulary.country_names.exact(span))


def _spans(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the names that are written exactly in *text*, each as one, and the words between them."""
    words = text.split()
    found: list[str] = []
    while words:
        spans = (" ".join(words[:size]) for size in range(LONGEST_NAME, 0, -1))
        found.append(next((one for one in spans if _is_name(one, vocabulary)), words[0]))
        del words[: len(found[-1].split())]
    return found


def _parts(text: str, vocabulary: Vocabulary, cuts: Sequence[re.Pattern[str]] = SEPARATORS) -> Iterator[str]:
    if not cuts or vocabulary.country_names.exact(text):
        yield text
        return
    parts = [part for part in cuts[0].split(text) if part.strip()]
    while parts:
        # "Hong Kong, China, Fiji": a name that holds a comma itself is put together again.
        pair = ", ".join(parts[:2])
        size = 2 if len(parts) > 1 and vocabulary.country_names.exact(pair) else 1
        yield from _parts(pair if size == 2 else parts[0], vocabulary, cuts[1:])
        del parts[:size]
