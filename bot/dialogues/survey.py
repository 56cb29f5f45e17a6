"""The survey on modalities: answered question by question, left and taken up at any time, one for each delegation."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.errors import Refused
from bot.rights import may
from bot.survey_commands import AnswerSurvey, MyResponse, Response, Results, SubmitSurvey, SurveyResults
from knowledge.survey import Question, Value, asked

SHOWN = 160
"""Characters of an answer in words that are shown back."""
FIELD = "question:"
"""What the name of a field begins with, in the form that asks several questions on one page."""


def begin(turn: Turn) -> Move:
    """Go on where the delegation has got to; the secretariat sees what was counted."""
    if not turn.know.survey:
        return finish(say("survey/none"))
    if may(turn.person.role, "read_survey"):
        return perform(SurveyResults(), _results)
    if not may(turn.person.role, "answer_survey"):
        return finish(say("survey/not_yours", registered=turn.person.confirmed))
    return _keep_all(entered(turn.know.survey, turn.slots), turn)


def entered(questions: Sequence[Question], values: Mapping[str, Any]) -> list[tuple[Question, Value | None]]:
    """Return which of *questions* a form asked, and what stood under each; None where nothing did."""
    given = ((question, str(values.get(FIELD + question.id, "")).strip()) for question in questions)
    return [
        (question, (words.split() if question.kind == "several" else words) or None)
        for question, words in given
        if FIELD + question.id in values
    ]


def _keep_all(
    given: list[tuple[Question, Value | None]], turn: Turn, _response: Response | None = None
) -> Move:
    """Keep one answer of a form after the other, then go on with what is still open."""
    if not given:
        return perform(MyResponse(), _open, _refused)
    (question, value), *rest = given
    return perform(AnswerSurvey(question.id, value), partial(_keep_all, rest), _refused_or_late)


def _refused_or_late(turn: Turn, why: Refused) -> Move:
    return (_too_late if turn.person.confirmed else _refused)(turn, why)


def _refused(turn: Turn, _why: Refused) -> Move:
    return finish(say("survey/not_yours", registered=turn.person.confirmed))


def _results(turn: Turn, results: Results) -> Move:
    counted = {one.question: one for one in results.questions}
    shown = [(question, counted[question.id]) for question in turn.know.survey if question.id in counted]
    return finish(say("survey/results", results=results, questions=shown, sample=_is_sample(turn)))


def _open(turn: Turn, response: Response) -> Move:
    questions = asked(turn.know.survey, response.answers)
    first = next((one for one in questions if one.id not in response.answers), None)
    begun = bool(response.answers)
    return _at(turn, response, first if not response.submitted else None, resumed=begun)


def _at(turn: Turn, response: Response, question: Question | None, *, resumed: bool = False) -> Move:
    """Wait for the answer to *question*, or, where it is None, show all of them."""
    kept: dict[str, Any] = {
        "answers": dict(response.answers),
        "submitted": response.submitted,
        "may_submit": response.may_submit,
        "resumed": resumed,
    }
    if question is None:
        return go(turn, SUMMARY, **kept)
    step = WRITE if question.kind == "text" else CHOOSE
    return go(turn, step, at=question.id, **kept)


def ask(turn: Turn) -> Saying:
    """Ask the question that one is at, with the delegation's answer so far."""
    questions = _asked(turn)
    question = _current(turn)
    given = turn.slots["answers"].get(question.id)
    return say(
        "survey/question",
        edit=question.kind != "text",
        question=question,
        place=questions.index(question) + 1 if question in questions else 1,
        count=len(questions),
        given=given,
        resumed=bool(turn.slots.get("resumed")),
    )


