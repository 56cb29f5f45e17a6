"""What a conversation is made of: steps that ask and hear, and the moves between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from bot.commands import Command
from bot.errors import Refused
from bot.messages import Attachment
from knowledge.answers import Answer, Choices, Unknown
from knowledge.forum import Coordinates
from knowledge.snapshot import Snapshot
from knowledge.understand import Understanding

Slots = Mapping[str, Any]
"""What a conversation has gathered so far: JSON values only, so that it can be kept between turns."""


@dataclass(frozen=True, slots=True)
class Saying:
    """
    An utterance to be written out in the participant's language.

    *template* names a file of `bot/templates`; *edit* lets the card take the place of the one that was tapped.
    *attachment* is the file that comes with it, *coordinates* are those of the place that it is about.
    """

    template: str
    values: Mapping[str, Any]
    edit: bool = False
    attachment: Attachment | None = None
    coordinates: Coordinates | None = None


def say(template: str, /, *, edit: bool = False, **values: Any) -> Saying:
    """Return the utterance *template* with its values."""
    return Saying(template, values, edit)


@dataclass(frozen=True, slots=True)
class Person:
    """
    The participant, as a step sees them.

    *country* is None until it is known; *confirmed* tells whether the registration list says so, or only they.
    *language_chosen* is false while the language is only a guess.
    """

    id: int
    channel: str
    role: str
    lang: str
    language_chosen: bool
    country: str | None = None
    name: str | None = None
    confirmed: bool = False
    unmatched: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """
    One thing heard and all that a step may know about it.

    *text* is empty after a tap; *choice* is the id of the choice that was tapped, numbered or named, else None.
    *understood* and *found* are what the knowledge makes of the words as they were heard, None where there are none.
    *message* is the platform's id of what was heard, None where it has none.
    """

    person: Person
    know: Snapshot
    now: datetime
    text: str = ""
    choice: str | None = None
    slots: Slots = field(default_factory=dict)
    understood: Understanding | None = None
    found: Answer | Choices | Unknown | None = None
    message: str | None = None
    edited: bool = False
    public: bool = False
    rehearsal: bool = False

    @property
    def today(self) -> date:
        """The day at the forum's place."""
        return self.now.astimezone(self.know.forum.time_zone).date()

    def with_slots(self, slots: Slots) -> "Turn":
        """Return the turn as the next step sees it."""
        return replace(self, slots=slots)


@dataclass(frozen=True, slots=True)
class Move:
    """
    What a step decides.

    *to* is the step that waits next, None when the dialogue is over; *asks* stands in for that step's own
    question. *do* is a command whose result goes to *then*, which decides further, and why it could not be carried
    out to *refused*. *opens* names the dialogue that takes over, with *slots*.
    """

    says: tuple[Saying, ...] = ()
    to: "Step | None" = None
    slots: Slots = field(default_factory=dict)
    asks: Saying | None = None
    do: Command | None = None
    then: "Callable[[Turn, Any], Move] | None" = None
    refused: "Callable[[Turn, Refused], Move] | None" = None
    opens: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """
    A question and what to do with the answer.

    *ask* is shown whenever the step begins to wait: at first, after `back`, after an interruption, in a new language.
    A step that is not *free* takes its own choices, and the words that it *reads*; other words are heard as if nothing
    waited. One that is *passing* waits only until something else is done: it is given up without a word. A *patient*
    one takes words of one's own, but a question to which we know the answer is answered first, and it waits on.
    """

    name: str
    ask: Callable[[Turn], Saying]
    hear: Callable[[Turn], Move]
    free: bool = True
    reads: Callable[[str], bool] | None = None
    passing: bool = False
    patient: bool = False

    def takes(self, text: str) -> bool:
        """Tell whether *text*, which is none of the choices, may be the answer."""
        return self.free if self.reads is None else self.reads(text)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """
    A conversation from its opening to its end.

    The *steps* are found again by their names when the participant answers, maybe after an upgrade. A *kept*
    dialogue that is interrupted stays as a draft for 24 hours and is offered again. What is said in a *public* one may
    be read by a whole group; of another one, asked for by its name alone, the dialogue *publicly* says what may. One
    that *answers* a question does so once more when that was edited.
    """

    name: str
    open: Callable[[Turn], Move]
    steps: tuple[Step, ...] = ()
    kept: bool = False
    public: bool = False
    publicly: str | None = None
    answers: bool = False

    def step(self, name: str) -> Step | None:
        """Return the step called *name*, None when this version has none."""
        return next((step for step in self.steps if step.name == name), None)


def go(turn: Turn, step: Step, *says: Saying, asks: Saying | None = None, **changes: Any) -> Move:
    """Wait at *step*, with *changes* made to the slots."""
    return Move(says, step, {**turn.slots, **changes}, asks)


def finish(*says: Saying) -> Move:
    """End the dialogue."""
    return Move(says)


def perform(
    command: Command,
    then: Callable[[Turn, Any], Move],
    refused: Callable[[Turn, Refused], Move] | None = None,
) -> Move:
    """Have *command* carried out and let *then* decide with its result; *refused* where it can be refused."""
    return Move(do=command, then=then, refused=refused)


def hand_over(dialogue: str, *says: Saying, **slots: Any) -> Move:
    """Let another dialogue take over."""
    return Move(says, slots=slots, opens=dialogue)
