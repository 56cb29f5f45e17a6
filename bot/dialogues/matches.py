"""Possible partners for one's own need, each with the reason why."""

import re
from dataclasses import replace

from bot.commands import OwnStatements, Statement
from bot.dialogue import Dialogue, Move, Turn, finish, perform, say
from knowledge.snapshot import Snapshot
from matching.partners import Reason, Suggestion
from matching.profiles import Profile
from matching.text import normalise

PROVIDERS = 3
PRACTICES = 2
REASONS = 3
"""Parts of a reason that are told, the strongest first."""

WORD = re.compile(r"[^\W_]+")
HAN = re.compile("[\u4e00-\u9fff]")


def find(turn: Turn) -> Move:
    """Read what the participant sent, then show what fits it."""
    return perform(OwnStatements(), choose)


def choose(turn: Turn, statements: tuple[Statement, ...]) -> Move:
    """Show partners for the one that is meant; ask when it may be several."""
    number = str(turn.slots.get("number") or "").strip().upper()
    meant = [statement for statement in statements if number in ("", statement.number)]
    match meant:
        case []:
            return finish(say("matches/nothing", number=number))
        case [statement]:
            return show(turn, statement)
        case _:
            return finish(say("matches/which", statements=meant[:8]))


def show(turn: Turn, statement: Statement) -> Move:
    """Show the providers and the good practices that fit *statement*."""
    if statement.kind == "offer":
        return finish(say("matches/offer", statement=statement))
    wanted = profile_of(statement, turn.know)
    partners = turn.know.catalogue.partners
    providers = partners.suggest(wanted, limit=PROVIDERS, kinds={"provider"})
    practices = partners.suggest(wanted, limit=PRACTICES, kinds={"practice"})
    if not providers and not practices:
        return finish(say("matches/none", number=statement.number))
    return finish(
        say(
            "matches/partners",
            number=statement.number,
            providers=[_shown(turn.know, found, statement.text) for found in providers],
            practices=[_shown(turn.know, found, statement.text) for found in practices],
        )
    )


def profile_of(statement: Statement, know: Snapshot) -> Profile:
    """
    Return what the matcher sees of *statement*.

    The asker's own country is left out of the words: it says nothing of the subject, and its facet speaks for it.
    """
    country = know.vocabulary.countries.get(statement.country)
    subregion = country.subregion if country else ""
    return Profile(
        id=statement.number or "draft",
        kind=statement.kind,
        texts={"text": know.understand.without_countries(statement.text, {statement.country})},
        country=statement.country,
        countries=frozenset(statement.countries),
        model_countries=frozenset(statement.model_countries),
        themes=statement.themes,
        sdgs=frozenset(statement.sdgs),
        modalities=frozenset(statement.modalities),
        regions=frozenset({subregion} if subregion else ()),
        groups=country.groups if country else frozenset(),
    )


def _shown(know: Snapshot, found: Suggestion, text: str) -> dict[str, object]:
    """Return a suggestion as its template takes it, with the words of *text* as they were written."""
    item = know.catalogue.providers.get(found.id) or know.catalogue.practices[found.id]
    told = (_tellable(reason, text) for reason in found.reasons)
    reasons = [reason for reason in told if reason is not None][:REASONS]
    return {"item": item, "reasons": reasons, "verified": found.verified}


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


MATCHES = Dialogue("matches", find)
