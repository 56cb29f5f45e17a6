"""What a message means for a conversation: a command, a universal word, a choice, an answer, or something new."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

import yaml

from bot.conversation import Conversation, Shown
from bot.dialogue import Saying, say
from bot.dialogues import OPENINGS
from bot.engine import (
    Answer,
    Back,
    Cancel,
    Dialogues,
    Discard,
    Enter,
    Event,
    Remark,
    Repeat,
    Resume,
)
from bot.links import digits_in, proof_in
from bot.messages import MAX_HEARD, Choice, Edit, Heard, Left, Media, Opened, Submitted, Tap, Text
from knowledge.answers import Answer as Found
from knowledge.answers import Choices as Several
from knowledge.answers import Unknown
from knowledge.seeking import asked_for
from knowledge.understand import Understanding
from matching.names import CERTAIN, Names
from matching.text import normalise

COMMAND = re.compile(r"/(\w+)(?:@\w+)?(?:\s+(.*))?\Z", re.DOTALL)
NUMBER = re.compile(r"[NOI]-\d{1,9}", re.IGNORECASE)
"""The number of a need, an offer or an introduction, as it is written on the card."""
UNDOES = re.compile(r"/announcement (\S+) undo")
"""The choice that takes an announcement back."""
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Signs that nobody typed: controls, marks that turn the direction of what follows, halves of characters."""
STEERING = ("cancel", "back", "repeat", "continue", "resume")
"""What `_command` knows besides the commands that open a dialogue."""
STICKER_PAUSE = timedelta(minutes=10)
DOUBLE_TAP = timedelta(seconds=2)
A_STATEMENT = 3
"""Words that "we need ..." has at least; "vaccines" alone is asked about by the need dialogue."""
SHORT = 4
"""Characters below which a word is near to everything, and never corrected."""
LIKE, MISTYPED = 85.0, 80.0
"""Scores from which words are taken for a label: where words of one's own are awaited, and where only labels are."""
URGENT = 80.0
"""The score from which words that a step awaits may ask for help."""
LONG = 30
"""Characters above which words are a sentence, and no mistyped command."""
SEARCHES = {"provider": "providers", "practice": "practices"}
"""The dialogues that look in the catalogue."""


@dataclass(frozen=True, slots=True)
class Routed:
    """
    What the engine is to do, and with which words.

    *choice* is the choice that was meant, None for free words; *first* is said before anything else; *toast*
    names the template of a short line for the platform's own answer to a tap.
    """

    event: Event
    text: str = ""
    choice: str | None = None
    first: tuple[Saying, ...] = ()
    toast: str | None = None
    tapped: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the knowledge makes of a text: worked out before the turn's transaction begins."""

    understood: Understanding
    found: Found | Several | Unknown


