"""
Random walks through every conversation: people who tap, write, change their minds and come back, on a real database.

`python -m tests.walks 20000` walks further than the tests do; it prints how far it came and what it saw.
"""

import asyncio
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import structlog
from sqlmodel import Session
from structlog import DropEvent

from bot.commands import Command
from bot.conversation import Conversation
from bot.dialogue import Dialogue, Turn
from bot.dialogues import DIALOGUES, OPENINGS
from bot.engine import Back, Cancel, Repeat
from bot.links import MAIL
from bot.messages import Card
from bot.participants import known, to_person
from bot.words import STEERING
from tests.databases import store_on
from tests.hostile import VALUES
from tests.renderings import slack, telegram, terminal, web
from tests.transcript import MEDIA, Person, Stage, Watch

CAST = {
    "ana": ("delegate", "FJI", "en"),
    "litia": ("delegate", "FJI", "fr"),
    "focal": ("focal_point", "KAZ", "ru"),
    "mele": ("focal_point", "TON", "zh"),
    "partner": ("partner", None, "fr"),
    "company": ("company", "SGP", "zh"),
    "media": ("media", None, "en"),
    "officer": ("secretariat", None, "en"),
    "admin": ("admin", None, "ru"),
}
"""Who walks: the role, the country and the language of each; and a visitor, who is on the list as `WAITS`."""
VISITOR, WAITS, MAILBOX = "visitor", "newcomer", "newcomer@ministry.example"
BUSY = {"officer": 3, "ana": 2, "focal": 2, "visitor": 2}
"""Who does more than the others."""
BEFORE = (
    ("ana", "we need help to keep vaccines cold on our outer islands, training for 12 technicians"),
    ("ana", "[Send it]"),
    ("focal", "/offer we train technicians for vaccine cold chains, 30 places"),
    ("focal", "1"),
    ("focal", "1"),
)
"""What was said before a walk begins, so that there is something to come across."""
DIGITS = "the digits of the newest e-mail"
SENTENCES = (
    "we need help to keep vaccines cold on our outer islands, training for 12 technicians",
    "we train nurses from the subregion every year, 30 places",
    "Нам нужны учителя для сельских школ",
    "我们需要海水淡化技术的培训",
    "nous pouvons former 20 agents à l'alerte précoce",
    "where is room B",
    "is there a prayer room",
    "who trains nurses?",
    "good practices on early warning",
    "what is on now",
    "call me +66 81 234 5678",
    "name@ministry.example",
    "vaccines",
    "the second one",
    "12 technicians and 6 refrigerators",
    "Fiji and Korea",
    "Kazahkstan",
    "tomorrow at 14:15",
    "quarter past two",
    "482 917",
    MAILBOX,
    DIGITS,
    DIGITS,
    "DELETE",
    "delet",
    "1",
    "2",
    "99",
    "N-0001",
    "O-0001 I-0001",
    "yes",
    "no",
    "да",
    "是",
    "нет",
    "ok",
    "thank you",
    "asdfgh",
    "🙂",
    "?",
)
"""What people write, whatever they were asked."""
STEERS = ("back", "repeat", "continue", "help", "menu", "language", "person", "/lang fr", "/lang en", "назад")
COMMANDS = {
    *STEERING,
    "discard",
    *(command for opens in OPENINGS.values() for command in opens.get("commands", {})),
}
HABITS = {
    "answers": 50,
    "taps": 15,
    "taps an old one": 4,
    "writes": 20,
    "steers": 5,
    "hostile": 2,
    "edit": 2,
    "forwarded": 1,
    "shows": 2,
    "long": 1,
}
"""What people do, and how often."""
CHANGES = 0.25
"""How often somebody else begins something."""
LINES = 40
"""How much of what was said before is shown with a problem."""
SIX = re.compile(r"\b\d{3} \d{3}\b")
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(minutes=40))


@contextmanager
def failures() -> Iterator[list[BaseException | None]]:
    """Give what went wrong meanwhile in a turn, for which the assistant apologised."""
    found: list[BaseException | None] = []

    def note(_logger: Any, _method: str, event: Any) -> NoReturn:
        if event["event"].endswith("turn_failed"):
            found.append(sys.exception())
        raise DropEvent

    processors = structlog.get_config()["processors"]
    usual = processors.copy()
    processors[:] = [note]
    try:
        yield found
    finally:
        processors[:] = usual


