"""The needs and offers of one's delegation, seen, changed and published together; what waits, for the secretariat."""

from collections.abc import Callable, Sequence
from functools import partial

from bot.commands import Withdraw
from bot.delegation_commands import (
    Answered,
    Changed,
    ChangeFacets,
    CheckOffer,
    Decline,
    Item,
    OurStatements,
    Publish,
    RefuseOffer,
    SetMet,
    WaitingStatements,
)
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.dialogues.edited import replacement
from bot.dialogues.statement import READERS
from bot.dialogues.themes import meant_theme
from bot.rights import may
from knowledge.contacts import Masked, mask_contacts

LISTED = 8


def begin(turn: Turn) -> Move:
    """Do what was asked: "N-0012 publish 3"; with the number alone show that one, with nothing all."""
    number, action, edition = (*str(turn.slots.get("text") or "").split(), "", "", "")[:3]
    number = number.upper()
    shown = int(edition) if edition.isdecimal() and len(edition) < 9 else 0
    match action:
        case "publish":
            return perform(Publish(number, shown), partial(_answered, number))
        case "decline":
            return perform(Decline(number, shown), partial(_answered, number))
        case "met" | "open":
            return perform(SetMet(number, action == "met"), partial(_progressed, number))
        case _:
            return perform(OurStatements(), partial(_found, number, action))


def _found(number: str, action: str, turn: Turn, items: tuple[Item, ...]) -> Move:
    if not number:
        return finish(_listed(turn, items, "/ours"))
    item = next((one for one in items if one.statement.number == number), None)
    if item is None:
        return finish(say("matches/nothing", number=number))
    step = STEPS.get(action)
    if step is None:
        return finish(_shown(item))
    sent = item.statement
    return Move(
        to=step, slots={"number": number, "edition": item.edition, "text": sent.text, "kind": sent.kind}
    )


def _listed(turn: Turn, items: tuple[Item, ...], opens: str) -> Saying:
    return say(
        "ours/list",
        items=items[:LISTED],
        more=max(0, len(items) - LISTED),
        country=turn.person.country,
        states=may(turn.person.role, "state_need"),
        delegation=opens == "/ours" and any(not item.own for item in items),
        opens=opens,
    )


def _shown(item: Item, *, before: bool = False, reviews: bool = False) -> Saying:
    return say("ours/item", item=item, before=before, reviews=reviews)


def _answered(number: str, turn: Turn, answered: Answered) -> Move:
    """Say what came of the answer; words that have changed meanwhile are shown once more."""
    reviews = may(turn.person.role, "review_statements")
    if answered.item is None:
        return finish(say("edited/gone", number=number))
    if answered.outcome == "changed":
        return finish(_shown(answered.item, before=True, reviews=reviews))
    told = say("ours/answered", edit=True, outcome=answered.outcome, item=answered.item, reviews=reviews)
    return finish(told)


def _progressed(number: str, _turn: Turn, changed: Changed) -> Move:
    if changed.item is None:
        return perform(OurStatements(), partial(_found, number, ""))  # a colleague's, or nothing of theirs
    return finish(say("ours/progressed", edit=True, item=changed.item, fresh=changed.done))


# Other words


def ask_text(turn: Turn) -> Saying:
    """Show the words and ask for others; where somebody was first, show both."""
    slots = turn.slots
    return say(
        "ours/text",
        number=slots["number"],
        text=slots["text"],
        mine=slots.get("mine") or "",
        masked=slots.get("masked") or [],
    )


def hear_text(turn: Turn) -> Move:
    """Put the new words in the place of the old ones."""
    slots = turn.slots
    if turn.choice == "leave":
        return finish(say("edited/left", edit=True, number=slots["number"]))
    words = str(slots.get("mine") or "") if turn.choice == "mine" else turn.text
    if not words.strip():
        return go(turn, TEXT)
    masked = mask_contacts(words)
    command = replacement(turn, slots["number"], masked.text, slots["edition"])
    return perform(command, _or_both(masked))


def _or_both(mine: Masked) -> Callable[[Turn, Changed], Move]:
    hidden = sorted(mine.kinds)

    def then(turn: Turn, changed: Changed) -> Move:
        if changed.done or changed.item is None:
            return _changed(turn, changed, hidden)
        item = changed.item
        return go(turn, TEXT, mine=mine.text, masked=hidden, text=item.statement.text, edition=item.edition)

    return then


