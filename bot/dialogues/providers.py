"""The network of technical cooperation providers: who gives what, found by theme, form and country, and shown."""

import re
from functools import partial

from bot import looking
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from bot.dialogues.catalogue import listed, values_of
from bot.dialogues.introduction import asks
from bot.profile_commands import FindProfiles, Listed
from bot.rights import may
from knowledge.catalogue import Provider
from knowledge.seeking import Sought, asked_for, find, sought
from matching.profiles import Profile

LISTED = re.compile(r"D-\d{1,9}", re.IGNORECASE)
"""The number of a profile of somebody who listed themselves."""
PARTNERS = frozenset({"partner", "private_sector"})
LONGEST = 12
"""Partners on one card."""
DONE = 3
"""Practices of a provider that are offered beneath it."""


def begin(turn: Turn) -> Move:
    """Look for what was asked in a question or after the command; with nothing, ask for it."""
    if place := str(turn.slots.get("from") or ""):
        return _of_country(turn, place)
    if question := str(turn.slots.get("question") or ""):
        wanted = sought(question, turn.know)
        if wanted is None:
            return hand_over("ask", question=question)
        return show(turn, looking.Look(wanted))
    words = str(turn.slots.get("text") or "").strip()
    if LISTED.fullmatch(words):
        return perform(FindProfiles(), partial(_person, words.upper()))
    if (provider := turn.know.catalogue.providers.get(words)) is not None:
        return finish(card(turn, provider))
    look = looking.read("provider", words, turn.know)
    return go(turn, QUESTION) if look.is_empty and not look.by else show(turn, look)


def _of_country(turn: Turn, place: str) -> Move:
    """Show who is here from the country that *place* names, then who works with it; without one it is a question."""
    named = [iso3 for iso3 in turn.know.understand(place).countries if iso3 in turn.know.vocabulary.countries]
    if len(named) != 1:
        return hand_over("ask", question=str(turn.slots.get("question") or place))
    return show(turn, looking.Look(Sought("provider", country=named[0])))


def show(turn: Turn, look: looking.Look) -> Move:
    """Show who fits; who listed themselves is shown to those who may see them."""
    if may(turn.person.role, "read_network") and not turn.public:
        return perform(FindProfiles(), partial(_show, look))
    return _show(look, turn, ())


def _show(look: looking.Look, turn: Turn, people: tuple[Listed, ...]) -> Move:
    """Show who fits, or the values of the filter that is about to be chosen."""
    found = find(look.sought, turn.know, tuple(map(to_matched, people)))
    if look.by:
        values = values_of(look.by, found, turn.know)
        return finish(say("directory/filter", look=look, values=values))
    known = {one.number: one for one in people}
    return finish(say("providers/list", look=look, **listed(found, look, turn.know, known)))


def to_matched(one: Listed) -> Profile:
    """Return what the matcher sees of somebody's profile."""
    given = one.profile
    return Profile(
        one.number,
        "provider",
        {"name": one.organisation or "", "summary": given.text},
        country=one.country,
        countries=frozenset(given.countries),
        themes=given.themes,
        modalities=frozenset(given.forms),
        languages=frozenset(given.languages),
    )


def _person(number: str, turn: Turn, people: tuple[Listed, ...]) -> Move:
    """Show the profile of somebody who listed themselves."""
    one = next((one for one in people if one.number == number), None)
    if one is None:
        return finish(say("profile/decided", number=number, gone=True, shown=False))
    return finish(say("providers/person", listed=one, asks=asks(turn)))


def exchange(turn: Turn) -> Move:
    """Show the partners and the private sector that listed themselves."""
    if not may(turn.person.role, "read_network"):
        return finish(say("shared/not_allowed", registered=turn.person.confirmed))
    return perform(FindProfiles(), _exchange)


def _exchange(_turn: Turn, people: tuple[Listed, ...]) -> Move:
    partners = [one for one in people if one.role in PARTNERS]
    return finish(say("providers/exchange", partners=partners[:LONGEST]))


def card(turn: Turn, provider: Provider) -> Saying:
    """Return all that the catalogue says of *provider*."""
    done = [one for one in turn.know.catalogue.practices.values() if provider.id in one.providers]
    return say(
        "providers/card",
        provider=provider,
        practices=done[:DONE],
        states=turn.person.role != "media",
        asks=asks(turn),
    )


def ask_what(turn: Turn) -> Saying:
    """Ask what is looked for."""
    themes = [theme.id for theme in turn.know.vocabulary.themes.values() if theme.seed]
    return say("providers/ask", themes=themes, command=looking.COMMANDS["provider"])


def hear_what(turn: Turn) -> Move:
    """Look for it, or for what a whole question asks for instead."""
    asked = asked_for(turn.text)
    if asked is not None and asked[0] != "provider":
        return hand_over("practices", question=turn.text)
    return show(turn, looking.read("provider", turn.text, turn.know)) if turn.text else go(turn, QUESTION)


QUESTION = Step("what", ask_what, hear_what)
PROVIDERS = Dialogue("providers", begin, (QUESTION,))
EXCHANGE = Dialogue("exchange", exchange)
