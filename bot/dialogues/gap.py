"""What a pair lacks: stated in a tap or a line, and shown to financing partners as far as both of the pair like."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.errors import Refused
from bot.gap_commands import SHOWS, Lack, LackKind, PairGap, ReadGap, ShowGap
from bot.gaps import cleaned
from knowledge.lacking import mask_money

OFFERED: tuple[LackKind, ...] = (
    *("travel", "equipment_inkind", "financing"),
    *("expert_deployment", "training", "scholarship"),
)
"""What can be said to be lacking in one tap."""
BETWEEN = re.compile(r"(?:,(?!\d)|[;，；、\n])+")
LONGEST = 400
"""Characters of a line that says what is lacking."""


def begin(turn: Turn) -> Move:
    """Show "I-0003" and its question, take an answer ("I-0003 gap") or a correction ("I-0003 fix")."""
    number, action = (*str(turn.slots.get("text") or "").split(), "", "")[:2]
    number = number.upper()
    if not number:
        return Move(opens="introduction")
    if action in SHOWS:
        return _answer(number, action)
    return perform(ReadGap(number), partial(_found, action), _gone(number))


def _answer(number: str, shows: Any, lacks: tuple[Lack, ...] | None = None) -> Move:
    return perform(ShowGap(number, shows, lacks), _told, _gone(number))


def _gone(number: str) -> Callable[[Turn, Refused], Move]:
    return lambda _turn, _refused: finish(say("gap/gone", number=number))


def _told(_turn: Turn, gap: PairGap) -> Move:
    return finish(say("gap/state", edit=True, gap=gap, fresh=False))


def _found(action: str, turn: Turn, gap: PairGap) -> Move:
    if action == "fix" or not gap.lacks:
        lacks = [asdict(lack) for lack in gap.lacks]
        pair = {"number": gap.number, "own": gap.own, "theirs": gap.theirs, "names": list(gap.names)}
        return Move(to=FIX, slots={**pair, "lacks": lacks})
    if gap.shows is None:
        return finish(say("gap/asked", gap=gap, steps=False))
    return finish(say("gap/state", gap=gap, fresh=False))


# What is lacking


def lacks_in(slots: Mapping[str, Any]) -> tuple[Lack, ...]:
    """Return what the slots hold."""
    return tuple(Lack(**lack) for lack in slots.get("lacks") or ())


def ask_fix(turn: Turn) -> Saying:
    """Ask what is lacking: to be ticked, or in one line."""
    lacks = lacks_in(turn.slots)
    others = [kind for kind in OFFERED if kind not in {lack.kind for lack in lacks}]
    return say("gap/fix", edit=True, **_pair(turn), lacks=lacks, others=others)


def _pair(turn: Turn) -> dict[str, Any]:
    return {"own": turn.slots["own"], "theirs": turn.slots["theirs"]}


def hear_fix(turn: Turn) -> Move:
    """Tick one more or one less, or take the line that was written."""
    lacks = list(lacks_in(turn.slots))
    if turn.choice is None:
        parts = (part.strip(" .。") for part in BETWEEN.split(mask_money(turn.text[:LONGEST])))
        stated = cleaned(Lack("stated", part) for part in parts)
        return _with(turn, LEVEL if stated else FIX, stated or lacks)
    if turn.choice == "done":
        return _with(turn, LEVEL if lacks else FIX, lacks)
    if turn.choice in OFFERED:
        return _with(turn, FIX, [*lacks, Lack(turn.choice)])
    place = turn.choice.removeprefix("drop")
    kept = [lack for number, lack in enumerate(lacks) if str(number) != place]
    return _with(turn, FIX, kept)


def _with(turn: Turn, step: Step, lacks: Any) -> Move:
    return go(turn, step, lacks=[asdict(lack) for lack in lacks])


def ask_level(turn: Turn) -> Saying:
    """Ask how far partners may see it."""
    slots = turn.slots
    gap = PairGap(slots["number"], **_pair(turn), lacks=lacks_in(slots), names=tuple(slots["names"]))
    return say("gap/asked", edit=True, gap=gap, steps=True)


def hear_level(turn: Turn) -> Move:
    """Take the answer with what was stated, or have that corrected once more."""
    if turn.choice in SHOWS:
        return _answer(turn.slots["number"], turn.choice, lacks_in(turn.slots))
    return go(turn, FIX if turn.choice == "fix" else LEVEL)


FIX = Step("fix", ask_fix, hear_fix)
LEVEL = Step("level", ask_level, hear_level, free=False)
GAP = Dialogue("gap", begin, (FIX, LEVEL))
