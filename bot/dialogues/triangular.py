"""Triangular cooperation, counted for the secretariat."""

from bot.dialogue import Dialogue, Move, Turn, finish, perform, say
from bot.join_commands import CountTriangles, Triangle
from bot.rights import may

LISTED = 12


def show(turn: Turn) -> Move:
    """Show what pairs lack and what was offered."""
    if not may(turn.person.role, "read_triangles"):
        return finish(say("shared/only_secretariat"))
    return perform(CountTriangles(), _counted)


def _counted(_turn: Turn, found: tuple[Triangle, ...]) -> Move:
    joined = sum(one.joined for one in found)
    return finish(say("gaps/counted", triangles=found[-LISTED:], count=len(found), joined=joined))


TRIANGULAR = Dialogue("triangular", show)
