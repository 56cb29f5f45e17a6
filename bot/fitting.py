"""What a need and an offer are to the matcher, and which of the reasons why two fit are told."""

import re
from collections.abc import Iterable
from dataclasses import replace

from bot.commands import Statement
from knowledge.snapshot import Snapshot
from matching.partners import Reason
from matching.profiles import Profile
from matching.text import normalise

REASONS = 3
"""Parts of a reason that are told, the strongest first."""
LIVE_REASONS = frozenset({"theme", "sdg", "modality", "language"})
"""Reasons that do not tell whose a need or an offer is, and nothing of its words."""

WORD = re.compile(r"[^\W_]+")
HAN = re.compile("[\u4e00-\u9fff]")


def wanted_of(statement: Statement, know: Snapshot) -> Profile:
    """
    Return what *statement* looks for.

    Its own country is left out of the words: it says nothing of the subject, and its facet speaks for it.
    """
    profile = profile_of(statement, know)
    text = know.understand.without_countries(statement.text, {statement.country})
    return replace(profile, texts={"text": text})


def profile_of(statement: Statement, know: Snapshot) -> Profile:
    """Return what the matcher sees of *statement*: a need comes from its country, an offer is for others."""
    whose = statement.countries if statement.kind == "offer" else (statement.country,)
    countries = [know.vocabulary.countries[iso3] for iso3 in whose if iso3 in know.vocabulary.countries]
    return Profile(
        id=statement.number or "draft",
        kind=statement.kind,
        texts={"text": statement.text},
        country=statement.country,
        countries=frozenset(statement.countries),
        model_countries=frozenset(statement.model_countries),
        themes=statement.themes,
        sdgs=frozenset(statement.sdgs),
        modalities=frozenset(statement.modalities),
        regions=frozenset(country.subregion for country in countries if country.subregion),
        groups=frozenset().union(*(country.groups for country in countries)),
    )


def told(reasons: Iterable[Reason], text: str) -> list[Reason]:
    """Return the strongest of *reasons* that say something to a reader."""
    found = (_tellable(reason, text) for reason in reasons)
    return [reason for reason in found if reason is not None][:REASONS]


def _tellable(reason: Reason, text: str) -> Reason | None:
    """Return *reason* without what says nothing to a reader; None when nothing is left."""
    values = _spelt(reason.values, text) if reason.kind == "text" else reason.values
    if reason.weight <= 0 or (reason.kind in ("text", "practice") and not values):
        return None
    return replace(reason, values=values)


def _spelt(values: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Return the words of *text* that *values*, tokens in their normal form, stand for; numbers say nothing."""
    words = {normalise(word): word for word in WORD.findall(text)}
    spelt = [words.get(value, value) for value in values if not value.isdecimal() and not HAN.match(value)]
    parts = [re.escape(value) for value in values if HAN.match(value)]
    if parts:
        # Tokens of Chinese overlap: what they cover together is the word that was written.
        covered = {
            place
            for part in parts
            for found in re.finditer(f"(?={part})", text)
            for place in _places(found, part)
        }
        kept = "".join(sign if place in covered else " " for place, sign in enumerate(text))
        spelt += [word for word in kept.split() if len(word) > 1]
    return tuple(dict.fromkeys(spelt))


def _places(found: re.Match[str], part: str) -> range:
    return range(found.start(), found.start() + len(part))