@dataclass(frozen=True, slots=True)
class Opening:
    """The dialogue that a command opens, and the slot that takes the words after it."""

    dialogue: str
    slot: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The words that steer, ready for look-up: exact ones by their normal form, commands by name."""

    universal: Mapping[str, str]
    remarks: Mapping[str, str]
    dialogues: Mapping[str, str]
    commands: Mapping[str, Opening]
    universal_names: Names = field(repr=False)
    dialogue_names: Names = field(repr=False)
    command_names: Names = field(repr=False)

    @classmethod
    def read(cls) -> "Words":
        """Return the words of `bot/words.yaml`, and those that open a dialogue."""
        raw: Any = yaml.safe_load(files("bot").joinpath("words.yaml").read_text("utf-8"))
        opening = {name: opens["words"] for name, opens in OPENINGS.items() if "words" in opens}
        commands = {
            command: Opening(name, slot)
            for name, opens in OPENINGS.items()
            for command, slot in opens.get("commands", {}).items()
        }
        return cls(
            _by_word(raw["universal"]),
            _by_word(raw["remarks"]),
            _by_word(opening),
            commands,
            Names({word: [word] for words in raw["universal"].values() for word in words}),
            Names(opening),
            Names({name: [name] for name in (*commands, *STEERING)}),
        )


def _by_word(words: Mapping[str, list[str]]) -> dict[str, str]:
    return {normalise(word) or word: name for name, synonyms in words.items() for word in synonyms}


@dataclass(frozen=True, slots=True)
class Router:
    """Reads what was heard in the light of the conversation; pure, like the engine."""

    words: Words
    dialogues: Dialogues

    def route(
        self,
        heard: Heard,
        conversation: Conversation,
        reading: Reading | None,
        now: datetime,
        older: Callable[[str], Shown | None],
    ) -> Routed:
        """Return what *heard* means; *older* finds the choices of a card that was sent before the last one."""
        routed = self._routed(heard, conversation, reading, now, older)
        match heard:
            case Text(text) | Edit(text) if len(text) > MAX_HEARD:
                return replace(routed, first=(say("shared/long_text_cut"), *routed.first))
            case _:
                return routed

    def _routed(
        self,
        heard: Heard,
        conversation: Conversation,
        reading: Reading | None,
        now: datetime,
        older: Callable[[str], Shown | None],
    ) -> Routed:
        match heard:
            case Tap():
                return self._tap(heard, conversation, now, older)
            case Text(text, forwarded=True):
                return Routed(Enter("media", {"kind": "forwarded", "text": read_words(text)}))
            case Text(text):
                return self._text(read_words(text), conversation, reading)
            case Edit():
                return self._edit(heard, conversation, reading)
            case Media(kind="sticker") if self._sticker_seen(conversation, now):
                return Routed(Remark(()))
            case Media(kind, caption):
                return Routed(Enter("media", {"kind": kind, "text": read_words(caption)}))
            case Opened(payload):
                return Routed(Enter("welcome", {"payload": payload}))
            case Submitted("link", {"code": code}):
                frame = conversation.frame
                waits = frame is not None and (frame.dialogue, frame.step) == ("link", "code")
                shown = Enter("link", {"digits": digits_in(code)})
                return Routed(Answer(), text=read_words(code)) if waits else Routed(shown)
            case Submitted(form, values):
                read = {name: read_words(value) for name, value in values.items()}
                return Routed(Enter(form, {**read, "submitted": True}))
            case Left():
                return Routed(Remark(()))

    def in_public(self, routed: Routed) -> Routed:
        """Return what may be said where others read along: public facts, or an invitation to write in private."""
        match routed.event:
            case Enter(name) if (known := self.dialogues.get(name)) and known.public:
                return routed
            case _:
                return Routed(Remark((say("shared/in_private"),)))

    def _tap(
        self, tap: Tap, conversation: Conversation, now: datetime, older: Callable[[str], Shown | None]
    ) -> Routed:
        taken = (tap.ref, tap.number)
        waiting = conversation.frame.shown if conversation.frame else None
        if waiting is not None and waiting.ref == tap.ref and (choice := waiting.choice(tap.number)):
            return self._chosen(choice, conversation, taken)
        if conversation.tapped == taken and self._again_at_once(conversation, now):
            return Routed(Remark(()))
        shown = conversation.shown if conversation.shown and conversation.shown.ref == tap.ref else None
        shown = shown or older(tap.ref)
        choice = shown.choice(tap.number) if shown else None
        if choice is not None and choice.id.startswith("/"):
            return self._chosen(choice, conversation, taken)
        if conversation.tapped == taken:
            return Routed(Remark(()))
        return Routed(Repeat(), toast="shared/old_button")

    @staticmethod
    def _again_at_once(conversation: Conversation, now: datetime) -> bool:
        return conversation.tapped_at is not None and now - conversation.tapped_at < DOUBLE_TAP

    @staticmethod
    def _sticker_seen(conversation: Conversation, now: datetime) -> bool:
        return conversation.stickers_at is not None and now - conversation.stickers_at < STICKER_PAUSE

    def _chosen(self, choice: Choice, conversation: Conversation, taken: tuple[str, int] | None) -> Routed:
        """Return what taking *choice* means: a command, or the waiting step's answer."""
        if choice.id == "/cancel":
            return Routed(Cancel(), tapped=taken)  # the card's own, and nothing that was sent
        if choice.id.startswith("/"):
            routed = self._command(choice.id, conversation)
            return replace(routed, tapped=taken)
        return Routed(Answer(), choice=choice.id, tapped=taken)

    def _edit(self, edit: Edit, conversation: Conversation, reading: Reading | None) -> Routed:
        frame = conversation.frame
        text = read_words(edit.text)
        if frame is not None and frame.slots.get("message") == edit.message:
            return Routed(Answer(), text=text)
        slots: dict[str, Any] = {"message": edit.message, "text": text}
        match self._text(text, conversation, reading).event:
            case Enter(name, given) if (known := self.dialogues.get(name)) and known.answers:
                return Routed(Enter("edited", {**slots, "asks": name, "with": dict(given)}), text=text)
            case _:
                return Routed(Enter("edited", slots), text=text)

    def _text(self, text: str, conversation: Conversation, reading: Reading | None) -> Routed:
        if text.startswith("/"):
            return self._command(text, conversation)
        word = normalise(text) or text
        choice = _chosen_by_words(text, word, conversation)
        # A step's own button goes first: "stop" under the question whether to stop is its answer.
        if word in self.words.universal and (choice is None or choice.id.startswith("/")):
            return self._universal(self.words.universal[word])
        if choice is not None:
            taken = UNDOES.fullmatch(choice.id)
            if taken and not text.isdecimal():
                # The card may be of somebody else's announcement, while one's own is about to leave.
                return Routed(Enter("undo", {"shown": taken[1]}))
            return self._chosen(choice, conversation, None)
        if word in self.words.dialogues:
            return Routed(Enter(self.words.dialogues[word]))
        if (remark := self._remark(text, word, conversation)) is not None:
            return remark
        near = None if _asks_something(conversation, reading) else self._near_choice(text, conversation)
        if near is not None and not (near.id.startswith("/") and _names_a_theme(text, reading)):
            routed = self._chosen(near, conversation, None)
            read_as = say("shared/read_as", heard=text, meant=near.label)
            return replace(routed, first=(read_as, *routed.first))
        if self._wants_words(conversation, text):
            return Routed(Answer(), text=text, first=in_need_of_help(reading))
        return self._fresh(text, conversation, reading)

    def _remark(self, text: str, word: str, conversation: Conversation) -> Routed | None:
        """Return what thanks, "yes" or a smile mean: nothing that the secretariat should be asked about."""
        match self.words.remarks.get(word):
            case "thanks":
                return Routed(Remark((say("shared/welcome"),)))
            case "resume":
                return Routed(Resume())
        if normalise(text) and word not in self.words.remarks:
            return None
        if conversation.frame is None:
            # What waits for a "yes" may have come without being asked for, and stand on no card of this conversation.
            agrees = self.words.remarks.get(word) == "consent"
            return Routed(Enter("yes") if agrees else Remark((say("shared/nothing_waits"),)))
        return (
            None if self._wants_words(conversation, text) else Routed(Repeat((say("shared/not_understood"),)))
        )

    def _wants_words(self, conversation: Conversation, text: str) -> bool:
        """Tell whether a step waits that takes *text*; one with buttons only lets other questions pass."""
        frame = conversation.frame
        if frame is None:
            return False
        dialogue = self.dialogues.get(frame.dialogue)
        step = dialogue.step(frame.step) if dialogue else None
        return step is None or step.takes(text)

    def _fresh(self, text: str, conversation: Conversation, reading: Reading | None) -> Routed:
        """Return what words mean that no step waits for."""
        if proof := proof_in(text):
            return Routed(Enter("link", proof))
        if reading is None:
            return Routed(Enter("menu"))
        kind = reading.understood.kind
        # One mistyped word of ours is likelier than a topic that is like it.
        is_open = " " not in text and not _is_certain(reading.found)
        if is_open and (opening := self._near_word(text, conversation, reading)) is not None:
            return opening
        match reading.found:
            case Found(key="now" | "agenda" as topic):
                return Routed(Enter(topic, {"text": text}))
            case Found(key="where") as found:
                return Routed(Enter("where", {"room": found.room, "named": found.named, "text": text}))
            case Found() if kind not in ("need", "offer"):
                return Routed(Enter("ask", {"question": text}), text=text)
        asked = asked_for(text)
        if asked is not None and (reading.understood.themes or asked[0] == "practice"):
            return Routed(Enter(SEARCHES[asked[0]], {"question": text}), text=text)
        if NUMBER.fullmatch(text):
            introduced = text[0] in "Ii"
            return Routed(
                Enter("introduction", {"text": text}) if introduced else Enter("matches", {"number": text})
            )
        if kind in ("need", "offer") and len(text) > A_STATEMENT:
            return Routed(Enter(kind, {"text": text}), text=text)
        if (opening := self._near_word(text, conversation, reading)) is not None:
            return opening
        if kind == "other" and reading.understood.themes and len(text) <= LONG:
            # A theme and nothing else: the need dialogue asks which way it is meant.
            return Routed(Enter("need", {"text": text}), text=text)
        return Routed(Enter("ask", {"question": text}), text=text)

    def _near_word(self, text: str, conversation: Conversation, reading: Reading) -> Routed | None:
        """Return what a few mistyped words steer to or open, None when they are something else."""
        if len(text) < SHORT or len(text) > LONG:
            return None
        if _names_a_theme(text, reading):
            return None
        if hits := self.words.universal_names.closest(text, limit=1):
            routed = self._universal(self.words.universal[normalise(hits[0].key)])
            return replace(routed, first=(say("shared/read_as", heard=text, meant=hits[0].key),))
        if " " in text:
            hits = self.words.dialogue_names.closest(text, limit=1)
            return Routed(Enter(hits[0].key)) if hits else None
        hits = self.words.command_names.closest(text, limit=1)
        if not hits:
            return None
        routed = self._command(f"/{hits[0].key}", conversation)
        return replace(routed, first=(say("shared/read_as", heard=text, meant=hits[0].key),))

    def _near_choice(self, text: str, conversation: Conversation) -> Choice | None:
        """Return the choice of the waiting card whose label is closest to *text*, when it is close enough."""
        frame = conversation.frame
        shown = frame.shown if frame and frame.shown else conversation.shown
        if shown is None or len(text) < SHORT:
            return None
        labels = Names({str(number): [choice.label] for number, choice in enumerate(shown.choices)})
        hits = labels.closest(
            text, limit=1, cutoff=LIKE if self._wants_words(conversation, text) else MISTYPED
        )
        return shown.choices[int(hits[0].key)] if hits else None

    def _universal(self, name: str) -> Routed:
        match name:
            case "cancel":
                return Routed(Cancel(Enter("undo", {"cancelled": False})))
            case "back":
                return Routed(Back())
            case "repeat":
                return Routed(Repeat())
            case "help":
                return Routed(Enter("menu"))
            case _:
                return Routed(Enter(name))

    def _command(self, text: str, conversation: Conversation) -> Routed:
        match = COMMAND.match(text)
        if match is None:
            return Routed(Enter("menu"))
        name, argument = match[1].casefold(), (match[2] or "").strip()
        match name:
            case "cancel" | "back" | "repeat":
                return self._universal(name)
            case "continue" | "resume":
                return Routed(Resume(argument or None))
            case "discard":
                return Routed(Discard(argument))
        first: tuple[Saying, ...] = ()
        if name not in self.words.commands:
            hits = self.words.command_names.closest(name, limit=1, cutoff=70)
            if not hits:
                return Routed(Enter("menu"), first=(say("shared/no_command", heard=f"/{name}"),))
            first = (say("shared/read_as", heard=f"/{name}", meant=f"/{hits[0].key}"),)
            if hits[0].key in STEERING:
                return replace(self._command(f"/{hits[0].key}", conversation), first=first)
            name = hits[0].key
        opening = self.words.commands[name]
        slots = {opening.slot: argument} if opening.slot and argument else {}
        return Routed(Enter(opening.dialogue, slots), text=argument, first=first)


