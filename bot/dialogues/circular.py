"""Circulars: a question to the focal points or a note to a working group, put, answered and collected."""

from datetime import datetime
from functools import partial

from bot.circular_commands import (
    Answer,
    ApproveCircular,
    Asked,
    Circular,
    Circulate,
    CollectCirculars,
    Collected,
    FindAsked,
    MyCirculars,
    Reply,
    ReplyToCircular,
)
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.dialogues.announce_words import by_language
from bot.dialogues.times import At, Open, ask_time, hear_time
from bot.errors import Refused
from bot.rights import may

SIMPLE: dict[str, Answer] = {"seen": "seen", "agree": "no_objection"}
IN_WORDS: dict[str, Answer] = {"objection": "objection", "comment": "comment"}
MOST_CHOICES = 8
LONGEST_CHOICE = 60
"""Characters of a choice: what a button shows."""
SHOWN = 8

# Answering


def show_all(turn: Turn) -> Move:
    """Show what one is asked; to the secretariat what came back."""
    if may(turn.person.role, "circulate"):
        return perform(CollectCirculars(), _collected)
    if not may(turn.person.role, "reply_to_circular"):
        return finish(say("circular/none", number=""))
    return perform(MyCirculars(), _mine)


def _collected(_turn: Turn, found: tuple[Collected, ...]) -> Move:
    return finish(say("circular/all", found=found[:SHOWN], more=max(0, len(found) - SHOWN)))


def _mine(_turn: Turn, found: tuple[tuple[Circular, Reply], ...]) -> Move:
    return finish(say("circular/mine", found=found[:SHOWN]) if found else say("circular/none", number=""))


def begin(turn: Turn) -> Move:
    """Do what was asked: "C-0003 agree"; with the number alone show it."""
    number, action, nth = (*str(turn.slots.get("text") or "").split(), "", "", "")[:3]
    number = number.upper()
    if may(turn.person.role, "circulate"):
        if action == "approve":
            return perform(ApproveCircular(number), partial(_approved, number))
        return perform(CollectCirculars(), partial(_one_collected, number))
    if not may(turn.person.role, "reply_to_circular"):
        return finish(say("circular/none", number=number))
    if action in SIMPLE:
        return perform(ReplyToCircular(number, SIMPLE[action]), partial(_replied, number))
    if action in IN_WORDS:
        return Move(to=WORDS, slots={"number": number, "answer": action})
    if action == "choice" and nth.isdecimal() and len(nth) < 3:
        command = ReplyToCircular(number, "choice", choice=int(nth))
        return perform(command, partial(_replied, number))
    return perform(MyCirculars(), partial(_one_of_mine, number))


def _one_of_mine(number: str, turn: Turn, found: tuple[tuple[Circular, Reply], ...]) -> Move:
    for circular, reply in found:
        if circular.number == number:
            late = circular.deadline <= turn.now
            return finish(say("circular/asked", circular=circular, reply=reply, again=False, late=late))
    return finish(say("circular/none", number=number))


def ask_words(turn: Turn) -> Saying:
    """Ask for the words of the answer."""
    return say("circular/words", number=turn.slots["number"], answer=turn.slots["answer"])


def hear_words(turn: Turn) -> Move:
    """Keep them."""
    words = turn.text.strip()
    if not words:
        return go(turn, WORDS)
    command = ReplyToCircular(turn.slots["number"], IN_WORDS[turn.slots["answer"]], words)
    return perform(command, partial(_replied, turn.slots["number"]))


def _replied(number: str, turn: Turn, kept: tuple[Circular, Reply] | None) -> Move:
    if kept is None:
        return finish(say("circular/none", number=number))
    circular, reply = kept
    late = circular.deadline <= turn.now
    return finish(say("circular/kept", edit=True, circular=circular, reply=reply, late=late))


# What came back


def _one_collected(number: str, _turn: Turn, found: tuple[Collected, ...]) -> Move:
    for one in found:
        if one.circular.number == number:
            return finish(say("circular/collected", collected=one, over=False))
    return finish(say("circular/none", number=number))