class Entered(dict[str, Dialogue]):
    """The dialogues, which remember by which names they were asked for."""

    def __init__(self) -> None:
        super().__init__(DIALOGUES)
        self.names: Counter[str] = Counter()

    def __getitem__(self, name: str) -> Dialogue:
        self.names[name] += 1
        return super().__getitem__(name)


@dataclass
class Seen:
    """What a walk came across."""

    turns: int = 0
    dialogues: Counter[str] = field(default_factory=Counter)
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: "Seen") -> None:
        """Count what another walk came across, too."""
        self.turns += other.turns
        self.dialogues += other.dialogues
        self.steps += other.steps


class Walk:
    """One walk: who does what next is drawn from *seed*."""

    def __init__(self, stage: Stage, entered: "Entered", seed: int) -> None:
        self._stage = stage
        self._draw = random.Random(seed)
        self._engine = stage.turns.engine
        self._entered = entered
        for name, (role, country, lang) in CAST.items():
            stage.register(name, role, country, lang)
        stage.register(WAITS, "delegate", "WSM", "en", email=MAILBOX)
        stage.introduce("ana", "mele")
        self._to_open = {name: list(_openings(self._draw)) for name in (*CAST, VISITOR)}
        for words in self._to_open.values():
            self._draw.shuffle(words)
        self._who = "ana"
        self._last: list[str] = []
        self._checked: Counter[str] = Counter()
        self.seen = Seen()

    async def go(self, turns: int) -> Seen:
        """Take that many turns; raises AssertionError, with the last lines, where one leads to a dead end."""
        for name, words in BEFORE:
            await self._hear(name, words)
        while self.seen.turns < turns:
            try:
                await self._turn()
            except AssertionError as exc:
                exc.add_note("\n".join(self._last[-LINES:]))
                raise
        self.seen.dialogues = self._entered.names
        return self.seen

    async def _turn(self) -> None:
        if self._draw.random() < 0.03:
            self._stage.pass_time(self._draw.choice(PAUSES))
        name, words = self._next()
        said = await self._hear(name, words)
        assert said or self._may_be_silent(words), "silence"
        self._look(name)
        if self._draw.random() < 0.05:
            await self._leave(name)

    async def _hear(self, name: str, words: str) -> list[str]:
        person = self._stage.person(name)
        before = len(person.cards)
        self._last.append(f"{name}> {words}")
        words = self._digits() if words == DIGITS else words
        with failures() as failed:
            lines = await self._stage.hear(name, words)
        if failed:
            raise AssertionError("the turn failed") from failed[0]
        self._last += lines
        self.seen.turns += 1
        own = person.cards[before:]
        for one in self._stage.people.values():
            for _, card in one.cards[self._checked[one.name] :]:
                _check(card)
            self._checked[one.name] = len(one.cards)
        return [card.body or card.heading for _, card in own] or [one for one in lines if "(toast)" in one]

    def _digits(self) -> str:
        """Return the digits of the newest e-mail, others where there is none."""
        for _, card in reversed(self._stage.person(MAIL).cards):
            if found := SIX.search(card.body):
                return found[0]
        return "000 000"

    def _next(self) -> tuple[str, str]:
        """Draw who does something, and what: most often whoever did the last thing goes on with it."""
        if self._draw.random() < CHANGES:
            names = list(self._to_open)
            (self._who,) = self._draw.choices(names, [BUSY.get(name, 1) for name in names])
            if self._to_open[self._who]:
                return self._who, self._to_open[self._who].pop()
        return self._who, self._words(self._stage.person(self._who))

    def _words(self, person: Person) -> str:
        kind = self._draw.choices(list(HABITS), list(HABITS.values()))[0]
        label = self._a_button(person, kind)
        if label is not None:
            return f"[{label}]"
        match kind:
            case "steers":
                return self._draw.choice(STEERS)
            case "hostile":
                return self._draw.choice(list(VALUES.values()))
            case "shows":
                return f"({self._draw.choice(sorted(MEDIA))})"
            case "edit" if person.typed is None:
                return self._draw.choice(SENTENCES)
            case "edit" | "forwarded" | "long":
                return f"({kind}) {self._draw.choice(SENTENCES)}"
            case _:
                return self._draw.choice(SENTENCES)

    def _a_button(self, person: Person, kind: str) -> str | None:
        """Draw a button: one that answers the newest question, any of the newest card, or one of long ago."""
        cards = [card for _, card in person.cards if card.choices][-12:]
        if kind not in ("answers", "taps", "taps an old one") or not cards:
            return None
        card = self._draw.choice(cards) if kind == "taps an old one" else cards[-1]
        choices = [choice for _, choice in card.numbered()]
        answers = [choice for choice in choices if not choice.id.startswith("/")]
        return self._draw.choice((kind == "answers" and answers) or choices).label

    def _look(self, name: str) -> None:
        """See that from where *name* is now, cancel ends, and the step can be asked again and gone back from."""
        conversation, turn = self._place(name)
        if conversation.frame is None or turn is None:
            return
        self.seen.steps[conversation.frame.dialogue, conversation.frame.step] += 1
        after = None
        for event in (Repeat(), Back(), Cancel()):
            after = self._engine.advance(conversation, event, turn, _nothing)
            assert after.says, f"{event} is answered with silence"
            for number, saying in enumerate(after.says):
                _check(self._stage.turns.wording.card(saying, turn.person.lang, f"0.{number}", turn.know))
        assert after is not None
        assert after.conversation.frame is None, "cancel does not end it"

    def _place(self, name: str) -> tuple[Conversation, Turn | None]:
        """Return where *name* is in which conversation, and a turn of theirs in which nothing was said."""

        def read(session: Session) -> tuple[Conversation, Turn | None]:
            address = self._stage.person(name).address
            found = known(session, address)
            if found is None:
                return Conversation(), None
            know = self._stage.turns.overlay.of(session, self._stage.know)
            turn = Turn(to_person(found.actor, address.channel), know, self._stage.watch.now)
            return Conversation.from_json(found.state) if found.state else Conversation(), turn

        return self._stage.store.read(read)

    async def _leave(self, name: str) -> None:
        """Have *name* cancel until nothing waits, and see that the menu is there."""
        await self._hear(name, "/cancel")
        for _ in range(len(DIALOGUES)):
            if self._place(name)[0].frame is None:
                break
            await self._hear(name, "/cancel")
        assert self._place(name)[0].frame is None, "cancel does not end it"
        await self._hear(name, "/menu")
        assert self._stage.person(name).cards[-1][1].choices, "the menu has no buttons"

    def _may_be_silent(self, words: str) -> bool:
        """Tell whether nothing is the right answer: to a second sticker, to a second tap, to a change of old words."""
        return words.startswith(("(sticker)", "(edit)", "["))


