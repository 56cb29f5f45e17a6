"""What people ask the secretariat, what it answers, and what of that everybody gets."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import col, select

from bot import published
from bot.commands import AskSecretariat, Command
from bot.dialogue import say
from bot.notices import Notice
from bot.numbers import to_row
from bot.published import PublishedAnswer
from bot.question_commands import (
    AnswerQuestion,
    FaqAnswer,
    OpenQuestions,
    PublishAnswer,
    PublishedAnswers,
    Question,
    ReadAnswered,
    ReadOwnAnswer,
    ReopenQuestion,
    TranslateAnswer,
    WithdrawAnswer,
)
from bot.store import QueuedQuestion
from matching.text import normalise

if TYPE_CHECKING:
    from bot.records import Records

SENT_ON = timedelta(minutes=10)
"""How long after an answer it is sent to those who asked alike, and belongs to them together."""


def ask(records: "Records", command: AskSecretariat) -> str:
    """Queue the question and tell the secretariat's accounts."""
    row = QueuedQuestion(
        participant_id=records.actor_id,
        lang=records.lang,
        text=command.text,
        topic=command.topic,
        asked_at=records.now,
    )
    records.session.add(row)
    records.session.flush()
    _tell_officers(records, row)
    return number_of(row)


def open_questions(records: "Records", _command: OpenQuestions) -> tuple[Question, ...]:
    """Read the queue."""
    return tuple(to_question(row) for row in _waiting(records))


def read(records: "Records", command: ReadAnswered) -> Question | None:
    """Read the question, and those that got the very same answer with it: "Yes." may be that of many others."""
    row = _row(records, command.number)
    if row is None or row.answered_at is None:
        return None
    at = col(QueuedQuestion.answered_at)
    same = select(QueuedQuestion.text).where(
        col(QueuedQuestion.answer) == row.answer,
        col(QueuedQuestion.answered_by) == row.answered_by,
        at.between(row.answered_at - SENT_ON, row.answered_at + SENT_ON),
        col(QueuedQuestion.text) != row.text,
    )
    asked_too = tuple(dict.fromkeys(records.session.exec(same.order_by(col(QueuedQuestion.id)))))
    return replace(to_question(row), asked_too=asked_too)


def answer(records: "Records", command: AnswerQuestion) -> tuple[Question, ...]:
    """Keep the answer and tell the askers."""
    first = _row(records, command.number)
    if first is None or first.answered_at is not None:
        return ()
    asked = normalise(first.text) or first.text
    also = {to_row(number.upper().removeprefix("Q-")) for number in command.also}
    same = [
        row
        for row in _waiting(records)
        if row.id != first.id and (row.id in also or (normalise(row.text) or row.text) == asked)
    ]
    return tuple(_answered(records, row, command.text) for row in (first, *same))


def _answered(records: "Records", row: QueuedQuestion, text: str) -> Question:
    row.answer, row.answered_at, row.answered_by = text, records.now, records.actor.id
    records.session.add(row)
    told = say(
        "shared/question_answered", number=number_of(row), question=row.text, answer=text, at=records.now
    )
    records.notices.append(Notice(row.participant_id, told))
    return to_question(row)


def reopen(records: "Records", command: ReopenQuestion) -> Question | None:
    """Let the question wait again, with what is missing, and tell the secretariat's accounts."""
    row = _row(records, command.number)
    if row is None or row.participant_id != records.actor.id or row.answered_at is None:
        return None
    row.text = f"{row.text}\n{command.missing}".strip()
    row.answered_at = row.answered_by = None
    records.session.add(row)
    _tell_officers(records, row)
    return to_question(row)


def read_own(records: "Records", command: ReadOwnAnswer) -> Question | None:
    """Read the question where it is the actor's and was answered."""
    row = _row(records, command.number)
    mine = row is not None and row.participant_id == records.actor.id and row.answered_at is not None
    return to_question(row) if row is not None and mine else None


def publish(records: "Records", command: PublishAnswer) -> FaqAnswer:
    """Keep the answer for everybody."""
    phrasings: dict[str, list[str]] = {}
    for lang, text in ((command.lang, command.title), *command.phrasings):
        if text not in phrasings.setdefault(lang, []):
            phrasings[lang].append(text)
    row = PublishedAnswer(
        topic=command.topic,
        title=command.title,
        lang=command.lang,
        texts={command.lang: command.text},
        phrasings=phrasings,
        published_at=records.now,
        published_by=records.actor.id,
    )
    records.session.add(row)
    records.session.flush()
    return to_faq_answer(row)


def published_answers(records: "Records", _command: PublishedAnswers) -> tuple[FaqAnswer, ...]:
    """Read what is published."""
    return tuple(to_faq_answer(row) for row in reversed(published.published(records.session)))


def translate(records: "Records", command: TranslateAnswer) -> FaqAnswer | None:
    """Keep the words in that language."""
    row = _published(records, command.number)
    if row is None:
        return None
    # Another dict, so that the change of a JSON column is seen.
    row.texts = {**row.texts, command.lang: command.text}
    row.edition += 1
    records.session.add(row)
    return to_faq_answer(row)


def withdraw(records: "Records", command: WithdrawAnswer) -> bool:
    """End it."""
    row = _published(records, command.number)
    if row is not None:
        row.withdrawn_at = records.now
        records.session.add(row)
    return row is not None


def number_of(row: QueuedQuestion) -> str:
    """Return the number people see: `Q-31`."""
    return f"Q-{row.id}"


def to_question(row: QueuedQuestion) -> Question:
    """Return what *row* keeps."""
    return Question(number_of(row), row.text, row.lang, row.asked_at, row.topic, row.answer)


def to_faq_answer(row: PublishedAnswer) -> FaqAnswer:
    """Return what *row* keeps; its number is `F-7`."""
    asked = {lang: tuple(texts) for lang, texts in row.phrasings.items()}
    return FaqAnswer(f"F-{row.id}", row.title, dict(row.texts), asked)


def _waiting(records: "Records") -> list[QueuedQuestion]:
    waiting = select(QueuedQuestion).where(col(QueuedQuestion.answered_at).is_(None))
    return list(records.session.exec(waiting.order_by(col(QueuedQuestion.id))))


def _row(records: "Records", number: str) -> QueuedQuestion | None:
    row_id = to_row(number.strip().upper().removeprefix("Q-"))
    if row_id is None:
        return None
    return records.session.get(QueuedQuestion, row_id, with_for_update=True, populate_existing=True)


def _published(records: "Records", number: str) -> PublishedAnswer | None:
    row_id = to_row(number.strip().upper().removeprefix("F-"))
    if row_id is None:
        return None
    row = records.session.get(PublishedAnswer, row_id, with_for_update=True, populate_existing=True)
    return row if row is not None and row.withdrawn_at is None else None


def _tell_officers(records: "Records", row: QueuedQuestion) -> None:
    waits = say(
        "shared/question_waits", number=number_of(row), question=row.text, lang=row.lang, before=row.answer
    )
    records.tell_colleagues(waits)


PERFORMERS: Mapping[type[Command], Callable[[Any, Any], Any]] = {
    AskSecretariat: ask,
    OpenQuestions: open_questions,
    ReadAnswered: read,
    AnswerQuestion: answer,
    ReopenQuestion: reopen,
    ReadOwnAnswer: read_own,
    PublishAnswer: publish,
    PublishedAnswers: published_answers,
    TranslateAnswer: translate,
    WithdrawAnswer: withdraw,
}
"""What carries each of these commands out."""
