"""The network of technical cooperation providers: who gives what, found by theme, form and country, and shown."""

from bot import looking
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, say
from bot.dialogues.catalogue import listed, values_of
from knowledge.catalogue import Provider
from knowledge.seeking import find, sought

DONE = 3
"""Practices of a provider that are offered beneath it."""


def begin(turn: Turn) -> Move:
    """Look for what was asked in a question or after the command; with nothing, ask for it."""
    if question := str(turn.slots.get("question") or ""):
        wanted = sought(question, turn.know)
        if wanted is None:
            return hand_over("ask", question=question)
        return show(turn, looking.Look(wanted))
    words = str(turn.slots.get("text") or "").strip()
    if (provider := turn.know.catalogue.providers.get(words)) is not None:
        return finish(card(turn, provider))
    look = looking.read("provider", words, turn.know)
    return go(turn, QUESTION) if look.is_empty and not look.by else show(turn, look)


def show(turn: Turn, look: looking.Look) -> Move:
    """Show who fits, or the values of the filter that is about to be chosen."""
    found = find(look.sought, turn.know)
    if look.by:
        values = values_of(look.by, found, turn.know)
        return finish(say("directory/filter", look=look, values=values))
    return finish(say("providers/list", look=look, **listed(found, look, turn.know)))


def card(turn: Turn, provider: Provider) -> Saying:
    """Return all that the catalogue says of *provider*."""
    done = [one for one in turn.know.catalogue.practices.values() if provider.id in one.providers]
    return say("providers/card", provider=provider, practices=done[:DONE], states=turn.person.role != "media")


def ask_what(turn: Turn) -> Saying:
    """Ask what is looked for."""
    themes = [theme.id for theme in turn.know.vocabulary.themes.values() if theme.seed]
    return say("providers/ask", themes=themes, command=looking.COMMANDS["provider"])


def hear_what(turn: Turn) -> Move:
    """Look for it."""
    return show(turn, looking.read("provider", turn.text, turn.know)) if turn.text else go(turn, QUESTION)


QUESTION = Step("what", ask_what, hear_what)
PROVIDERS = Dialogue("providers", begin, (QUESTION,))
