"""First contact: who speaks here, in which language, and for which country."""

from bot.commands import ChooseLanguage, IntroduceOneself
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from bot.dialogues.origin import Settled, ask_origin, hear_origin
from bot.links import proof_in
from bot.rights import Role, may
from knowledge.answers import Answer
from knowledge.vocabulary import LANGUAGES

FOR_THEMSELVES: frozenset[Role] = frozenset({"partner", "private_sector", "media"})
"""The roles of those who speak for an organisation or themselves: they represent no country."""


def greet(turn: Turn) -> Move:
    """Welcome whoever comes; ask for the country where it is not known."""
    if turn.public:
        return finish(say("welcome/group"))
    if proof := proof_in(turn.slots.get("payload", "")):
        return hand_over("link", **proof)
    if turn.person.country is not None:
        return finish(ready(turn, turn.person.country))
    return go(turn, COUNTRY)


def ask_country(turn: Turn) -> Saying:
    """Return the greeting at first, then what is still open about the country."""
    if turn.slots.get("asked"):
        return ask_origin(turn, skip=True)
    return say("welcome/hello", edit=True)


def hear_country(turn: Turn) -> Move:
    """Keep the country, or answer what was asked instead."""
    if turn.choice in LANGUAGES:
        return perform(ChooseLanguage(turn.choice), lambda turn, _: go(turn, COUNTRY))
    if turn.choice == "skip":
        return finish(ready(turn, None))
    if proof := proof_in(turn.text):
        return hand_over("link", **proof)
    match hear_origin(turn):
        case Settled(iso3):
            return perform(IntroduceOneself(iso3), lambda turn, _: finish(ready(turn, iso3)))
        case still_open if still_open.unknown and (other := _something_else(turn)):
            return other
        case still_open:
            return go(turn, COUNTRY, **still_open.slots())


def _something_else(turn: Turn) -> Move | None:
    """Return the move for somebody who asks or tells at once, before saying who they are."""
    understood = turn.understood or turn.know.understand(turn.text, turn.person.lang, turn.today)
    if understood.kind in ("need", "offer"):
        return hand_over(understood.kind, text=turn.text, message=turn.message)
    found = turn.know.answers.ask(turn.text, turn.person.lang)
    if understood.kind == "question" or isinstance(found, Answer):
        return hand_over("ask", question=turn.text)
    return None


def ready(turn: Turn, country: str | None) -> Saying:
    """Return what greets somebody who has said who they are: what is on, and what they can do."""
    programme = turn.know.programme
    return say(
        "welcome/ready",
        edit=True,
        country=None if turn.person.role in FOR_THEMSELVES else country,
        states=may(turn.person.role, "state_need"),
        running=programme.now(turn.now),
        upcoming=programme.next(turn.now),
        rehearsal=turn.rehearsal,
    )


COUNTRY = Step("country", ask_country, hear_country)
WELCOME = Dialogue("welcome", greet, (COUNTRY,), public=True)
