"""Possible partners for one's own need, each with the reason why."""

from dataclasses import replace

from bot.commands import OwnStatements, Statement
from bot.dialogue import Dialogue, Move, Turn, finish, perform, say
from knowledge.snapshot import Snapshot
from matching.partners import Reason, Suggestion
from matching.profiles import Profile

PROVIDERS = 3
PRACTICES = 2
REASONS = 3
"""Parts of a reason that are told, the strongest first."""


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
            providers=[_shown(turn.know, found) for found in providers],
            practices=[_shown(turn.know, found) for found in practices],
        )
    )


def profile_of(statement: Statement, know: Snapshot) -> Profile:
    """Return what the matcher sees of *statement*."""
    country = know.vocabulary.countries.get(statement.country)
    subregion = country.subregion if country else ""
    return Profile(
        id=statement.number or "draft",
        kind=statement.kind,
        texts={"text": statement.text},
        country=statement.country,
        countries=frozenset(statement.countries),
        themes=statement.themes,
        sdgs=frozenset(statement.sdgs),
        modalities=frozenset(statement.modalities),
        regions=frozenset({subregion} if subregion else ()),
        groups=country.groups if country else frozenset(),
    )


def _shown(know: Snapshot, found: Suggestion) -> dict[str, object]:
    """Return a suggestion as its template takes it."""
    item = know.catalogue.providers.get(found.id) or know.catalogue.practices[found.id]
    reasons = [reason for reason in map(_tellable, found.reasons) if reason is not None][:REASONS]
    return {"item": item, "reasons": reasons, "verified": found.verified}


def _tellable(reason: Reason) -> Reason | None:
    """Return *reason* without what says nothing to a reader; None when nothing is left."""
    values = tuple(value for value in reason.values if reason.kind != "text" or not value.isdecimal())
    if reason.weight <= 0 or (reason.kind in ("text", "practice") and not values):
        return None
    return replace(reason, values=values)


MATCHES = Dialogue("matches", find)
