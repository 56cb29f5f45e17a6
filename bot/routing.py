"""What a message means for a conversation: a command, a universal word, a choice, an answer, or something new."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.conversation import Conversation, Shown
from bot.dialogue import Saying, Step, say
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
from bot.labels import SHORT, agreement, near_label, whole_label
from bot.links import digits_in
from bot.messages import MAX_HEARD, Choice, Edit, Heard, Left, Media, Opened, Submitted, Tap, Text
from bot.openings import opened_by
from bot.readings import (
    Reading,
    answers,
    in_need_of_help,
    is_certain,
    is_urgent,
    names_a_theme,
    names_something,
)
from bot.words import STEERING, Words
from knowledge.answers import Answer as Found
from knowledge.seeking import asked_for
from matching.text import normalise, tokens

COMMAND = re.compile(r"/(\w+)(?:@\w+)?(?:\s+(.*))?\Z", re.DOTALL)
UNDOES = re.compile(r"/announcement (\S+) undo")
"""The choice that takes an announcement back."""
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Signs that nobody typed: controls, marks that turn the direction of what follows, halves of characters."""
STICKER_PAUSE = timedelta(minutes=10)
DOUBLE_TAP = timedelta(seconds=2)
A_STATEMENT = 3
"""Words that "we need ..." has at least; "vaccines" alone is asked about by the need dialogue."""
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


