"""A third for a pair: offered by a partner in a line or two, answered by both of the pair, with a question before."""

from collections.abc import Callable
from functools import partial

from bot.commands import Command
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.errors import Refused
from bot.gap_commands import FindGaps, OpenGap
from bot.join_commands import (
    AnswerThird,
    AskThird,
    MyThirds,
    OfferToJoin,
    OfferWaits,
    Part,
    ReplyToPair,
    Third,
    WithdrawToJoin,
)
from bot.relaying import mask
from bot.rights import may

LONGEST = 600
"""Characters that are passed on at once."""
FEWEST = 6
"""Characters of what is offered, besides what was hidden."""
TO: dict[str, Part] = {"receives": "receives", "provides": "provides"}


def begin(turn: Turn) -> Move:
    """Offer to join "G-0003", take that back ("G-0003 cancel"), or answer "J-0003 yes", "no", "ask"."""
    if turn.slots.get("submitted"):
        return _submitted(turn)
    number, action, more = (*str(turn.slots.get("text") or "").split(), "", "", "")[:3]
    number = number.upper()
    if number.startswith("J-"):
        return _of_pair(turn, number, action)
    if not may(turn.person.role, "offer_to_join"):
        return perform(MyThirds(), _waiting)
    if not number:
        return Move(opens="gaps")
    if action == "cancel":
        return _withdraw(number) if more == "yes" else perform(MyThirds(), partial(_sure, number))
    if action == "reply" and more in TO:
        return Move(to=REPLY, slots={"gap": number, "to": more})
    return perform(MyThirds(), partial(_first, number))


# The partner


def _first(number: str, _turn: Turn, mine: tuple[Third, ...]) -> Move:
    """Ask what they could give, where they see the gap; what they offered already is shown."""
    going = [one for one in mine if one.gap == number and one.part == "partner" and one.state != "over"]
    if going:
        return finish(say("join/offered", third=going[-1]))
    return perform(FindGaps(), partial(_begun, number))


def _begun(number: str, turn: Turn, gaps: tuple[OpenGap, ...]) -> Move:
    if not any(one.number == number for one in gaps):
        return finish(say("gaps/gone"))
    return go(turn.with_slots({}), GIVES, gap=number, call=True)


def ask_gives(turn: Turn) -> Saying:
    """Ask what they could give."""
    return say("join/gives", gap=turn.slots["gap"], again=bool(turn.slots.get("again")))


def hear_gives(turn: Turn) -> Move:
    """Take it, without contacts."""
    text = mask(turn.text.strip()[:LONGEST])
    if len(text.replace("[…]", "").strip()) < FEWEST:
        return go(turn, GIVES, again=True)
    known = "conditions" in turn.slots
    return go(turn, CHECK if known else CONDITIONS, gives=text, masked=text != turn.text.strip()[:LONGEST])


def ask_conditions(turn: Turn) -> Saying:
    """Ask under which conditions."""
    return say("join/conditions", gap=turn.slots["gap"])


def hear_conditions(turn: Turn) -> Move:
    """Take them, or that there are none."""
    if turn.choice is None and not turn.text.strip():
        return go(turn, CONDITIONS)
    text = turn.text.strip()[:LONGEST] if turn.choice is None else ""
    masked = bool(turn.slots.get("masked")) or mask(text) != text
    return go(turn, CHECK, conditions=mask(text), masked=masked)


def ask_check(turn: Turn) -> Saying:
    """Show what the pair would read."""
    slots = turn.slots
    kept = {name: slots[name] for name in ("gap", "gives", "conditions", "call")}
    return say("join/check", edit=True, **kept, masked=bool(slots.get("masked")))


def hear_check(turn: Turn) -> Move:
    """Send it, or change a part of it."""
    slots = turn.slots
    match turn.choice:
        case "send":
            return _send(slots["gap"], slots["gives"], slots["conditions"], call=slots["call"])
        case "call":
            return go(turn, CHECK, call=not slots["call"])
        case "gives":
            return go(turn, GIVES)
        case "conditions":
            return go(turn, CONDITIONS)
        case _:
            return go(turn, CHECK)


