"""A question: answered from what was published, narrowed down, or passed on to the secretariat."""

from bot.commands import AskSecretariat
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from knowledge.answers import AGENDA, NOW, WHERE, Answer, Choices, Unknown
from knowledge.forum import Entry
from knowledge.sessions import session_asked
from knowledge.working_groups import meeting_asked
from matching.names import CERTAIN

TOPICS = (NOW, WHERE, AGENDA)
"""What the programme and the rooms answer, each in a dialogue of its own."""


def open_question(turn: Turn) -> Move:
    """Answer the question that came along, or ask for one."""
    question = str(turn.slots.get("question", "")).strip()
    return answer(turn, question) if question else go(turn, QUESTION)


def ask_question(_turn: Turn) -> Saying:
    """Ask for the question."""
    return say("ask/question")


def hear_question(turn: Turn) -> Move:
    """Answer it."""
    return answer(turn, turn.text) if turn.text else go(turn, QUESTION)


def answer(turn: Turn, question: str) -> Move:
    """Return what is published, up to three entries that may be meant, or the promise of an answer."""
    if turn.know.groups and meeting_asked(question):
        return hand_over("meetings_of_groups")
    found = turn.found if question == turn.text else None
    found = found or turn.know.answers.ask(question, turn.person.lang)
    if session_asked(question, turn.know.programme) and not _is_certain(found):
        return hand_over("where", text=question, named=None)
    match found:
        case Answer(key=key) as found if key in TOPICS:
            return hand_over(key, room=found.room, named=found.named)
        case Answer(entry=Entry() as entry):
            return show(entry, question)
        case Choices(entries=entries):
            return finish(say("ask/choices", entries=entries, question=question))
        case _:
            return pass_on(question, again=bool(turn.slots.get("unknown_before")))


def _is_certain(found: Answer | Choices | Unknown) -> bool:
    """Tell whether the words are those of an entry that says something, or name a room."""
    match found:
        case Answer(entry=Entry(body=body), score=score):
            return body is not None and score >= CERTAIN
        case Answer(room=room, named=named):
            return room is not None or named is not None
        case _:
            return False


def show(entry: Entry, question: str) -> Move:
    """Return the entry's answer; where nothing is published yet, the question goes to the secretariat."""
    if entry.body is None:
        queue = AskSecretariat(question, topic=entry.key)
        return perform(
            queue, lambda _turn, number: finish(say("ask/not_published", entry=entry, number=number))
        )
    return finish(say("ask/answer", entry=entry))


def pass_on(question: str, *, again: bool) -> Move:
    """Queue the question and say so; the second time in a row (*again*) a person is offered first."""
    return perform(
        AskSecretariat(question),
        lambda _turn, number: finish(say("ask/unknown", number=number, again=again)),
    )


def show_entry(turn: Turn) -> Move:
    """Show the entry that was chosen among several."""
    key = str(turn.slots.get("key", ""))
    if key in TOPICS:
        return hand_over(key)
    entry = turn.know.entries.get(key)
    if entry is None:
        return finish(say("ask/gone"))
    return show(entry, entry.title.in_(turn.person.lang))


QUESTION = Step("question", ask_question, hear_question)
ASK = Dialogue("ask", open_question, (QUESTION,), public=True, answers=True)
ENTRY = Dialogue("entry", show_entry, public=True)
