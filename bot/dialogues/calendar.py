"""The programme as a calendar: a file, or an address that a calendar program looks at."""

from bot.calendars import ShareCalendar, TakeCalendar, Taken
from bot.dialogue import Dialogue, Move, Saying, Turn, finish, hand_over, perform, say


def give(turn: Turn) -> Move:
    """Send what the participant follows, or the whole programme where that is asked for or others read along."""
    match str(turn.slots.get("word") or "").split():
        case ["address", *word] if not turn.public:
            return perform(ShareCalendar(new=word == ["new"]), _shared)
        case word:
            return perform(TakeCalendar(turn.public or word == ["all"]), _taken)


def _shared(turn: Turn, address: str | None) -> Move:
    return finish(say("calendar/address", address=address))


def _taken(turn: Turn, taken: Taken) -> Move:
    if taken.file is None:
        return hand_over("agenda")
    shareable = taken.shareable and not turn.public
    values = {"whole": taken.whole, "shareable": shareable, "rehearsal": turn.rehearsal}
    return finish(Saying("calendar/file", values, attachment=taken.file))


CALENDAR = Dialogue("calendar", give, public=True)