def _changed(turn: Turn, changed: Changed, masked: Sequence[str] = ()) -> Move:
    if changed.item is None:
        return finish(say("edited/gone", number=turn.slots["number"]))
    return finish(say("ours/changed", edit=True, item=changed.item, masked=list(masked)))


# Another theme, other readers


def ask_theme(turn: Turn) -> Saying:
    """Offer the themes."""
    themes = [theme.id for theme in turn.know.vocabulary.themes.values()]
    return say("statement/theme", edit=True, themes=themes, all=True, alone=True)


def hear_theme(turn: Turn) -> Move:
    """Keep the theme that was chosen or named."""
    theme = meant_theme(turn)
    if theme is None:
        return go(turn, THEME, say("shared/not_understood"))
    return perform(ChangeFacets(turn.slots["number"], themes=(theme,)), _changed)


def ask_readers(turn: Turn) -> Saying:
    """Ask who may see it."""
    return say("statement/readers", edit=True, kind=turn.slots["kind"], alone=True)


def hear_readers(turn: Turn) -> Move:
    """Keep who may see it."""
    for readers in READERS:
        if turn.choice == readers:
            return perform(ChangeFacets(turn.slots["number"], readers=readers), _changed)
    return go(turn, READER_CHOICE)


# Taking it back


def ask_withdraw(turn: Turn) -> Saying:
    """Ask once more: it is the whole delegation's."""
    return say("ours/withdraw", number=turn.slots["number"], text=turn.slots["text"])


def hear_withdraw(turn: Turn) -> Move:
    """Take it back, or leave it."""
    number = turn.slots["number"]
    match turn.choice:
        case "withdraw":
            return perform(Withdraw(number), partial(_withdrawn, number))
        case "leave":
            return finish(say("edited/left", edit=True, number=number))
        case _:
            return go(turn, WITHDRAW)


def _withdrawn(number: str, _turn: Turn, done: bool) -> Move:
    return finish(say("undo/undone" if done else "matches/nothing", edit=True, number=number))


# What waits


def review(turn: Turn) -> Move:
    """Show the secretariat what others do not see yet, or one of it."""
    if not may(turn.person.role, "review_statements"):
        # What waits for a focal point stands with what their country needs and offers.
        return (
            Move(opens="ours") if may(turn.person.role, "publish") else finish(say("shared/only_secretariat"))
        )
    number, action, edition = (*str(turn.slots.get("number") or "").split(), "", "", "")[:3]
    number = number.upper()
    shown = int(edition) if edition.isdecimal() and len(edition) < 9 else 0
    if action == "check":
        return perform(CheckOffer(number, shown), partial(_answered, number))
    return perform(WaitingStatements(), partial(_reviewed, number, action, shown))


def _reviewed(number: str, action: str, shown: int, turn: Turn, items: tuple[Item, ...]) -> Move:
    if not number:
        return finish(_listed(turn, items, "/review"))
    item = next((one for one in items if one.statement.number == number), None)
    if item is None:
        return finish(say("ours/none_waits", number=number))
    if action == "refuse" and item.checkable and item.state == "at_check":
        return Move(to=REASON, slots={"number": number, "edition": shown, "text": item.statement.text})
    return finish(_shown(item, reviews=True))


def ask_reason(turn: Turn) -> Saying:
    """Ask what the author is to read."""
    return say("ours/reason", number=turn.slots["number"], text=turn.slots["text"])


def hear_reason(turn: Turn) -> Move:
    """Refuse the offer for that reason."""
    slots = turn.slots
    if not turn.text.strip():
        return go(turn, REASON)
    command = RefuseOffer(slots["number"], slots["edition"], turn.text.strip())
    return perform(command, partial(_answered, slots["number"]))


TEXT = Step("text", ask_text, hear_text)
THEME = Step("theme", ask_theme, hear_theme)
READER_CHOICE = Step("readers", ask_readers, hear_readers, free=False)
WITHDRAW = Step("withdraw", ask_withdraw, hear_withdraw, free=False)
REASON = Step("reason", ask_reason, hear_reason)
STEPS = {"text": TEXT, "theme": THEME, "seen_by": READER_CHOICE, "withdraw": WITHDRAW}
"""Maps what may be done with one of them to the step that begins it."""
OURS = Dialogue("ours", begin, (TEXT, THEME, READER_CHOICE, WITHDRAW))
REVIEW = Dialogue("review", review, (REASON,))
