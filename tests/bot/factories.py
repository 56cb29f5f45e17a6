"""Turns and a little record keeper with quiet defaults, for tests of dialogues."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.adaptation_commands import CountAdaptations, MyAdaptations
from bot.announcement_commands import (
    ConfirmRead,
    FindLatest,
    FindReach,
    ReadAnnouncement,
    ReadProgress,
    ToTelephone,
)
from bot.broadcasts import Reach
from bot.calendars import TakeCalendar, Taken
from bot.commands import (
    AskSecretariat,
    ChooseLanguage,
    Command,
    FindSent,
    IntroduceOneself,
    LiveStatements,
    Mute,
    MyFollowing,
    OwnStatements,
    Sent,
    Statement,
    StateNeed,
    StateOffer,
    Withdraw,
)
from bot.commands import Person as Registrant
from bot.conversation import Conversation
from bot.delegation_commands import OurStatements, WaitingStatements
from bot.dialogue import Person, Turn
from bot.dialogues import DIALOGUES
from bot.engine import Advanced, Answer, Engine, Enter, Event
from bot.forgetting import Going
from bot.introduction_commands import MyIntroductions
from bot.meeting_commands import FindSlots, Free, MyMeetings
from bot.people_commands import MyChannels, PreferChannel, UnlinkChannel
from bot.privacy_commands import (
    ChooseVisibility,
    Forget,
    MyData,
    Stop,
    TakeAlong,
    WhatGoes,
    WithdrawConsent,
)
from bot.profile_commands import CheckProfile, FindProfiles, MyProfile
from bot.question_commands import OpenQuestions, PublishedAnswers
from bot.survey_commands import Results, SurveyResults
from bot.takeout import COUNTED, TakenAlong
from bot.takeout import Kept as KeptOf
from tests.samples import sample_snapshot

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


@dataclass
class Kept:
    """Carries commands out in memory and remembers them."""

    done: list[Command] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    person: Registrant = field(default_factory=lambda: Registrant(1, "Mele", None, "FJI", "delegate"))

    def __call__(self, command: Command) -> Any:
        self.done.append(command)
        match command:
            case StateNeed(statement) | StateOffer(statement):
                return Sent(f"{statement.kind[0].upper()}-0001")
            case AskSecretariat():
                return "Q-1"
            case OwnStatements():
                return tuple(self.statements)
            case MyChannels() | PreferChannel() | UnlinkChannel():
                return self.person
            case FindReach():
                return Reach({})
            case (
                OurStatements()
                | WaitingStatements()
                | OpenQuestions()
                | PublishedAnswers()
                | LiveStatements()
                | MyFollowing()
                | MyMeetings()
                | MyIntroductions()
                | ReadProgress()
                | ToTelephone()
                | FindProfiles()
                | MyAdaptations()
            ):
                return ()
            case Withdraw() | ConfirmRead():
                return True
            case TakeCalendar():
                return Taken(None, whole=True)
            case Mute() | ReadAnnouncement() | FindLatest():
                return None
            case ChooseLanguage() | IntroduceOneself() | FindSent() | MyProfile() | CheckProfile():
                return None
            case _:
                return about_themselves(command)

    @property
    def statement(self) -> Statement:
        """Return the last need or offer that was sent."""
        sent = [command for command in self.done if isinstance(command, StateNeed | StateOffer)]
        return sent[-1].statement


def about_themselves(command: Command) -> Any:
    """Return what somebody hears who asks for what is kept about them."""
    match command:
        case CountAdaptations():
            return {}
        case SurveyResults():
            return Results(0, 0)
        case WhatGoes():
            return Going(("N-0001",), ("O-0001",), ("slack", "telegram"), "FJI", listed=True)
        case MyData():
            counts = dict.fromkeys(COUNTED, 0)
            return KeptOf(None, None, "FJI", "delegate", None, "nobody", None, ("telegram",), counts)
        case TakeAlong():
            return TakenAlong(None, MORNING)
        case FindSlots():
            return Free((), ())
        case Forget() | Stop() | ChooseVisibility():
            return None
        case WithdrawConsent():
            return True
        case _:
            raise AssertionError(f"nobody expected {command}")


class Talk:
    """A conversation, step by step, without database or words."""

    def __init__(self, **person: Any) -> None:
        self.engine = Engine(DIALOGUES)
        self.conversation = Conversation()
        self.kept = Kept()
        self.person = a_person(**person)

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
