"""One participant's place in a dialogue, as it is kept between two messages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue import Slots
from bot.messages import Card, Choice

DRAFT_LIFE = timedelta(hours=24)
CANCELS = re.compile(r"/(?:groups|meet|join) \S+ cancel")
"""The choice that takes back what a card is about: a request, or a meeting, which asks whether they are sure."""
TRAIL = 12
"""Steps that `back` can go back through."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The choices of a card that was sent: what a number, a label or a tap may mean."""

    ref: str
    choices: tuple[Choice, ...]

    @classmethod
    def of(cls, card: Card) -> "Shown":
        """Return what can be chosen on *card*."""
        return cls(card.ref, tuple(choice for _, choice in card.numbered()))

    def choice(self, number: int) -> Choice | None:
        """Return the choice with that number, counted from 0; None when there is none."""
        return self.choices[number] if 0 <= number < len(self.choices) else None

    def to_json(self) -> list[Any]:
        """Return the card's ref and its choices as JSON values."""
        return [self.ref, [[choice.id, choice.label] for choice in self.choices]]

    @classmethod
    def from_json(cls, values: list[Any]) -> "Shown":
        """Return what `to_json` wrote."""
        return cls(values[0], tuple(Choice(*pair) for pair in values[1]))


@dataclass(frozen=True, slots=True)
class Frame:
    """
    A dialogue that waits at a step.

    *trail* holds the steps before, with the slots they had, last one last. *shown* is the card that asks.
    """

    dialogue: str
    step: str
    slots: Slots
    trail: tuple[tuple[str, Slots], ...] = ()
    shown: Shown | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the frame as JSON values."""
        return {
            "dialogue": self.dialogue,
            "step": self.step,
            "slots": dict(self.slots),
            "trail": [[step, dict(slots)] for step, slots in self.trail],
            "shown": self.shown and self.shown.to_json(),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Frame":
        """Return the frame that `to_json` wrote."""
        return cls(
            values["dialogue"],
            values["step"],
            values["slots"],
            tuple((step, slots) for step, slots in values["trail"]),
            Shown.from_json(values["shown"]) if values["shown"] else None,
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """A kept dialogue that was interrupted, or *cancelled* on purpose, and when."""

    frame: Frame
    at: datetime
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """
    Where a participant stands.

    *frame* waits for an answer, None when nothing does. *shown* is the last card with choices, and *beside* are those
    that came with it: their labels may still be typed. *tapped* is the
    last choice that was taken, so that a second tap on it does nothing. *unknown* counts unknown questions in
    a row; *suggested* are the languages that were offered because the participant wrote in them. *consent_asked_at*
    is when they were asked last for the consent to words that have changed.
    """

    frame: Frame | None = None
    shown: Shown | None = None
    drafts: tuple[Draft, ...] = ()
    tapped: tuple[str, int] | None = None
    tapped_at: datetime | None = None
    unknown: int = 0
    stickers_at: datetime | None = None
    suggested: tuple[str, ...] = ()
    consent_asked_at: datetime | None = None
    beside: tuple[Shown, ...] = ()

    @property
    def cancelling(self) -> Choice | None:
        """The choice of the last card that cancels what it is about, None where something waits for an answer."""
        shown = () if self.frame is not None or self.shown is None else self.shown.choices
        return next((choice for choice in shown if CANCELS.fullmatch(choice.id)), None)

    def set_aside(self, frame: Frame, now: datetime, *, cancelled: bool = False) -> "Conversation":
        """Return the conversation with *frame* kept as a draft, in place of an older draft of its dialogue."""
        others = tuple(draft for draft in self.drafts if draft.frame.dialogue != frame.dialogue)
        return replace(self, drafts=(*others, Draft(replace(frame, shown=None), now, cancelled)))

    def draft(self, dialogue: str | None, now: datetime) -> Draft | None:
        """Return the draft of *dialogue* (None: the newest of any) unless it is over 24 hours old."""
        for draft in reversed(self.drafts):
            if dialogue in (None, draft.frame.dialogue) and now - draft.at < DRAFT_LIFE:
                return draft
        return None

    def interrupted(self, now: datetime) -> Frame | None:
        """Return the newest dialogue that another one interrupted, None when none is younger than 24 hours."""
        open_drafts = (draft for draft in reversed(self.drafts) if not draft.cancelled)
        return next((draft.frame for draft in open_drafts if now - draft.at < DRAFT_LIFE), None)

    def without_draft(self, dialogue: str) -> "Conversation":
        """Return the conversation with no draft of *dialogue*."""
        return replace(self, drafts=tuple(draft for draft in self.drafts if draft.frame.dialogue != dialogue))

    def to_json(self) -> dict[str, Any]:
        """Return the conversation as JSON values."""
        return {
            "frame": self.frame and self.frame.to_json(),
            "shown": self.shown and self.shown.to_json(),
            "drafts": [
                [draft.frame.to_json(), draft.at.isoformat(), draft.cancelled] for draft in self.drafts
            ],
            "tapped": self.tapped and list(self.tapped),
            "tapped_at": _written(self.tapped_at),
            "unknown": self.unknown,
            "stickers_at": _written(self.stickers_at),
            "suggested": list(self.suggested),
            "consent_asked_at": _written(self.consent_asked_at),
            "beside": [shown.to_json() for shown in self.beside],
        }

    @classmethod
    def restored(cls, values: Mapping[str, Any]) -> "Conversation":
        """Return the conversation that was kept; one that another version kept in another form begins anew."""
        try:
            return cls.from_json(values)
        except (KeyError, TypeError, ValueError):
            return cls()

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Conversation":
        """Return the conversation that `to_json` wrote; an empty mapping gives a new one."""
        if not values:
            return cls()
        drafts = tuple(
            Draft(Frame.from_json(frame), datetime.fromisoformat(at), cancelled)
            for frame, at, cancelled in values["drafts"]
        )
        return cls(
            frame=Frame.from_json(values["frame"]) if values["frame"] else None,
            shown=Shown.from_json(values["shown"]) if values["shown"] else None,
            drafts=drafts,
            tapped=tuple(values["tapped"]) if values["tapped"] else None,
            tapped_at=_read(values["tapped_at"]),
            unknown=values["unknown"],
            stickers_at=_read(values["stickers_at"]),
            suggested=tuple(values["suggested"]),
            consent_asked_at=_read(values.get("consent_asked_at")),
            beside=tuple(map(Shown.from_json, values.get("beside", ()))),
        )


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read(moment: str | None) -> datetime | None:
    return datetime.fromisoformat(moment) if moment else None
