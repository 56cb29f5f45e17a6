"""Turns and a little record keeper with quiet defaults, for tests of dialogues."""

import atexit
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlmodel import Session

from bot.commands import Command, OwnStatements, Sent, Statement, StateNeed, StateOffer, Withdraw
from bot.commands import Person as Registrant
from bot.consent import CONSENT_VERSION
from bot.conversation import Conversation
from bot.database import Store
from bot.desk import Press
from bot.dialogue import Person, Turn
from bot.dialogues import DIALOGUES
from bot.engine import Advanced, Answer, Engine, Enter, Event
from bot.identity import actor_of
from bot.keys import Keys
from bot.linking import Door
from bot.links import Ways
from bot.messages import Address
from bot.people_commands import MyChannels, PreferChannel, UnlinkChannel
from bot.records import Records
from bot.store import KnownAddress, Participant
from tests.databases import store_on
from tests.samples import sample_snapshot, wording

MORNING = datetime(2022, 9, 13, 3, 20, tzinfo=UTC)
"""10:20 at the forum's place, in the middle of session 1."""


def a_person(**changes: Any) -> Person:
    known: dict[str, Any] = {
        "id": 1,
        "channel": "telegram",
        "role": "delegate",
        "lang": "en",
        "language_chosen": True,
        "country": "FJI",
    }
    return Person(**{**known, **changes})


def a_turn(text: str = "", *, choice: str | None = None, **changes: Any) -> Turn:
    person = changes.pop("person", None) or a_person()
    return Turn(person, sample_snapshot(), changes.pop("now", MORNING), text=text, choice=choice, **changes)


@cache
def a_store() -> Store:
    """Return a database of this process, in which nothing stays."""
    stack = ExitStack()
    atexit.register(stack.close)
    folder = stack.enter_context(TemporaryDirectory())
    return stack.enter_context(store_on("sqlite", Path(folder)))


@dataclass
class Kept:
    """
    Carries commands out for somebody in a *role*, and remembers them.

    What they need or offer is kept here, and who they are where a *person* is given; anything else is done in a
    database in which nobody else is, and then undone.
    """

    role: str = "delegate"
    done: list[Command] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    person: Registrant | None = None

    def __call__(self, command: Command) -> Any:
        self.done.append(command)
        match command:
            case StateNeed(statement) | StateOffer(statement):
                return Sent(f"{statement.kind[0].upper()}-0001")
            case OwnStatements():
                return tuple(self.statements)
            case Withdraw():
                return True
            case MyChannels() | PreferChannel() | UnlinkChannel() if self.person is not None:
                return self.person
            case _:
                return a_store().write(partial(self._carry_out, command)).result()

    def _carry_out(self, command: Command, session: Session) -> Any:
        with session.begin_nested() as undone:
            registered = {"country": "FJI", "confirmed": True, "consented": CONSENT_VERSION}
            row = Participant(role=self.role, created_at=MORNING, **registered)
            session.add(row)
            session.flush()
            session.add(KnownAddress(channel="telegram", user="me", participant_id=row.id, chat="me"))
            actor = actor_of(session, row.id or 0)
            door = Door(Keys(b"the key of all tests"), Ways())
            press, place = Press(sample_snapshot(), wording()), Address("telegram", "me")
            try:
                return Records(session, actor, MORNING, press, door, place=place).perform(command)
            finally:
                undone.rollback()

    @property
    def statement(self) -> Statement:
        """Return the last need or offer that was sent."""
        sent = [command for command in self.done if isinstance(command, StateNeed | StateOffer)]
        return sent[-1].statement


class Talk:
    """A conversation, step by step, without words."""

    def __init__(self, **person: Any) -> None:
        self.engine = Engine(DIALOGUES)
        self.conversation = Conversation()
        self.person = a_person(**person)
        self.kept = Kept(self.person.role)

    def open(self, dialogue: str, slots: Mapping[str, Any] | None = None, **turn: Any) -> list[str]:
        return self._advance(Enter(dialogue, slots or {}), a_turn(person=self.person, **turn))

    def write(self, text: str, **turn: Any) -> list[str]:
        return self._advance(Answer(), a_turn(text, person=self.person, **turn))

    def tap(self, choice: str) -> list[str]:
        return self._advance(Answer(), a_turn(choice=choice, person=self.person))

    def do(self, event: Event, **turn: Any) -> list[str]:
        return self._advance(event, a_turn(person=self.person, **turn))

    def _advance(self, event: Event, turn: Turn) -> list[str]:
        self.last: Advanced = self.engine.advance(self.conversation, event, turn, self.kept)
        self.conversation = self.last.conversation
        return [saying.template for saying in self.last.says]

    @property
    def step(self) -> str | None:
        frame = self.conversation.frame
        return f"{frame.dialogue}/{frame.step}" if frame else None

    @property
    def slots(self) -> Mapping[str, Any]:
        assert self.conversation.frame is not None
        return self.conversation.frame.slots
