"""The secretariat's queue of questions, answering them, and publishing an answer for everybody who asks."""

from functools import partial

from bot.commands import Command
from bot.dialogue import Dialogue, Move, Saying, Slots, Step, Turn, finish, go, hand_over, perform, say
from bot.dialogues.language import language_names
from bot.participants import written_in
from bot.question_commands import (
    AnswerQuestion,
    FaqAnswer,
    OpenQuestions,
    PublishAnswer,
    PublishedAnswers,
    Question,
    ReadAnswered,
    TranslateAnswer,
    WithdrawAnswer,
)
from bot.rights import may
from knowledge.contacts import mask_contacts
from knowledge.vocabulary import LANGUAGES
from matching.duplicates import alike

SHOWN = 8
ALIKE = 4
"""Questions that sound like the one that was answered, offered for the same answer."""
ASKED_TOO = 10
"""Other ways to ask that are published with an answer."""
TITLE = 200
"""Characters of a published question."""


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


# Answering


def begin_answer(turn: Turn) -> Move:
    """Show the question that is to be answered and ask for the answer."""
    number, _, words = _given(turn).partition(" ")
    if not may(turn.person.role, "answer_question"):
        return finish(say("shared/only_secretariat"))
    if not number:
        return hand_over("questions")
    return perform(
        OpenQuestions(), lambda turn, waiting: _found(turn, number.upper(), words.strip(), waiting)
    )


def _given(turn: Turn) -> str:
    return str(turn.slots.get("number", "")).strip()


def _number(turn: Turn) -> str:
    return _given(turn).upper()


def _found(turn: Turn, number: str, words: str, waiting: tuple[Question, ...]) -> Move:
    """Ask for the answer, or send the one that came along."""
    for question in waiting:
        if number.removeprefix("Q-") != question.number.removeprefix("Q-"):
            continue
        slots: Slots = {"number": question.number, "question": question.text, "lang": question.lang}
        if not words:
            return Move(to=ANSWER, slots={**slots, "before": question.answer})
        return perform(
            AnswerQuestion(question.number, words), partial(_told_with, {**slots, "answer": words})
        )
    return finish(say("questions/not_open", number=number))


def ask_answer(turn: Turn) -> Saying:
    """Ask for the answer."""
    slots = turn.slots
    return say(
        "questions/answer",
        number=slots["number"],
        question=slots["question"],
        language=slots["lang"],
        before=slots.get("before"),
    )


def hear_answer(turn: Turn) -> Move:
    """Send it to whoever asked; those who asked in other words may get the same."""
    if not turn.text:
        return go(turn, ANSWER)
    return perform(AnswerQuestion(turn.slots["number"], turn.text), _told)


def _told_with(slots: Slots, turn: Turn, answered: tuple[Question, ...]) -> Move:
    return _told(turn.with_slots(slots), answered)


def _told(turn: Turn, answered: tuple[Question, ...]) -> Move:
    if not answered:
        return finish(say("questions/not_open", number=turn.slots["number"]))
    slots = {
        "number": turn.slots["number"],
        # What is alike the last one may be alike the others too.
        "question": answered[-1].text,
        "answer": turn.slots.get("answer") or turn.text,
        "count": turn.slots.get("count", 0) + len(answered),
    }
    return perform(OpenQuestions(), lambda turn, waiting: _or_alike(turn.with_slots(slots), waiting))


def _or_alike(turn: Turn, waiting: tuple[Question, ...]) -> Move:
    encode = turn.know.encoder.encode if turn.know.encoder else None
    places = alike(turn.slots["question"], [question.text for question in waiting], encode)
    like = [[waiting[place].number, waiting[place].text] for place in places[:ALIKE]]
    if not like:
        return finish(say("questions/answered", number=turn.slots["number"], people=turn.slots["count"]))
    return go(turn, SAME, alike=like)


def ask_same(turn: Turn) -> Saying:
    """Ask whether other questions have the same answer."""
    slots = turn.slots
    return say("questions/alike", number=slots["number"], people=slots["count"], alike=slots["alike"])


def hear_same(turn: Turn) -> Move:
    """Send the answer to those too."""
    numbers = [number for number, _ in turn.slots["alike"]]
    match turn.choice:
        case "all":
            chosen = numbers
        case "none":
            return finish(
                say("questions/answered", edit=True, number=turn.slots["number"], people=turn.slots["count"])
            )
        case str() as one if one in numbers:
            chosen = [one]
        case _:
            return go(turn, SAME)
    return perform(AnswerQuestion(chosen[0], turn.slots["answer"], tuple(chosen[1:])), _told)


# Publishing


def begin_publishing(turn: Turn) -> Move:
    """Show what everybody would get who asks, before it is published."""
    if not may(turn.person.role, "publish_answer"):
        return finish(say("shared/only_secretariat"))
    return perform(ReadAnswered(_number(turn)), _to_publish)


