"""What somebody says to the answer that the secretariat gave to their question."""

from functools import partial

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from bot.question_commands import Question, ReadOwnAnswer, ReopenQuestion
from bot.rights import may


def hear_reaction(turn: Turn) -> Move:
    """Take thanks, or ask what is missing."""
    number, _, reaction = str(turn.slots.get("text", "")).strip().partition(" ")
    if not number:
        return hand_over("ask")
    if reaction == "thanks":
        return finish(say("shared/welcome"))
    if reaction:
        return go(turn, MISSING, number=number)
    if may(turn.person.role, "answer_question"):
        return hand_over("answer", number=number)
    return perform(ReadOwnAnswer(number), partial(_shown, number))


def _shown(number: str, _turn: Turn, question: Question | None) -> Move:
    """Show the answer once more."""
    if question is None:
        return finish(say("answered/waits_already", number=number))
    answer = question.answer
    return finish(
        say("shared/question_answered", number=number, question=question.text, answer=answer, at=None)
    )


def ask_missing(turn: Turn) -> Saying:
    """Ask what the answer does not say."""
    return say("answered/missing", number=turn.slots["number"])


def hear_missing(turn: Turn) -> Move:
    """Ask the secretariat again, with it."""
    if turn.choice == "skip":
        return perform(ReopenQuestion(turn.slots["number"]), _again)
    if not turn.text.strip():
        return go(turn, MISSING)
    return perform(ReopenQuestion(turn.slots["number"], turn.text), _again)


def _again(turn: Turn, question: Question | None) -> Move:
    if question is None:
        return finish(say("answered/waits_already", number=turn.slots["number"]))
    return finish(say("answered/again", number=question.number))


MISSING = Step("missing", ask_missing, hear_missing)
ANSWERED = Dialogue("question", hear_reaction, (MISSING,))