IN_PRIVATE = Routed(Remark((say("shared/in_private"),)))
"""What is not for others to read."""


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

    def in_public(self, routed: Routed, reading: Reading | None = None) -> Routed:
        """Return what may be said where others read along: public facts, or an invitation to write in private."""
        match routed.event:
            case Enter("ask", {"question": str(question)}) if self._is_personal(question, reading):
                return IN_PRIVATE
            case Enter(name) if (known := self.dialogues.get(name)) and known.public:
                return routed
            case Enter(name, slots) if not slots and (known := self.dialogues.get(name)) and known.publicly:
                return replace(routed, event=Enter(known.publicly))
            case _:
                return IN_PRIVATE

    def _is_personal(self, question: str, reading: Reading | None) -> bool:
        """Tell whether it is about whoever asks, and nothing that was published answers it."""
        mine = not self.words.personal.isdisjoint(tokens(question))
        return mine and not (reading is not None and isinstance(reading.found, Found))

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
        choice = whole_label(text, conversation)
        # A step's own button goes first: "stop" under the question whether to stop is its answer.
        if word in self.words.universal and (choice is None or choice.id.startswith("/")):
            return self._universal(self.words.universal[word], conversation)
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
        awaited = self._wants_words(conversation, text)
        near = None if _asks_something(conversation, reading) else near_label(text, conversation, awaited)
        if near is not None and not (near.id.startswith("/") and names_a_theme(text, reading)):
            routed = self._chosen(near, conversation, None)
            read_as = say("shared/read_as", heard=text, meant=near.label)
            return replace(routed, first=(read_as, *routed.first))
        if (passing := self._asked_in_passing(text, conversation, reading)) is not None:
            return passing
        if self._wants_words(conversation, text):
            return Routed(Answer(), text=text, first=() if asked_for(text) else in_need_of_help(reading))
        return _into_draft(self._fresh(text, conversation, reading), conversation)

    def _remark(self, text: str, word: str, conversation: Conversation) -> Routed | None:
        """Return what thanks, "yes" or a smile mean: nothing that the secretariat should be asked about."""
        match self.words.remarks.get(word):
            case "thanks":
                return Routed(Remark((say("shared/welcome"),)))
            case "resume":
                return Routed(Resume())
        if normalise(text) and word not in self.words.remarks:
            return None
        if self.words.remarks.get(word) == "consent":
            chosen = agreement(conversation, self.words.consents)
            if chosen is not None and not chosen.id.startswith("/introduction "):
                return self._chosen(chosen, conversation, None)
            if conversation.frame is None:
                # What waits for it may have come without being asked for, and stand on no card of this conversation.
                return Routed(Enter("yes", {"shown": chosen.id.split()[1]} if chosen else {}))
        if conversation.frame is None:
            return Routed(Remark((say("shared/nothing_waits"),)))
        return (
            None if self._wants_words(conversation, text) else Routed(Repeat((say("shared/not_understood"),)))
        )

    def _wants_words(self, conversation: Conversation, text: str) -> bool:
        """Tell whether a step waits that takes *text*; one with buttons only lets other questions pass."""
        if conversation.frame is None:
            return False
        step = self._waiting(conversation)
        return step is None or step.takes(text)

    def _asked_in_passing(
        self, text: str, conversation: Conversation, reading: Reading | None
    ) -> Routed | None:
        """Return the question to us that a patient step lets go first, None where *text* is the step's."""
        step = self._waiting(conversation)
        if step is None or reading is None:
            return None
        if not (step.patient or (step.reads is not None and is_urgent(reading))):
            return None
        if answers(reading):
            return self._fresh(text, conversation, reading)
        near = None if names_something(reading) else self._near_word(text, conversation, reading)
        match near:
            case Routed(Enter(name)) if (known := self.dialogues.get(name)) and known.answers:
                return near
            case _:
                return None

    def _waiting(self, conversation: Conversation) -> Step | None:
        """Return the step that waits, None where none does, or none that this version has."""
        frame = conversation.frame
        dialogue = self.dialogues.get(frame.dialogue) if frame else None
        return dialogue.step(frame.step) if dialogue and frame else None

    def _fresh(self, text: str, conversation: Conversation, reading: Reading | None) -> Routed:
        """Return what words mean that no step waits for."""
        if (opens := opened_by(text, self.words)) is not None:
            return Routed(opens, text=text)
        if reading is None:
            return Routed(Enter("menu"))
        kind = reading.understood.kind
        # One mistyped word of ours is likelier than a topic that is like it.
        is_open = " " not in text and not is_certain(reading.found)
        if is_open and (opening := self._near_word(text, conversation, reading)) is not None:
            return opening
        match reading.found:
            case Found(key="now" | "agenda" as topic):
                return Routed(Enter(topic, {"text": text}))
            case Found(key="where") as found:
                return Routed(Enter("where", {"room": found.room, "named": found.named, "text": text}))
            case Found(urgent=urgent) if urgent or kind not in ("need", "offer"):
                return Routed(Enter("ask", {"question": text}), text=text)
        asked = asked_for(text)
        if asked is not None and (reading.understood.themes or asked[0] == "practice"):
            return Routed(Enter(SEARCHES[asked[0]], {"question": text}), text=text)
        if kind in ("need", "offer") and len(text) > A_STATEMENT:
            return Routed(Enter(kind, {"text": text}), text=text, first=in_need_of_help(reading))
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
        if names_a_theme(text, reading):
            return None
        if hits := self.words.universal_names.closest(text, limit=1):
            routed = self._universal(self.words.universal[normalise(hits[0].key)], conversation)
            return replace(routed, first=(say("shared/read_as", heard=text, meant=hits[0].key),))
        if " " in text:
            hits = self.words.dialogue_names.closest(text, limit=1)
            return Routed(Enter(hits[0].key)) if hits else None
        hits = self.words.command_names.closest(text, limit=1)
        if not hits:
            return None
        routed = self._command(f"/{hits[0].key}", conversation)
        return replace(routed, first=(say("shared/read_as", heard=text, meant=hits[0].key),))

    def _universal(self, name: str, conversation: Conversation) -> Routed:
        match name:
            case "cancel" if (own := conversation.cancelling) is not None:
                return self._command(own.id, conversation)
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
                return self._universal(name, conversation)
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


def _into_draft(routed: Routed, conversation: Conversation) -> Routed:
    """Let words of which a draft would be made come to the one of that kind that is on show."""
    frame = conversation.frame
    match routed.event:
        case Enter("need" | "offer" as kind, {"text": str(text)}):
            shown = frame is not None and (frame.dialogue, frame.step) in ((kind, "summary"), (kind, "more"))
            return Routed(Answer(), text=text, first=routed.first) if shown else routed
        case _:
            return routed


def read_words(text: str) -> str:
    """Return *text* as far as it is read, without what nobody can have typed."""
    return UNSEEN.sub("", text[:MAX_HEARD]).strip()


def _asks_something(conversation: Conversation, reading: Reading | None) -> bool:
    """Tell whether the words are a question with an answer of its own, and nothing waits for another, or can."""
    if reading is None or not isinstance(reading.found, Found):
        return False
    return conversation.frame is None or reading.found.urgent
