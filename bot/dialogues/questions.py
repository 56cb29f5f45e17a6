"""The secretariat's queue of questions, and answering them."""

from typing import Any

from bot.commands import AnswerQuestion, OpenQuestions, Question
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from bot.rights import may

SHOWN = 8


def show(turn: Turn) -> Move:
    """Show the questions that wait, the oldest first."""
    if not may(turn.person.role, "read_questions"):
        return finish(say("shared/only_secretariat"))
    return perform(
        OpenQuestions(),
        lambda _turn, waiting: finish(
            say("questions/open", questions=waiting[:SHOWN], more=max(0, len(waiting) - SHOWN))
        ),
    )


def begin_answer(turn: Turn) -> Move:
    """Show the question that is to be answered and ask for the answer."""
    if not may(turn.person.role, "answer_question"):
        return finish(say("shared/only_secretariat"))
    number = str(turn.slots.get("number", "")).strip().upper()
    if not number:
        return hand_over("questions")
    return perform(OpenQuestions(), lambda turn, waiting: _found(turn, number, waiting))


def _found(turn: Turn, number: str, waiting: tuple[Question, ...]) -> Move:
    for question in waiting:
        if number.removeprefix("Q-") == question.number.removeprefix("Q-"):
            return go(turn, ANSWER, number=question.number, question=question.text, lang=question.lang)
    return finish(say("questions/not_open", number=number))


def ask_answer(turn: Turn) -> Saying:
    """Ask for the answer."""
    slots = turn.slots
    return say("questions/answer", number=slots["number"], question=slots["question"], language=slots["lang"])


def hear_answer(turn: Turn) -> Move:
    """Send it to whoever asked."""
    number = turn.slots["number"]
    if not turn.text:
        return go(turn, ANSWER)
    return perform(AnswerQuestion(number, turn.text), _told(number))


def _told(number: str) -> Any:
    def then(_turn: Turn, question: Question | None) -> Move:
        if question is None:
            return finish(say("questions/not_open", number=number))
        return finish(say("questions/answered", number=question.number, question=question.text))

    return then


ANSWER = Step("answer", ask_answer, hear_answer)
QUESTIONS = Dialogue("questions", show)
ANSWER_QUESTION = Dialogue("answer", begin_answer, (ANSWER,))