def _to_publish(turn: Turn, question: Question | None) -> Move:
    if question is None or not question.answer:
        return finish(say("questions/no_answer", number=_number(turn)))
    title = mask_contacts(question.text).text[:TITLE]
    # The topic of the pack that waited for this very answer keeps its name.
    entry = turn.know.entries.get(question.topic or "")
    topic = question.topic if entry is not None and entry.body is None else None
    too = [mask_contacts(text).text[:TITLE] for text in question.asked_too[:ASKED_TOO]]
    return go(turn, CHECK, number=question.number, title=title, text=question.answer, topic=topic, too=too)


def ask_check(turn: Turn) -> Saying:
    """Show it and ask whether it is right."""
    slots = turn.slots
    return say("questions/check", title=slots["title"], text=slots["text"], too=slots["too"])


def hear_check(turn: Turn) -> Move:
    """Publish it, or have its words changed."""
    slots = turn.slots
    match turn.choice:
        case "publish":
            asked = tuple((_language(turn, text), text) for text in (slots["title"], *slots["too"]))
            lang = _language(turn, slots["text"])
            return perform(
                PublishAnswer(slots["title"], slots["text"], lang, asked, slots["topic"]), _published
            )
        case "question" | "answer" as part:
            return go(turn, WORDS, part=part)
        case _:
            return go(turn, CHECK)


def _language(turn: Turn, text: str) -> str:
    return written_in(text) or turn.person.lang


def ask_words(turn: Turn) -> Saying:
    """Ask for other words."""
    part = turn.slots["part"]
    return say("questions/words", part=part, now=turn.slots["title" if part == "question" else "text"])


def hear_words(turn: Turn) -> Move:
    """Take them."""
    if not turn.text.strip():
        return go(turn, WORDS)
    if turn.slots["part"] == "question":
        too = [*turn.slots["too"], turn.slots["title"]]
        return go(turn, CHECK, title=mask_contacts(turn.text).text[:TITLE], too=too)
    return go(turn, CHECK, text=turn.text)


def _published(_turn: Turn, answer: FaqAnswer | None) -> Move:
    if answer is None:
        return finish(say("questions/not_published"))
    missing = [lang for lang in LANGUAGES if lang not in answer.texts]
    return finish(say("questions/published", edit=True, answer=answer, missing=missing))


def show_published(turn: Turn) -> Move:
    """Show what was published so, the newest first; withdraw the one that is named."""
    if not may(turn.person.role, "publish_answer"):
        return finish(say("shared/only_secretariat"))
    number, _, what = str(turn.slots.get("text", "")).strip().partition(" ")
    if what == "withdraw":
        return _and_show(WithdrawAnswer(number))
    return _and_show(None)


def _and_show(first: Command | None) -> Move:
    read = perform(
        PublishedAnswers(),
        lambda _turn, answers: finish(
            say("questions/all_published", answers=answers[:SHOWN], edit=first is not None)
        ),
    )
    return read if first is None else perform(first, lambda _turn, _done: read)


def begin_translation(turn: Turn) -> Move:
    """Ask for a published answer in the language that is named."""
    if not may(turn.person.role, "publish_answer"):
        return finish(say("shared/only_secretariat"))
    number, _, named = str(turn.slots.get("text", "")).strip().partition(" ")
    hits = language_names().closest(named, limit=1)
    if not hits:
        return hand_over("published")
    return perform(PublishedAnswers(), lambda turn, answers: _translating(turn, number, hits[0].key, answers))


def _translating(turn: Turn, number: str, lang: str, answers: tuple[FaqAnswer, ...]) -> Move:
    for answer in answers:
        if answer.number == number.upper():
            text = answer.texts.get(lang) or next(iter(answer.texts.values()))
            return go(turn, TRANSLATION, number=answer.number, lang=lang, title=answer.title, now=text)
    return finish(say("questions/not_published"))


def ask_translation(turn: Turn) -> Saying:
    """Ask for the words."""
    slots = turn.slots
    return say("questions/translation", title=slots["title"], now=slots["now"], into=slots["lang"])


def hear_translation(turn: Turn) -> Move:
    """Publish them."""
    if not turn.text.strip():
        return go(turn, TRANSLATION)
    return perform(TranslateAnswer(turn.slots["number"], turn.slots["lang"], turn.text), _published)


ANSWER = Step("answer", ask_answer, hear_answer)
SAME = Step("same", ask_same, hear_same, free=False)
CHECK = Step("check", ask_check, hear_check, free=False)
WORDS = Step("words", ask_words, hear_words)
TRANSLATION = Step("translation", ask_translation, hear_translation)
QUESTIONS = Dialogue("questions", show)
ANSWER_QUESTION = Dialogue("answer", begin_answer, (ANSWER, SAME))
PUBLISH = Dialogue("publish", begin_publishing, (CHECK, WORDS))
PUBLISHED = Dialogue("published", show_published)
TRANSLATE = Dialogue("translate", begin_translation, (TRANSLATION,))
