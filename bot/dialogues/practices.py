"""Good practices: found by subject and place, and read."""

import re

from bot import looking
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, say
from bot.dialogues.catalogue import listed, values_of
from bot.dialogues.introduction import asks
from bot.rights import may
from knowledge.catalogue import Practice
from knowledge.seeking import asked_for, find, similar, sought

TOLD = re.compile(r"P-\d{1,9}", re.IGNORECASE)
"""The number of a practice that a participant told of."""


def begin(turn: Turn) -> Move:
    """Look for what was asked in a question or after the command; with nothing, ask for it."""
    if question := str(turn.slots.get("question") or ""):
        wanted = sought(question, turn.know)
        if wanted is None:
            return hand_over("ask", question=question)
        return show(turn, looking.Look(wanted))
    words = str(turn.slots.get("text") or "").strip()
    practices = turn.know.catalogue.practices
    if (practice := practices.get(words) or practices.get(words.upper())) is not None:
        return finish(card(turn, practice))
    if TOLD.fullmatch(words):
        return finish(say("practice/gone", number=words.upper()))
    look = looking.read("practice", words, turn.know)
    return go(turn, QUESTION) if look.is_empty and not look.by else show(turn, look)


def show(turn: Turn, look: looking.Look) -> Move:
    """Show what fits, or the values of the filter that is about to be chosen."""
    found = find(look.sought, turn.know)
    if look.by:
        values = values_of(look.by, found, turn.know)
        return finish(say("directory/filter", look=look, values=values))
    submits = turn.person.confirmed and may(turn.person.role, "submit_practice") and not turn.public
    return finish(say("practices/list", look=look, submits=submits, **listed(found, look, turn.know)))


def card(turn: Turn, practice: Practice) -> Saying:
    """Return all that the catalogue says of *practice*."""
    providers = [turn.know.catalogue.providers[id_] for id_ in practice.providers]
    like = [turn.know.catalogue.practices[one.id] for one in similar(practice, turn.know)]
    return say(
        "practices/card",
        practice=practice,
        providers=providers,
        similar=like,
        asks=asks(turn) and practice.has_contact,
    )


def ask_what(turn: Turn) -> Saying:
    """Ask what is looked for."""
    themes = [theme.id for theme in turn.know.vocabulary.themes.values() if theme.seed]
    return say("practices/ask", themes=themes, command=looking.COMMANDS["practice"])


def hear_what(turn: Turn) -> Move:
    """Look for it, or for what a whole question asks for instead."""
    asked = asked_for(turn.text)
    if asked is not None and asked[0] != "practice":
        return hand_over("providers", question=turn.text)
    return show(turn, looking.read("practice", turn.text, turn.know)) if turn.text else go(turn, QUESTION)


QUESTION = Step("what", ask_what, hear_what)
PRACTICES = Dialogue("practices", begin, (QUESTION,))