def read_words(text: str) -> str:
    """Return *text* as far as it is read, without what nobody can have typed."""
    return UNSEEN.sub("", text[:MAX_HEARD]).strip()


def _names_a_theme(text: str, reading: Reading | None) -> bool:
    """Tell whether the one word is a theme, and no word mistyped: "cancer" is near to "cancel"."""
    return reading is not None and bool(reading.understood.themes) and " " not in text


def in_need_of_help(reading: Reading | None) -> tuple[Saying, ...]:
    """
    Return the way to help when words that a step awaits sound like somebody who needs it now.

    "We need ambulances" may be a country's need or a cry for one: the step takes the words, help is a tap away.
    """
    match reading.found if reading else None:
        case Found(entry=entry, score=score) if entry is not None:
            likely = entry
        case Several(entries=(likely, *_), scores=(score, *_)):
            pass
        case _:
            return ()
    return (say("shared/help_now", entry=likely),) if likely.sensitive and score >= URGENT else ()


def _is_certain(found: Found | Several | Unknown) -> bool:
    """Tell whether the words are a known way to ask."""
    return isinstance(found, Found) and found.score >= CERTAIN


def _asks_something(conversation: Conversation, reading: Reading | None) -> bool:
    """Tell whether the words are a question with an answer of its own, and nothing waits for another."""
    return conversation.frame is None and reading is not None and isinstance(reading.found, Found)


def _chosen_by_words(text: str, word: str, conversation: Conversation) -> Choice | None:
    """Return the choice whose number or whole label was typed, None when none was."""
    frame = conversation.frame
    for shown in (conversation.shown, frame.shown if frame else None):
        if shown is None:
            continue
        if text.isdecimal() and len(text) <= 2 and (choice := shown.choice(int(text) - 1)):
            return choice
        for choice in shown.choices:
            if normalise(choice.label) == word:
                return choice
    return None
