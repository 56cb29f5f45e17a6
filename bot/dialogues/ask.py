"""A question: answered from what was published, narrowed down, or passed on to the secretariat."""

from bot.commands import AskSecretariat
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from bot.maps import on_map
from knowledge.answers import AGENDA, NOW, WHERE, Answer, Choices, Unknown
from knowledge.contacts import mask_contacts
from knowledge.forum import Entry
from knowledge.sessions import session_asked
from knowledge.working_groups import meeting_asked
from matching.names import CERTAIN

TOPICS = (NOW, WHERE, AGENDA)
"""What the programme and the rooms answer, each in a dialogue of its own."""
ABOUT_THE_VENUE = frozenset({"venue", "getting_there"})
"""Entries that are asked for by whoever is on the way to the building."""


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
        return hand_over("meetings_of_groups", question=question)
    found = turn.found if question == turn.text else None
    found = found or turn.know.answers.ask(question, turn.person.lang)
    if session_asked(question, turn.know.programme) and not _is_certain(found):
        return hand_over("where", text=question, named=None)
    match found:
        case Answer(key=key) as found if key in TOPICS:
            return hand_over(key, room=found.room, named=found.named)
        case Answer(entry=Entry() as entry, urgent=True):
            contacts = turn.know.forum.contacts
            return finish(say("ask/emergency", entry=entry, question=question, contacts=contacts))
        case Answer(entry=Entry() as entry):
            return show(turn, entry, question)
        case Choices(entries=entries):
            return finish(say("ask/choices", entries=entries, question=question, public=turn.public))
        case _:
            return pass_on(turn, question, again=bool(turn.slots.get("unknown_before")))


def _is_certain(found: Answer | Choices | Unknown) -> bool:
    """Tell whether the words are those of an entry that says something, or name a room."""
    match found:
        case Answer(entry=Entry(body=body), score=score):
            return body is not None and score >= CERTAIN
        case Answer(room=room, named=named):
            return room is not None or named is not None
        case _:
            return False


def show(turn: Turn, entry: Entry, question: str) -> Move:
    """Return the entry's answer; where nothing is published yet, the question goes to the secretariat."""
    if entry.body is None:
        return pass_on(turn, question, entry)
    return finish(say("ask/answer", entry=entry), *venue(turn, entry))


def venue(turn: Turn, entry: Entry) -> tuple[Saying, ...]:
    """Return where the building stands, after the words of *entry*, when that is about it and the pack says where."""
    place = turn.know.forum.coordinates
    if place is None or entry.key not in ABOUT_THE_VENUE:
        return ()
    return (Saying("ask/venue", {"map": on_map(place)}, coordinates=place),)


def pass_on(turn: Turn, question: str, entry: Entry | None = None, *, again: bool = False) -> Move:
    """
    Queue the question, about *entry* where that is not published; a number or an address in it is asked about first.

    The second time in a row (*again*) a person is offered first.
    """
    masked = mask_contacts(question)
    if not masked.kinds:
        return _queue(question, entry, again=again)
    if turn.public:  # where others read along nothing can be asked back
        return _queue(masked.text, entry, again=again)
    slots = {"question": question, "entry": entry.key if entry else None, "again": again}
    return Move(to=CONTACT, slots=slots)


def _queue(question: str, entry: Entry | None, *, again: bool) -> Move:
    def queued(turn: Turn, number: str) -> Move:
        if entry is None:
            return finish(say("ask/unknown", number=number, again=again, public=turn.public))
        said = say("ask/not_published", entry=entry, number=number, public=turn.public)
        return finish(said, *venue(turn, entry))

    return perform(AskSecretariat(question, topic=entry.key if entry else None), queued)


def ask_contact(turn: Turn) -> Saying:
    """Ask whether the telephone number or the e-mail address is to be passed on: nobody needs it to answer here."""
    return say("ask/contact", kinds=sorted(mask_contacts(turn.slots["question"]).kinds))


def hear_contact(turn: Turn) -> Move:
    """Pass the question on, as it is or without them."""
    question, entry = turn.slots["question"], turn.know.entries.get(turn.slots["entry"] or "")
    again = turn.slots["again"]
    match turn.choice:
        case "without":
            return _queue(mask_contacts(question).text, entry, again=again)
        case "with":
            return _queue(question, entry, again=again)
        case _:
            return go(turn, CONTACT)


def none_of_these(turn: Turn) -> Move:
    """Queue the question that none of the entries offered in a group answers."""
    question = str(turn.slots.get("question", "")).strip()
    return pass_on(turn, question) if question else hand_over("ask")


def show_entry(turn: Turn) -> Move:
    """Show the entry that was chosen among several."""
    key = str(turn.slots.get("key", ""))
    if key in TOPICS:
        return hand_over(key)
    entry = turn.know.entries.get(key)
    if entry is None:
        return finish(say("ask/gone"))
    return show(turn, entry, entry.title.in_(turn.person.lang))


QUESTION = Step("question", ask_question, hear_question, passing=True, patient=True)
CONTACT = Step("contact", ask_contact, hear_contact, free=False)
ASK = Dialogue("ask", open_question, (QUESTION, CONTACT), public=True, answers=True)
UNANSWERED = Dialogue("unanswered", none_of_these, public=True)
ENTRY = Dialogue("entry", show_entry, public=True)