def _approved(number: str, _turn: Turn, sent: Collected | None) -> Move:
    if sent is None:
        return finish(say("circular/not_approved", edit=True, number=number))
    return finish(say("circular/sent", edit=True, collected=sent))


# Putting it


def begin_draft(turn: Turn) -> Move:
    """Ask for the words of a note to the group that was named, or of a question to the focal points."""
    if not may(turn.person.role, "circulate"):
        return finish(say("shared/only_secretariat"))
    group = str(turn.slots.get("text") or "").strip().lower()
    known = group if group in turn.know.groups else None
    return Move(to=TEXT, slots={"group": known, "choices": [], "open": None})


def ask_text(turn: Turn) -> Saying:
    """Ask for the words."""
    return say("circular/text", group=turn.know.groups.get(turn.slots["group"] or ""))


def hear_text(turn: Turn) -> Move:
    """Take them; English is what everybody else is shown."""
    texts = by_language(turn.text)
    if "en" not in texts:
        return go(turn, TEXT)
    return go(turn, DEADLINE if turn.slots["group"] else CHOICES, texts=texts)


def ask_choices(_turn: Turn) -> Saying:
    """Ask for choices."""
    return say("circular/choices", most=MOST_CHOICES)


def hear_choices(turn: Turn) -> Move:
    """Take one choice from each line."""
    if turn.choice == "words":
        return go(turn, DEADLINE, choices=[])
    lines = list(
        dict.fromkeys(line.strip()[:LONGEST_CHOICE] for line in turn.text.splitlines() if line.strip())
    )
    return go(turn, DEADLINE, choices=lines) if 2 <= len(lines) <= MOST_CHOICES else go(turn, CHOICES)


def hear_deadline(turn: Turn) -> Move:
    """Take the moment, or ask what is open about it."""
    match hear_time(turn):
        case At(moment=moment) if moment > turn.now:
            command = FindAsked(turn.slots["group"])
            return perform(command, partial(_to_send, moment))
        case Open() as doubt:
            return go(turn, DEADLINE, open=doubt.slots())
        case _:
            return go(turn, DEADLINE, open=None)


def _to_send(moment: datetime, turn: Turn, asked: Asked) -> Move:
    return go(turn, SEND, deadline=moment.isoformat(), people=asked.people, open=None)


def ask_send(turn: Turn) -> Saying:
    """Show it once more with how many are asked."""
    slots = turn.slots
    return say(
        "circular/draft",
        group=turn.know.groups.get(slots["group"] or ""),
        texts=slots["texts"],
        choices=slots["choices"],
        deadline=datetime.fromisoformat(slots["deadline"]),
        people=slots["people"],
    )


def hear_send(turn: Turn) -> Move:
    """Send it."""
    if turn.choice not in ("send", "silence"):
        return go(turn, SEND)
    slots = turn.slots
    command = Circulate(
        slots["texts"],
        datetime.fromisoformat(slots["deadline"]),
        slots["group"],
        tuple(slots["choices"]),
        turn.choice == "silence",
    )
    return perform(
        command, lambda _turn, sent: finish(say("circular/sent", edit=True, collected=sent)), _not_sent
    )


def _not_sent(turn: Turn, _refused: Refused) -> Move:
    """Ask for another deadline where it has passed meanwhile; else there is nobody left to ask."""
    over = datetime.fromisoformat(turn.slots["deadline"]) <= turn.now
    return go(turn, DEADLINE, open=None) if over else finish(say("circular/nobody"))


WORDS = Step("words", ask_words, hear_words)
TEXT = Step("text", ask_text, hear_text)
CHOICES = Step("choices", ask_choices, hear_choices)
DEADLINE = Step("deadline", ask_time, hear_deadline)
SEND = Step("send", ask_send, hear_send, free=False)
CIRCULARS = Dialogue("circulars", show_all)
CIRCULAR = Dialogue("circular", begin, (WORDS,))
CONSULT = Dialogue("consult", begin_draft, (TEXT, CHOICES, DEADLINE, SEND))
