"""Possible partners for one's own need, each with the reason why."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache, partial

from bot.commands import Kind, LiveStatements, OwnStatements, Statement
from bot.delegation_commands import Item, OurStatements
from bot.dialogue import Dialogue, Move, Turn, finish, perform, say
from bot.live import Live
from knowledge.snapshot import Snapshot
from matching.partners import Partners, Reason, Suggestion
from matching.profiles import Profile
from matching.text import normalise

PROVIDERS = 3
PRACTICES = 2
STATEMENTS = 3
"""Offers shown for a need, needs for an offer."""
LIVE_REASONS = frozenset({"theme", "sdg", "modality", "language"})
ANSWERED_BY: Mapping[Kind, Kind] = {"need": "offer", "offer": "need"}
REASONS = 3
"""Parts of a reason that are told, the strongest first."""

WORD = re.compile(r"[^\W_]+")
HAN = re.compile("[\u4e00-\u9fff]")


def find(turn: Turn) -> Move:
    """Read what the participant sent, then show what fits it, unless they object to that."""
    if turn.person.unmatched:
        return finish(say("matches/objected"))
    return perform(OwnStatements(), choose)


def choose(turn: Turn, statements: tuple[Statement, ...]) -> Move:
    """Show partners for the one that is meant; ask when it may be several."""
    number = str(turn.slots.get("number") or "").strip().upper()
    meant = [statement for statement in statements if number in ("", statement.number)]
    match meant:
        case [] if number:
            return perform(OurStatements(), partial(_colleagues, number))
        case []:
            return finish(say("matches/nothing", number=number))
        case [statement]:
            return perform(LiveStatements(ANSWERED_BY[statement.kind]), partial(_show, statement))
        case _:
            return finish(say("matches/which", statements=meant[:8]))


def _colleagues(number: str, _turn: Turn, items: tuple[Item, ...]) -> Move:
    """Show partners for what a colleague of the delegation sent."""
    for item in items:
        if item.statement.number == number:
            live = LiveStatements(ANSWERED_BY[item.statement.kind])
            return perform(live, partial(_show, item.statement))
    return finish(say("matches/nothing", number=number))


def _show(statement: Statement, turn: Turn, live: tuple[Live, ...]) -> Move:
    """Show what fits *statement*: for a need those of the catalogue too."""
    partners = _among(
        turn.know.catalogue.partners, tuple(profile_of(one.statement, turn.know) for one in live)
    )
    wanted = wanted_of(statement, turn.know)
    fitting = _fitting(partners, wanted, live, statement)
    if statement.kind == "offer":
        return finish(say("matches/needs", number=statement.number, needs=fitting))
    providers = partners.suggest(wanted, limit=PROVIDERS, kinds={"provider"})
    practices = partners.suggest(wanted, limit=PRACTICES, kinds={"practice"})
    if not providers and not practices and not fitting:
        return finish(say("matches/none", number=statement.number))
    return finish(
        say(
            "matches/partners",
            number=statement.number,
            offers=fitting,
            providers=[_shown(turn.know, found, statement.text) for found in providers],
            practices=[_shown(turn.know, found, statement.text) for found in practices],
        )
    )


@lru_cache(maxsize=8)
def _among(partners: Partners, live: tuple[Profile, ...]) -> Partners:
    """Return *partners* with those that are *live* besides; kept, for most turns change nothing."""
    return partners.with_(live)


def _fitting(
    partners: Partners, wanted: Profile, live: tuple[Live, ...], statement: Statement
) -> list[dict[str, object]]:
    """Return what fits of what others need or offer, as its template takes it."""
    known = {one.statement.number: one for one in live}
    own = sum(one.own for one in live)
    kinds = {ANSWERED_BY[statement.kind]}
    found = partners.suggest(wanted, limit=STATEMENTS + own, kinds=kinds)
    others = [suggestion for suggestion in found if not known[suggestion.id].own][:STATEMENTS]
    return [_as_live(known[suggestion.id], suggestion, statement.text) for suggestion in others]


def _as_live(one: Live, found: Suggestion, text: str) -> dict[str, object]:
    """Return it with such reasons only as do not tell whose it is."""
    telling = LIVE_REASONS | {"text"} if one.quoted else LIVE_REASONS
    reasons = [reason for reason in found.reasons if reason.kind in telling]
    return {
        "item": one.statement,
        "quoted": one.quoted,
        "private_sector": one.private_sector,
        "reasons": told(reasons, text),
    }


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


def _shown(know: Snapshot, found: Suggestion, text: str) -> dict[str, object]:
    """Return a suggestion as its template takes it, with the words of *text* as they were written."""
    item = know.catalogue.providers.get(found.id) or know.catalogue.practices[found.id]
    return {"item": item, "reasons": told(found.reasons, text), "verified": found.verified}


def told(reasons: Iterable[Reason], text: str) -> list[Reason]:
    """Return the strongest of *reasons* that say something to a reader."""
    told = (_tellable(reason, text) for reason in reasons)
    return [reason for reason in told if reason is not None][:REASONS]


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
