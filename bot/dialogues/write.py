"""Writing to somebody one is introduced to, and telling the secretariat when something is wrong."""

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.errors import Refused
from bot.relay_commands import NoAnswerYet, Relayed, ReportIntroduced, WantsQuiet, WriteIntroduced

LONGEST = 1500
"""Characters that are passed on at once."""


def begin(turn: Turn) -> Move:
    """Pass on "I-0003 text", or ask for the words."""
    number, _, words = str(turn.slots.get("text") or "").strip().partition(" ")
    number = number.upper()
    if turn.slots.get("media"):
        return finish(say("write/text_only", number=number))
    if not number:
        return perform_list()
    return _pass_on(number, words) if words.strip() else Move(to=WORDS, slots={"number": number})


def perform_list() -> Move:
    """Let them choose whom they mean."""
    return Move(opens="introduction")


def ask_words(turn: Turn) -> Saying:
    """Ask for the words."""
    return say("write/ask", number=turn.slots["number"])


def hear_words(turn: Turn) -> Move:
    """Pass them on."""
    return _pass_on(turn.slots["number"], turn.text) if turn.text.strip() else go(turn, WORDS)


def _pass_on(number: str, words: str) -> Move:
    cut = words.strip()[:LONGEST]

    def then(_turn: Turn, relayed: Relayed) -> Move:
        whole = len(words.strip()) <= LONGEST
        return finish(say("write/passed_on", relayed=relayed, whole=whole))

    return perform(WriteIntroduced(number, cut), then, lambda _turn, refused: _refused(number, refused))


def _refused(number: str, refused: Refused) -> Move:
    match refused:
        case NoAnswerYet():
            why = "no_answer"
        case WantsQuiet():
            why = "quiet"
        case _:
            why = "over"
    return finish(say("write/refused", number=number, why=why))


def report(turn: Turn) -> Move:
    """Report "I-0003 what happened", or ask what did."""
    number, _, words = str(turn.slots.get("text") or "").strip().partition(" ")
    if not number:
        return perform_list()
    slots = {"number": number.upper(), "words": words.strip()}
    return Move(to=CONFIRM if words.strip() else WHAT, slots=slots)


def ask_what(turn: Turn) -> Saying:
    """Ask what is wrong."""
    return say("write/what", number=turn.slots["number"])


def hear_what(turn: Turn) -> Move:
    """Show what would be passed on."""
    return go(turn, CONFIRM, words=turn.text[:LONGEST]) if turn.text.strip() else go(turn, WHAT)


def ask_confirm(turn: Turn) -> Saying:
    """Show what the secretariat would read, and ask whether it may."""
    return say("write/confirm", number=turn.slots["number"], words=turn.slots["words"])


def hear_confirm(turn: Turn) -> Move:
    """Send the report once they agree."""
    number = turn.slots["number"]
    if turn.choice != "send":
        return go(turn, CONFIRM)
    return perform(
        ReportIntroduced(number, turn.slots["words"]),
        lambda _turn, question: finish(say("write/reported", edit=True, number=number, question=question)),
        lambda _turn, _refused: finish(say("introduction/gone", number=number)),
    )


WORDS = Step("words", ask_words, hear_words)
WHAT = Step("what", ask_what, hear_what)
CONFIRM = Step("confirm", ask_confirm, hear_confirm, free=False)
WRITE = Dialogue("write", begin, (WORDS,))
REPORT = Dialogue("report", report, (WHAT, CONFIRM))
