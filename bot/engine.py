"""
The engine of all dialogues: takes a paused conversation and what was heard, runs on to the next wait.

It knows neither database nor channel: commands go to the *perform* it is handed, utterances come back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.commands import Command
from bot.conversation import TRAIL, Conversation, Frame
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, say
from bot.errors import NotAllowed, Refused

MOVES = 12
"""Moves that one turn may take; more would be two dialogues handing over to each other for ever."""

Perform = Callable[[Command], Any]
Dialogues = Mapping[str, Dialogue]


@dataclass(frozen=True, slots=True)
class Enter:
    """Open a dialogue, with slots to begin from."""

    dialogue: str
    slots: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The waiting step hears the turn."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the waiting dialogue and keep its draft; *then* opens after it, told with `cancelled`, or in its place."""

    then: Enter | None = None


@dataclass(frozen=True, slots=True)
class Back:
    """Return to the step before."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Ask the waiting step's question again; *first* is said before it."""

    first: tuple[Saying, ...] = ()


@dataclass(frozen=True, slots=True)
class Resume:
    """Take up a draft again, or go on with what waits."""

    dialogue: str | None = None


@dataclass(frozen=True, slots=True)
class Discard:
    """Delete a draft."""

    dialogue: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Say something and leave the conversation where it is."""

    says: tuple[Saying, ...]


Event = Enter | Answer | Cancel | Back | Repeat | Resume | Discard | Remark


@dataclass(frozen=True, slots=True)
class Advanced:
    """
    What a turn came to.

    *says* are the utterances in order; *asking* is the place in it of the waiting step's question, None when
    that question was not asked in this turn.
    """

    conversation: Conversation
    says: tuple[Saying, ...]
    asking: int | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """Runs dialogues; a *perform* that carries commands out is handed to each turn."""

    dialogues: Dialogues

    def advance(self, conversation: Conversation, event: Event, turn: Turn, perform: Perform) -> Advanced:
        """Return the conversation after *event* and what is to be said."""
        match event:
            case Enter(name, slots):
                return self._enter(conversation, name, turn.with_slots(slots), perform)
            case Answer():
                return self._answer(conversation, turn, perform)
            case Cancel(then):
                return self._cancel(conversation, then, turn, perform)
            case Back():
                return self._back(conversation, turn)
            case Repeat(first):
                return self._ask_again(conversation, turn, first)
            case Resume(name):
                return self._resume(conversation, name, turn)
            case Discard(name):
                return Advanced(conversation.without_draft(name), (say("shared/draft_deleted", edit=True),))
            case Remark(says):
                return Advanced(conversation, says)

    def _enter(self, conversation: Conversation, name: str, turn: Turn, perform: Perform) -> Advanced:
        dialogue = self.dialogues[name]
        _, step = self._place(conversation.frame) if conversation.frame else (None, None)
        if step is not None and step.passing:
            conversation = replace(conversation, frame=None)
        return self._run(conversation, dialogue, dialogue.open(turn), turn, perform, entering=True)

    def _answer(self, conversation: Conversation, turn: Turn, perform: Perform) -> Advanced:
        frame = conversation.frame
        if frame is None:
            return Advanced(conversation, (say("shared/nothing_waits"),))
        dialogue, step = self._place(frame)
        if dialogue is None or step is None:
            return self._begin_again(conversation, frame, turn, perform)
        turn = turn.with_slots(frame.slots)
        return self._run(conversation, dialogue, step.hear(turn), turn, perform, entering=False)

    def _run(
        self,
        conversation: Conversation,
        dialogue: Dialogue,
        move: Move,
        turn: Turn,
        perform: Perform,
        *,
        entering: bool,
    ) -> Advanced:
        """Follow moves until a step waits or the dialogue is over; *entering* is false inside the waiting one."""
        says: list[Saying] = []
        ended = None if entering else conversation.frame
        for _ in range(MOVES):
            says += move.says
            if move.do is not None and move.then is not None:
                move = self._performed(move.do, move.then, move.refused, turn, perform)
            elif move.opens is not None:
                if not entering:
                    conversation, entering = replace(conversation, frame=None), True
                turn = turn.with_slots(move.slots)
                dialogue = self.dialogues[move.opens]
                move = dialogue.open(turn)
            elif move.to is None:
                return self._ended(conversation, tuple(says), turn, ended)
            else:
                return self._wait(conversation, dialogue, move, turn, says, entering=entering)
        raise RuntimeError(f"the dialogue {dialogue.name} does not come to a wait")

    @staticmethod
    def _performed(
        command: Command,
        then: Callable[[Turn, Any], Move],
        refused: Callable[[Turn, Refused], Move] | None,
        turn: Turn,
        perform: Perform,
    ) -> Move:
        """Return what follows from *command*, or from its refusal; that the role has no right to it is the caller's."""
        try:
            result = perform(command)
        except NotAllowed:
            raise
        except Refused as exc:
            if refused is None:
                raise
            return refused(turn, exc)
        return then(turn, result)

    def _ended(
        self, conversation: Conversation, says: tuple[Saying, ...], turn: Turn, ended: Frame | None
    ) -> Advanced:
        """Offer again what still waits, or, when *ended* is over, what had been set aside for it."""
        if ended is None:
            waiting = conversation.frame
        else:
            conversation = replace(conversation, frame=None)
            waiting = conversation.interrupted(turn.now)
        if waiting is not None and says:
            says = (*says, self._still_open(waiting, ended))
        return Advanced(conversation, says)

    def _wait(
        self,
        conversation: Conversation,
        dialogue: Dialogue,
        move: Move,
        turn: Turn,
        says: list[Saying],
        *,
        entering: bool,
    ) -> Advanced:
        step = move.to
        assert step is not None  # noqa: S101 - told by the caller
        before = None if entering else conversation.frame
        if entering and conversation.frame is not None:
            conversation = self._interrupted(conversation, turn)
        trail = self._trail(before, step)
        frame = Frame(dialogue.name, step.name, move.slots, trail)
        says.append(move.asks or step.ask(turn.with_slots(move.slots)))
        return Advanced(replace(conversation, frame=frame), tuple(says), len(says) - 1)

    @staticmethod
    def _trail(before: Frame | None, step: Step) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """Return the way back; a step that comes a second time cuts what lay between."""
        if before is None:
            return ()
        walked = before.trail if before.step == step.name else (*before.trail, (before.step, before.slots))
        names = [name for name, _ in walked]
        return (walked[: names.index(step.name)] if step.name in names else walked)[-TRAIL:]

    def _interrupted(
        self, conversation: Conversation, turn: Turn, *, cancelled: bool = False
    ) -> Conversation:
        """Return the conversation with nothing waiting; a kept dialogue becomes a draft."""
        frame = conversation.frame
        if frame is None:
            return conversation
        dialogue = self.dialogues.get(frame.dialogue)
        if dialogue is not None and dialogue.kept:
            conversation = conversation.set_aside(frame, turn.now, cancelled=cancelled)
        return replace(conversation, frame=None)

    def _cancel(
        self, conversation: Conversation, then: Enter | None, turn: Turn, perform: Perform
    ) -> Advanced:
        # What was interrupted, and is offered under each answer, is meant too.
        frame = conversation.frame or conversation.interrupted(turn.now)
        if frame is None and then is not None:
            return self._enter(conversation, then.dialogue, turn.with_slots(then.slots), perform)
        if frame is None:
            return Advanced(conversation, (say("shared/nothing_to_cancel"),))
        after = self._interrupted(replace(conversation, frame=frame), turn, cancelled=True)
        kept = bool(after.drafts) and after.drafts[-1].frame.dialogue == frame.dialogue
        cancelled = say("shared/cancelled", edit=True, kept=kept, dialogue=frame.dialogue)
        waiting = after.interrupted(turn.now)
        says = (cancelled, self._still_open(waiting, frame)) if waiting else (cancelled,)
        if then is not None:
            given = turn.with_slots({**then.slots, "cancelled": True})
            says = (*says, *self._enter(after, then.dialogue, given, perform).says)
        return Advanced(after, says)

    def _back(self, conversation: Conversation, turn: Turn) -> Advanced:
        frame = conversation.frame
        if frame is None:
            return Advanced(conversation, (say("shared/nothing_waits"),))
        if not frame.trail:
            return self._ask_again(conversation, turn, ())
        (step, slots), trail = frame.trail[-1], frame.trail[:-1]
        earlier = Frame(frame.dialogue, step, slots, trail)
        return self._ask_again(replace(conversation, frame=earlier), turn, ())

    def _ask_again(self, conversation: Conversation, turn: Turn, first: tuple[Saying, ...]) -> Advanced:
        frame = conversation.frame
        if frame is None:
            return Advanced(conversation, first or (say("shared/nothing_waits"),))
        _, step = self._place(frame)
        if step is None:
            dialogue = frame.dialogue if frame.dialogue in self.dialogues else None
            gone = say("shared/step_gone", dialogue=dialogue)
            return Advanced(replace(conversation, frame=None), (*first, gone))
        asking = step.ask(turn.with_slots(frame.slots))
        return Advanced(conversation, (*first, asking), len(first))

    def _resume(self, conversation: Conversation, name: str | None, turn: Turn) -> Advanced:
        if conversation.frame is not None and name in (None, conversation.frame.dialogue):
            return self._ask_again(conversation, turn, ())
        draft = conversation.draft(name, turn.now)
        if draft is None:
            return Advanced(conversation, (say("shared/no_draft", edit=True),))
        resumed = self._interrupted(conversation, turn).without_draft(draft.frame.dialogue)
        return self._ask_again(replace(resumed, frame=draft.frame), turn, ())

    def _begin_again(
        self, conversation: Conversation, frame: Frame, turn: Turn, perform: Perform
    ) -> Advanced:
        """Start the dialogue anew, with an apology: its step no longer exists in this version."""
        gone = say("shared/began_again")
        conversation = replace(conversation, frame=None)
        if frame.dialogue not in self.dialogues:
            return Advanced(conversation, (gone,))
        # What was heard answered a question of the past: the dialogue opens with nothing said.
        blank = replace(turn, text="", choice=None, understood=None, found=None)
        fresh = self._enter(conversation, frame.dialogue, blank, perform)
        asking = None if fresh.asking is None else fresh.asking + 1
        return Advanced(fresh.conversation, (gone, *fresh.says), asking)

    def _place(self, frame: Frame) -> tuple[Dialogue | None, Step | None]:
        dialogue = self.dialogues.get(frame.dialogue)
        return dialogue, dialogue.step(frame.step) if dialogue else None

    @staticmethod
    def _still_open(waiting: Frame, ended: Frame | None) -> Saying:
        another = ended is not None and ended.dialogue == waiting.dialogue
        return say("shared/still_open", dialogue=waiting.dialogue, step=waiting.step, another=another)
