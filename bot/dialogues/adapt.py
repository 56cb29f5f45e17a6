"""Adapting a good practice in one's own country: what the catalogue says it takes, who did it, and how far one is."""

from functools import partial

from bot.adaptation_commands import (
    Adaptation,
    BeginAdaptation,
    CountAdaptations,
    Counts,
    MyAdaptations,
)
from bot.adaptation_commands import TellAdaptation as Tell
from bot.adaptations import STATES
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from bot.dialogues.introduction import asks
from bot.rights import may
from knowledge.catalogue import Practice
from knowledge.seeking import countries_like, places_of, similar

SHOWN = 8
"""Adaptations and countries on one card."""


def begin(turn: Turn) -> Move:
    """Show what it takes to adapt the practice that was named; "... keep" keeps the wish."""
    words = str(turn.slots.get("text") or "").split()
    practice = turn.know.catalogue.practices.get(words[0]) if words else None
    if practice is None:
        return mine(turn)
    if words[1:] != ["keep"]:
        return finish(_what_it_takes(turn, practice))
    if not may(turn.person.role, "keep_adaptation"):
        return finish(say("shared/not_allowed", registered=turn.person.confirmed))
    return perform(BeginAdaptation(practice.id), partial(_kept, practice))


def _what_it_takes(turn: Turn, practice: Practice) -> Saying:
    """Return what the catalogue says of doing *practice* elsewhere, and nothing else."""
    country = turn.person.country
    return say(
        "adapt/needs",
        practice=practice,
        country=country,
        like=list(countries_like(practice, country, turn.know) if country else ())[:SHOWN],
        places=list(places_of(practice, turn.know))[:SHOWN],
        similar=[turn.know.catalogue.practices[one.id] for one in similar(practice, turn.know, 2)],
        keeps=may(turn.person.role, "keep_adaptation"),
        asks=asks(turn) and practice.has_contact,
    )


def _kept(practice: Practice, _turn: Turn, adaptation: Adaptation) -> Move:
    return finish(say("adapt/kept", edit=True, adaptation=adaptation, practice=practice))


def mine(turn: Turn) -> Move:
    """Show what the participant wants to adapt; the secretariat sees how many do."""
    if may(turn.person.role, "read_adaptations"):
        return perform(CountAdaptations(), _counted)
    return perform(MyAdaptations(), _listed)


def _listed(_turn: Turn, adaptations: tuple[Adaptation, ...]) -> Move:
    return finish(say("adapt/mine", adaptations=adaptations[:SHOWN]))


def _counted(_turn: Turn, counts: Counts) -> Move:
    totals = {state: sum(one[state] for one in counts.values()) for state in STATES}
    return finish(say("adapt/counts", counts=dict(counts), totals=totals))


# How far one is


def tell(turn: Turn) -> Move:
    """Keep how far one is: "A-0001 started"; with the number alone ask for it."""
    if not may(turn.person.role, "keep_adaptation"):
        return finish(say("shared/not_allowed", registered=turn.person.confirmed))
    number, state = (*str(turn.slots.get("text") or "").split(), "", "")[:2]
    if state in STATES:
        return perform(Tell(number, state), _told)
    return perform(MyAdaptations(), partial(_ask, number.upper()))


def _ask(number: str, _turn: Turn, adaptations: tuple[Adaptation, ...]) -> Move:
    found = next((one for one in adaptations if one.number == number), None)
    if found is None:
        return finish(say("adapt/mine", adaptations=adaptations[:SHOWN]))
    return finish(say("adapt/how_far", adaptation=found))


def _told(turn: Turn, adaptation: Adaptation | None) -> Move:
    if adaptation is None:
        return finish(say("adapt/mine", adaptations=()))
    return go(turn, LINE, number=adaptation.number, state=adaptation.state)


def ask_line(turn: Turn) -> Saying:
    """Ask for a line about it."""
    return say("adapt/line", edit=True, number=turn.slots["number"], state=turn.slots["state"])


def hear_line(turn: Turn) -> Move:
    """Keep the line, or none."""
    if turn.choice is None and not turn.text.strip():
        return go(turn, LINE)
    text = turn.text if turn.choice is None else ""
    return perform(Tell(turn.slots["number"], turn.slots["state"], text), _thanked)


def _thanked(_turn: Turn, adaptation: Adaptation | None) -> Move:
    if adaptation is None:
        return finish(say("adapt/mine", adaptations=()))
    return finish(say("adapt/thanks", adaptation=adaptation))


def ask_which(_turn: Turn) -> Move:
    """Ask which practice is meant, where none was named: it is looked for, and its card has the button."""
    return hand_over("practices", say("adapt/which"))


LINE = Step("line", ask_line, hear_line)
ADAPT = Dialogue("adapt", begin)
ADAPTATION = Dialogue("adaptation", tell, (LINE,))
ADAPT_WHICH = Dialogue("adaptwhich", ask_which)
