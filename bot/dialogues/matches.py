"""Possible partners for one's own need, each with the reason why."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial

from bot.commands import Kind, LiveStatements, OwnStatements, Statement
from bot.delegation_commands import Item, OurStatements
from bot.dialogue import Dialogue, Move, Turn, finish, perform, say
from bot.dialogues.introduction import listed
from bot.fitting import LIVE_REASONS, profile_of, told, wanted_of
from bot.introduction_commands import Introduced, MyIntroductions
from bot.live import Live
from bot.rights import may
from knowledge.snapshot import Snapshot
from matching.partners import Partners, Suggestion
from matching.profiles import Profile

PROVIDERS = 3
PRACTICES = 2
STATEMENTS = 3
"""Offers shown for a need, needs for an offer."""
ANSWERED_BY: Mapping[Kind, Kind] = {"need": "offer", "offer": "need"}


def find(turn: Turn) -> Move:
    """Read what the participant sent, then show what fits it, unless they object to that."""
    if turn.person.unmatched:
        return finish(say("matches/objected"))
    if turn.slots.get("number") or turn.slots.get("text"):
        return perform(OwnStatements(), choose)
    return perform(MyIntroductions(), _first)


def _first(_turn: Turn, mine: tuple[Introduced, ...]) -> Move:
    """Show what waits for them and whom they are introduced to before the partners there may be."""
    going = listed(mine)
    move = perform(OwnStatements(), choose)
    return replace(move, says=(going,)) if going else move


def choose(turn: Turn, statements: tuple[Statement, ...]) -> Move:
    """Show partners for the one that is meant; ask when it may be several."""
    number = str(turn.slots.get("number") or "").strip().upper()
    meant = [one for one in statements if number == one.number or (not number and one.progress != "met")]
    match meant:
        case [statement] if statement.progress == "met":
            return finish(say("matches/met", statement=statement))
        case [] if number:
            return perform(OurStatements(), partial(_colleagues, number))
        case [] if statements:
            return finish(say("matches/met", statement=statements[0]))
        case []:
            return finish(say("matches/nothing", number=number))
        case [statement]:
            return perform(LiveStatements(ANSWERED_BY[statement.kind]), partial(_show, statement))
        case _:
            return finish(say("matches/which", statements=meant[:8]))


def _colleagues(number: str, _turn: Turn, items: tuple[Item, ...]) -> Move:
    """Show partners for what a colleague of the delegation sent."""
    for item in items:
        if item.statement.number == number and item.statement.progress == "met":
            return finish(say("matches/met", statement=item.statement))
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
    asks = turn.person.confirmed and may(turn.person.role, "ask_introduction")
    if statement.kind == "offer":
        return finish(say("matches/needs", number=statement.number, needs=fitting, asks=asks))
    providers = partners.suggest(wanted, limit=PROVIDERS, kinds={"provider"})
    practices = partners.suggest(wanted, limit=PRACTICES, kinds={"practice"})
    if not providers and not practices and not fitting:
        return finish(say("matches/none", number=statement.number))
    return finish(
        say(
            "matches/partners",
            number=statement.number,
            asks=asks,
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


def _shown(know: Snapshot, found: Suggestion, text: str) -> dict[str, object]:
    """Return a suggestion as its template takes it, with the words of *text* as they were written."""
    item = know.catalogue.providers.get(found.id) or know.catalogue.practices[found.id]
    return {"item": item, "reasons": told(found.reasons, text), "verified": found.verified}


MATCHES = Dialogue("matches", find)