def _submitted(turn: Turn) -> Move:
    slots = {name: str(turn.slots.get(name) or "").strip() for name in ("gap", "gives", "conditions", "call")}
    if not may(turn.person.role, "offer_to_join"):
        return finish(say("shared/not_allowed", registered=turn.person.confirmed))
    return _send(slots["gap"].upper(), slots["gives"], slots["conditions"], call=slots["call"] != "no")


def _send(gap: str, gives: str, conditions: str, *, call: bool) -> Move:
    command = OfferToJoin(gap, gives[:LONGEST], conditions[:LONGEST], call)
    return perform(command, lambda _turn, third: finish(say("join/sent", edit=True, third=third)), _not_sent)


def _not_sent(_turn: Turn, refused: Refused) -> Move:
    return finish(say("join/not_sent", waits=isinstance(refused, OfferWaits)))


def _sure(number: str, _turn: Turn, mine: tuple[Third, ...]) -> Move:
    going = [one for one in mine if one.gap == number and one.part == "partner" and one.state != "over"]
    return finish(say("join/sure", third=going[-1]) if going else say("gaps/gone"))


def _withdraw(gap: str) -> Move:
    return _do(WithdrawToJoin(gap), "join/withdrawn")


def _do(command: Command, template: str) -> Move:
    return perform(command, lambda _turn, third: finish(say(template, edit=True, third=third)), _gone)


def _gone(_turn: Turn, _refused: Refused) -> Move:
    return finish(say("join/gone"))


def ask_reply(turn: Turn) -> Saying:
    """Ask for the answer to their question."""
    return say("join/reply", gap=turn.slots["gap"])


def hear_reply(turn: Turn) -> Move:
    """Pass it on."""
    text = turn.text.strip()[:LONGEST]
    if not text:
        return go(turn, REPLY)
    return perform(ReplyToPair(turn.slots["gap"], TO[turn.slots["to"]], text), _passed_on(text), _gone)


def _passed_on(text: str) -> Callable[[Turn, str], Move]:
    return lambda _turn, passed: finish(say("join/passed_on", masked=passed != text))


# The pair


def _of_pair(_turn: Turn, number: str, action: str) -> Move:
    if action in ("yes", "no"):
        return perform(AnswerThird(number, action == "yes"), _answered, _gone)
    if action == "ask":
        return Move(to=QUESTION, slots={"number": number})
    return perform(MyThirds(), partial(_one, number))


def _answered(_turn: Turn, third: Third) -> Move:
    template = {"joined": "join/joined", "waiting": "join/waits"}.get(third.state, "join/declined")
    return finish(say(template, edit=True, third=third))


def _one(number: str, _turn: Turn, mine: tuple[Third, ...]) -> Move:
    third = next((one for one in mine if one.number == number and one.state != "over"), None)
    return finish(_card(third) if third is not None else say("join/gone"))


def _card(third: Third) -> Saying:
    if third.state == "joined":
        return say("join/joined", third=third)
    return say("join/offered" if third.part == "partner" else "join/asked", third=third)


def _waiting(_turn: Turn, mine: tuple[Third, ...]) -> Move:
    """Show the newest offer to join that the reader's pair has."""
    going = [one for one in mine if one.state != "over"]
    return finish(_card(going[-1]) if going else say("join/gone"))


def ask_question(turn: Turn) -> Saying:
    """Ask for the question."""
    return say("join/question", number=turn.slots["number"])


def hear_question(turn: Turn) -> Move:
    """Pass it on."""
    text = turn.text.strip()[:LONGEST]
    if not text:
        return go(turn, QUESTION)
    return perform(AskThird(turn.slots["number"], text), _passed_on(text), _gone)


GIVES = Step("gives", ask_gives, hear_gives)
CONDITIONS = Step("conditions", ask_conditions, hear_conditions)
CHECK = Step("check", ask_check, hear_check, free=False)
REPLY = Step("reply", ask_reply, hear_reply)
QUESTION = Step("question", ask_question, hear_question)
JOIN = Dialogue("join", begin, (GIVES, CONDITIONS, CHECK, REPLY, QUESTION), kept=True)
