"""The participant's own page, on a channel that has one: who they are, what is next, and what waits for them."""

from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from bot import participants
from bot.commands import Command, OwnStatements
from bot.conversation import Conversation
from bot.dialogue import Saying, Turn, say
from bot.engine import Enter
from bot.errors import NotAllowed
from bot.introduction_commands import MyIntroductions
from bot.meeting_commands import MyMeetings
from bot.messages import Address, Card
from bot.participants import Actor, to_person
from bot.records import Records
from bot.rights import may
from knowledge.snapshot import Snapshot

if TYPE_CHECKING:
    from bot.turns import Turns

HOME = "home."
"""What the refs of the cards on the page begin with."""
OPEN = ("asked", "introduced", "waiting")
"""States of an introduction that the page shows: what waits for them first."""
LISTED = 6
"""Introductions, and meetings, that the page shows; the lists behind its buttons have all."""


def cards(
    parts: "Turns", session: Session, address: Address, locale: str | None, know: Snapshot
) -> tuple[Card, ...]:
    """
    Return what whoever is at *address* sees on the page, in its order.

    Linked as, with the language; what is next; their needs and offers; their matches and meetings; the menu; privacy.
    """
    found = participants.known(session, address)
    know = parts.overlay.of(session, know)
    now = parts.clock.now()
    person = found.actor if found else Actor(guessed_language=participants.of_locale(locale) or "en")
    records = Records(session, person, now, parts.press(know))
    read = {
        command: records.perform(command) if found else ()
        for command in (OwnStatements(), MyIntroductions(), MyMeetings())
    }
    turn = Turn(to_person(person, address.channel), know, now, rehearsal=parts.clock.rehearsal)

    def perform(command: Command) -> Any:
        if command not in read:
            raise NotAllowed(f"a page does not {command.action}")
        return read[command]

    def first(dialogue: str) -> tuple[Saying, ...]:
        return parts.engine.advance(Conversation(), Enter(dialogue), turn, perform).says[:1]

    states = may(person.role, "state_need")
    own = say("home/mine", statements=read[OwnStatements()], states=states)
    shown = {
        "top": (say("home/top", person=person),),
        "now": first("now"),
        "mine": (own,),
        "matches": (_matches(turn, read[MyIntroductions()], read[MyMeetings()]),) if found else (),
        "menu": first("menu"),
        "privacy": (say("home/privacy"),) if found else (),
    }
    return tuple(
        parts.wording.card(saying, person.reads, f"{HOME}{name}", know)
        for name, says in shown.items()
        for saying in says
    )


def _matches(turn: Turn, introductions: Any, meetings: Any) -> Saying:
    """Say what waits for them and with whom they are to meet; what they have to answer stands first."""
    one_of = [one for one in introductions if one.state in OPEN]
    met = [one for one in meetings if one.is_open(turn.now)]
    return say(
        "home/matches",
        introductions=sorted(one_of, key=lambda one: OPEN.index(one.state))[:LISTED],
        meetings=sorted(met, key=lambda one: one.agreed or one.own_proposal or one.state != "proposed")[
            :LISTED
        ],
        rehearsal=turn.rehearsal,
    )