def _openings(draw: random.Random) -> Iterator[str]:
    """Yield for each conversation one of the ways to open it: a word, a command, a command with something after it."""
    for opens in OPENINGS.values():
        ways = list(opens.get("words", ()))[:1]
        for command, slot in opens.get("commands", {}).items():
            ways += [f"/{command}"] if slot is None else [f"/{command}", f"/{command} 1"]
        if ways:
            yield draw.choice(ways)


def _check(card: Card) -> None:
    """See that *card* can be written on every channel, and that each of its buttons leads somewhere."""
    for written in (telegram, slack, web, terminal):
        written(card)
    labels = [choice.label for _, choice in card.numbered()]
    assert all(labels), f"a button without a name: {labels}"
    assert len(labels) == len(set(labels)), f"two buttons of one name: {labels}"
    for _, choice in card.numbered():
        command = choice.id.removeprefix("/").split()[0] if choice.id.startswith("/") else None
        assert command is None or command in COMMANDS, f"[{choice.label}] leads nowhere: {choice.id}"


def _nothing(command: Command) -> NoReturn:
    raise AssertionError(f"asking again, going back or cancelling does {command.action}")


async def walk(turns: int, seed: int) -> Seen:
    """Walk that many turns on a new database."""
    entered = Entered()
    with tempfile.TemporaryDirectory() as folder, store_on("sqlite", Path(folder)) as store:
        return await Walk(Stage(store, Watch(), dialogues=entered), entered, seed).go(turns)


def main() -> None:
    """Walk as many turns as the command line says, a new database for each thousand."""
    seen, turns = Seen(), int(sys.argv[1])
    for seed, walked in enumerate(range(0, turns, 1000)):
        seen.add(asyncio.run(walk(min(1000, turns - walked), seed)))
    steps = {(name, step.name) for name, dialogue in DIALOGUES.items() for step in dialogue.steps}
    print(f"{seen.turns} turns, {len(seen.dialogues)} of {len(DIALOGUES)} dialogues")
    print(f"{len(seen.steps)} of {len(steps)} steps; not: {sorted(steps - seen.steps.keys())}")


if __name__ == "__main__":
    main()