def hear(turn: Turn) -> Move:
    """Keep the answer and go on; or back, or past the question."""
    question = _current(turn)
    given = turn.slots["answers"].get(question.id)
    match turn.choice:
        case "before":
            return _beside(turn, -1)
        case "skip" | "done":
            return _beside(turn, +1)
        case "later":
            return finish(say("survey/later", edit=True))
        case None if question.kind == "text" and turn.text.strip():
            return _keep(turn, question, turn.text)
        case str(value) if value in question.values and question.kind == "several":
            chosen = given if isinstance(given, list) else []
            several: list[str] = [one for one in question.values if (one in chosen) != (one == value)]
            return _keep(turn, question, several or None, stay=True)
        case str(value) if value in question.values:
            return _keep(turn, question, value)
        case _:
            return go(turn, WRITE if question.kind == "text" else CHOOSE)


def _keep(turn: Turn, question: Question, value: Value | None, *, stay: bool = False) -> Move:
    return perform(AnswerSurvey(question.id, value), partial(_kept, question, stay), _too_late)


def _kept(question: Question, stay: bool, turn: Turn, response: Response) -> Move:
    turn = turn.with_slots({**turn.slots, "answers": dict(response.answers)})
    if stay:
        return _at(turn, response, question)
    return _beside(turn, +1, response)


def _too_late(_turn: Turn, _why: Refused) -> Move:
    return finish(say("survey/too_late"))


def _beside(turn: Turn, way: int, response: Response | None = None) -> Move:
    """Go to the question after or before the one that one is at; after the last one all are shown."""
    response = response or _response(turn)
    questions = _asked(turn)
    ids = [one.id for one in questions]
    here = ids.index(turn.slots["at"]) if turn.slots["at"] in ids else 0
    there = max(here + way, 0)
    return _at(turn, response, questions[there] if there < len(questions) else None)


def ask_summary(turn: Turn) -> Saying:
    """Show all answers and what can be done with them."""
    answers = turn.slots["answers"]
    rows = [(question, answers.get(question.id)) for question in _asked(turn)]
    return say(
        "survey/summary",
        edit=True,
        rows=rows,
        open=sum(1 for _, given in rows if given is None),
        country=turn.person.country,
        submitted=turn.slots["submitted"],
        may_submit=turn.slots["may_submit"],
        sample=_is_sample(turn),
        shown=SHOWN,
    )


def hear_summary(turn: Turn) -> Move:
    """Submit, or change one of the answers."""
    if turn.choice == "later":
        return finish(say("survey/later", edit=True))
    if turn.choice == "submit" and turn.slots["may_submit"]:
        return perform(SubmitSurvey(), _submitted, _refused_empty)
    question = next((one for one in _asked(turn) if one.id == turn.choice), None)
    return go(turn, SUMMARY) if question is None else _at(turn, _response(turn), question)


def _refused_empty(turn: Turn, _why: Refused) -> Move:
    return go(turn, SUMMARY)


def _submitted(turn: Turn, response: Response) -> Move:
    questions = asked(turn.know.survey, response.answers)
    needs = [response.answers[one.id] for one in questions if one.need and one.id in response.answers]
    return finish(say("survey/submitted", edit=True, needs=needs, country=response.country))


def _response(turn: Turn) -> Response:
    slots = turn.slots
    return Response(turn.person.country or "", slots["answers"], slots["submitted"], slots["may_submit"])


def _asked(turn: Turn) -> list[Question]:
    return asked(turn.know.survey, turn.slots["answers"])


def _current(turn: Turn) -> Question:
    """Return the question that one is at; the first one where a new pack has it no more."""
    questions = turn.know.survey
    return next((one for one in questions if one.id == turn.slots.get("at")), questions[0])


def _is_sample(turn: Turn) -> bool:
    return any(question.sample for question in turn.know.survey)


CHOOSE = Step("choose", ask, hear, free=False)
WRITE = Step("write", ask, hear)
SUMMARY = Step("summary", ask_summary, hear_summary, free=False)
SURVEY = Dialogue("survey", begin, (CHOOSE, WRITE, SUMMARY))
