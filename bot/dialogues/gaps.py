"""What pairs lack, as financing partners see it."""

from functools import partial

from bot.dialogue import Dialogue, Move, Turn, finish, perform, say
from bot.errors import Refused
from bot.gap_commands import FindGaps, OpenGap, PassGap
from bot.join_commands import MyThirds, Third
from bot.rights import may

LISTED = 8


def show(turn: Turn) -> Move:
    """Show what there is, one of it ("G-0003"), or say that one is not their field ("G-0003 pass")."""
    number, action = (*str(turn.slots.get("text") or "").split(), "", "")[:2]
    number = number.upper()
    if not may(turn.person.role, "read_gaps"):
        return finish(say("shared/not_allowed", registered=turn.person.confirmed))
    if turn.person.unmatched:
        return finish(say("matches/objected"))
    if number and action == "pass":
        return perform(PassGap(number), lambda _turn, _: finish(say("gaps/passed", edit=True)), _gone)
    then = partial(_one, number) if number else _listed
    return perform(MyThirds(), lambda _turn, mine: perform(FindGaps(), partial(then, mine)))


def _gone(_turn: Turn, _refused: Refused) -> Move:
    return finish(say("gaps/gone"))


def _one(number: str, mine: tuple[Third, ...], _turn: Turn, gaps: tuple[OpenGap, ...]) -> Move:
    gap = next((one for one in gaps if one.number == number), None)
    if gap is None:
        return finish(say("gaps/gone"))
    offered = any(one.gap == number and one.state != "over" for one in mine)
    return finish(say("gaps/one", gap=gap, offered=offered))


def _listed(mine: tuple[Third, ...], _turn: Turn, gaps: tuple[OpenGap, ...]) -> Move:
    stand = {state: [one.gap for one in mine if one.state == state] for state in ("waiting", "joined")}
    more = len(gaps[LISTED:])
    return finish(
        say("gaps/list", gaps=gaps[:LISTED], more=more, offered=stand["waiting"], joined=stand["joined"])
    )


GAPS = Dialogue("gaps", show)
