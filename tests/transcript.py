"""
Replays a conversation written down as text, through the real assistant and a real database.

    clock: 2022-09-13T10:42+07:00     headers: clock, role, country, lang; any other name is a further person
    officer: secretariat              and their role, with a country, a language and sessions they follow;
                                      with an e-mail address they are on the registration list and did not write yet
    introduced: me litia              the two were introduced to one another, and showed who they are
    venue: 10.5 20.25                 the pack says that the venue stands there
    approval: 1                       announcements to more people than that need a second officer
    also: me slack                    they are linked in that messenger too; what comes there is marked (slack)

    # a comment
    > wher rom                        heard; `officer> ...` when that person writes
    < Room B, first floor.            said; further lines are indented by two
      [I am somewhere else]           buttons, in their rows
      -- (sample programme)           small print
    > [I am somewhere else]           a tap on the newest card with such a button
    > (edit) text                     the last words typed, changed
    > (long) text                     the text over and over, past what is read; `\\u202e` is that sign
    > (reply) text                    the answer to the newest card to somebody one is introduced to
    > (forwarded) text                and (voice), (sticker), (photo), (document), (location), (contact)
    > (at once) text                  no time passes before it
    > (group) text                    written to the assistant in a group, where everybody reads the answer
    > (topic) text                    the same in a topic of that group
    + 25 min                          time passes
    (restarted)                       the assistant is started anew on the same database
    mail< (name@ministry.example) …   an e-mail, with its secrets in place
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select, update
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from bot import ledger
from bot.assistant import Assistant
from bot.broadcasts import Rules
from bot.clock import Clock
from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.dialogues import DIALOGUES
from bot.engine import Dialogues, Engine
from bot.identity import actor_of
from bot.introduction_commands import AgreeIntroduction, OfferIntroduction
from bot.jobs import JOBS, Job, catch_up
from bot.keys import Keys
from bot.links import MAIL, Ways, revealed
from bot.markup import plain
from bot.messages import (
    MAX_HEARD,
    Address,
    Card,
    Edit,
    Heard,
    Immediate,
    Inbound,
    Media,
    Opened,
    Outbound,
    Tap,
    Text,
)
from bot.participants import Actor
from bot.records import Records
from bot.routing import Router
from bot.snapshots import Snapshots
from bot.store import Following, KnownAddress, Participant
from bot.turns import DELIVERIES, Turns
from bot.words import Words
from knowledge.forum import Coordinates
from knowledge.vocabulary import LANGUAGES
from tests.databases import store_on
from tests.doors import Door, to_outbound
from tests.samples import router, sample_snapshot, snapshot_at, wording

KEYS = Keys(b"the key of all transcripts")
PAGE = "https://forum.example/link/"
ME = "me"
HEADER = re.compile(r"(\w+): (.+)")
HEARD = re.compile(r"(\w+)?> ?(.*)")
SAID = re.compile(r"(\w+)?< ")
SIGN = re.compile(r"\\u([0-9a-f]{4})")
PAUSE = re.compile(r"\+ (\d+) (s|min|h)")
UNITS = {"s": "seconds", "min": "minutes", "h": "hours"}
BETWEEN = timedelta(seconds=5)
"""Time from one message to the next."""
REPLY = "(reply) "
AT_ONCE = "(at once) "
PLACES: dict[str, tuple[str, str | None]] = {"(group) ": ("group", None), "(topic) ": ("group", "7")}
"""Where others read along, by the mark of what is written there: the chat and its topic."""
RESTARTED = "(restarted)"
MEDIA = {"voice", "sticker", "photo", "document", "location", "contact"}


@dataclass
class Watch:
    """A clock that moves only when the transcript says so."""

    now: datetime = datetime(2022, 9, 13, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Person:
    """Somebody in the transcript, and what they wrote and were sent so far."""

    name: str
    door: Door
    typed: str | None = None
    cards: list[tuple[str, Card]] = field(default_factory=list)

    @property
    def address(self) -> Address:
        return Address(self.door.channel, self.door.user(self.name))

    @property
    def introduced(self) -> str:
        """Return the newest message under which words are passed on."""
        return next(
            message
            for message, card in reversed(self.cards)
            if any(choice.id.startswith("/write ") for _, choice in card.numbered())
        )

    def tap(self, label: str) -> Tap:
        """Return the tap on the newest card that has a button with that label."""
        for message, card in reversed(self.cards):
            for number, choice in card.numbered():
                if choice.label == label:
                    return Tap(card.ref, number, message)
        raise AssertionError(f"nobody offered [{label}] to {self.name}")


class Stage:
    """The assistant with everything behind it, and the people who write to it."""

    def __init__(
        self,
        store: Store,
        watch: Watch,
        rules: Rules | None = None,
        dialogues: Dialogues = DIALOGUES,
        door: Door | None = None,
    ) -> None:
        self.store = store
        self.door = door or Door()
        self.door.begin()
        self.watch = watch
        self.people: dict[str, Person] = {}
        self.unshown: list[Outbound] = []
        self.count = 0
        self.know = self.followed = sample_snapshot()
        self.turns = Turns(
            Engine(dialogues),
            router() if dialogues is DIALOGUES else Router(Words.read(), dialogues),
            wording(),
            Clock(source=watch),
            rules=rules or Rules(),
            keys=KEYS,
            ways=Ways(mail=True, page=True),
        )
        self.start()

    def start(self) -> None:
        """Have an assistant that remembers nothing but what is in the database."""
        self.assistant = Assistant(self.store, Snapshots(self.store, self.know), self.turns, wording())

    def person(self, name: str) -> Person:
        return self.people.setdefault(name, Person(name, self.door))

    def register(
        self,
        name: str,
        role: str,
        country: str | None,
        lang: str,
        follows: Sequence[str] = (),
        email: str | None = None,
    ) -> None:
        """Put somebody on the list of participants before the conversation begins; with an *email* nowhere else."""
        row = Participant(
            name=name.capitalize() if name != ME else None,
            role=role,
            country=country,
            language=lang if email is None else None,
            email=email,
            confirmed=True,
            consented=CONSENT_VERSION if email is None else None,
            created_at=self.watch.now,
        )
        user = self.door.user(name)

        def keep(session) -> None:  # type: ignore[no-untyped-def]
            session.add(row)
            session.flush()
            if email is not None:
                return
            session.add(
                KnownAddress(channel=self.door.channel, user=user, participant_id=row.id, chat=user),
            )
            self.door.met(session, user, row.id, self.watch.now)
            for followed in follows:
                session.add(Following(participant_id=row.id, session=followed))

        self.store.write(keep).result()
        if email is None:
            self.person(name)

    def link(self, name: str, channel: str) -> None:
        """Have somebody linked on a second channel."""
        found = select(KnownAddress.participant_id).where(KnownAddress.user == self.door.user(name))

        def keep(session: Session) -> None:
            person = session.execute(found).scalar_one()
            session.add(KnownAddress(channel=channel, user=name, participant_id=person, chat=name))

        self.store.write(keep).result()

    def introduce(self, one: str, other: str) -> None:
        """Let both have agreed to be introduced before the conversation begins, and to show who they are."""
        found = col(KnownAddress.user).in_([self.door.user(one), self.door.user(other)])

        def agree(session: Session) -> None:
            people = [row.participant_id for row in session.exec(select_rows(KnownAddress).where(found))]
            press, now = self.turns.press(self.know), self.watch.now
            officer = Records(session, Actor(role="admin"), now, press)
            number = officer.perform(OfferIntroduction("N-0001", people[0], people[1]))
            for own in people:
                shown = AgreeIntroduction(number, ("country", "name"))
                Records(session, actor_of(session, own), now, press).perform(shown)

        self.store.write(agree).result()

    async def hear(self, name: str, words: str) -> list[str]:
        """Take one line of the transcript through the assistant; return the lines that were said."""
        person = self.person(name)
        begun = [] if words.startswith(AT_ONCE) else self.pass_time(BETWEEN)
        words = words.removeprefix(AT_ONCE)
        self.count += 1
        message = f"u{self.count}"
        replies = words.startswith(REPLY)
        mark = next((one for one in PLACES if words.startswith(one)), "")
        chat, topic = PLACES.get(mark, (person.address.user, None))
        words = words.removeprefix(REPLY).removeprefix(mark)
        heard = to_heard(words, person)
        if isinstance(heard, Text):
            person.typed = message
        inbound = Inbound(
            key=str(self.count),
            address=person.address,
            at=self.watch.now,
            heard=heard,
            chat=chat,
            place="group" if mark else "private",
            thread=topic,
            topic=topic,
            message=person.typed if isinstance(heard, Edit) else message,
            answers=person.introduced if replies else None,
        )
        await self.show()
        immediate = await self.door.hear(self.assistant, name, inbound)
        await self.assistant.drain()
        said = self._said()
        await self.show()
        return [*begun, *_toast(immediate), *said]

    async def show(self) -> None:
        """Let people read what was said since the last time."""
        unshown, self.unshown = self.unshown, []
        await self.door.show(unshown)

    async def recover(self) -> list[str]:
        """Take up what was kept until now; return what was said."""
        await self.assistant.recover()
        return self._said()

    def pass_time(self, pause: timedelta) -> list[str]:
        """Let *pause* go by, with the announcements whose time comes meanwhile; return what was said."""
        self.watch.now += pause
        self._catch_up()
        while job := self.store.read(self._first_due):
            self.store.write(partial(self._do, job)).result()
        return self._said()

    def _catch_up(self) -> None:
        """Have what follows from the programme done where that has changed."""
        know = self.store.read(lambda session: self.turns.overlay.of(session, self.know))
        if know is not self.followed:
            self.store.write(
                lambda session: catch_up(session, self.turns.press(know), self.watch.now)
            ).result()
            self.followed = know

    def _first_due(self, session: Session) -> Job | None:
        now = self.watch.now
        return next((job for job in JOBS if (at := job.next(session, now)) and at <= now), None)

    def _do(self, job: Job, session: Session) -> None:
        know = self.turns.overlay.of(session, self.know)
        job.do(session, self.turns.press(know), self.watch.now)

    def _said(self) -> list[str]:
        """Return what was queued since the last time, and have it delivered."""
        table = DELIVERIES.c
        query = (
            select(
                *(table.id, table.ref, table.channel, table.user, table.chat, table.thread),
                *(table.replaces, table.deletes, table.silent),
                ledger.CARD.label("card"),
            )
            .select_from(ledger.WITH_CARDS)
            .where(table.state == "queued")
            .order_by(table.id)
        )
        lines: list[str] = []
        rows = self.store.read(lambda session: session.execute(query).all())
        names = {person.address.user: name for name, person in self.people.items()}
        for row in rows:
            person = self.person(names.get(row.user, row.user) if row.channel != MAIL else MAIL)
            card = Card.from_json({**row.card, "ref": row.ref})
            if row.channel == MAIL:
                card = revealed(card, KEYS, PAGE)
            elif row.channel == self.door.channel:
                self.unshown.append(to_outbound(row, card))
            person.cards.append((f"m{row.id}", card))
            prefix = "< " if person.name == ME else f"{person.name}< "
            how = "(deleted) " if row.deletes else "(edit) " if row.replaces is not None else ""
            how = f"({row.user}) " if row.channel == MAIL else how
            how = f"({row.channel}) {how}" if row.channel not in (MAIL, self.door.channel) else how
            lines += _written(card, prefix, how)
        for row in rows:
            sent = update(DELIVERIES).where(table.id == row.id).values(state="sent", message=f"m{row.id}")
            self.store.write(lambda session, sent=sent: session.execute(sent)).result()
        return lines


def to_heard(words: str, person: Person) -> Heard:
    """Return what a line of the transcript stands for."""
    kind, _, rest = words.partition(") ")
    kind = kind.strip("()")
    if words.startswith("[") and words.endswith("]"):
        return person.tap(words[1:-1])
    if not words.startswith("("):
        return Text(SIGN.sub(lambda found: chr(int(found[1], 16)), words.replace("\\n", "\n")))
    match kind:
        case "long":
            return Text(f"{rest} " * (MAX_HEARD // len(rest) + 1))
        case "opened":
            return Opened(rest)
        case "edit":
            assert person.typed is not None, "nothing was typed that could be edited"
            return Edit(rest, person.typed)
        case "forwarded":
            return Text(rest, forwarded=True)
        case _ if kind in MEDIA:
            return Media(kind, rest)  # type: ignore[arg-type]
        case _:
            return Media("other", rest)


def _toast(immediate: Immediate | None) -> list[str]:
    return [f"< (toast) {immediate.toast}"] if immediate and immediate.toast else []


def _written(card: Card, prefix: str, how: str) -> list[str]:
    """Return a card as lines of a transcript."""
    lines = [plain(card.heading)] if card.heading else []
    lines += filter(None, plain(card.body).splitlines())
    lines += [f"{plain(part.label)}: {plain(part.value)}" for part in card.fields]
    lines += [" ".join(f"[{choice.label}]" for choice in row) for row in card.choices]
    lines += [f"-- {line}" for line in plain(card.note).splitlines()]
    lines[0] = f"{how}{lines[0]}"
    return [f"{prefix}{lines[0]}", *(f"  {line}".rstrip() for line in lines[1:])]


@contextmanager
def stage(
    folder: Path, watch: Watch, dialect: str = "sqlite", rules: Rules | None = None, door: Door | None = None
) -> Iterator[Stage]:
    """Give an assistant with a database of its own, in *folder* where it is a file."""
    with store_on(dialect, folder) as store:
        yield Stage(store, watch, rules, door=door)


async def replayed(transcript: str, folder: Path, dialect: str = "sqlite", door: Door | None = None) -> str:
    """Return *transcript* with what the assistant says today, to whom comes by *door*, in place of what it said."""
    headers, lines = _headers(transcript.splitlines())
    watch = Watch()
    if "clock" in headers:
        watch.now = datetime.fromisoformat(headers["clock"]).astimezone(UTC)
    written = [f"{name}: {value}" for name, value in headers.items()]
    rules = Rules(approval_above=int(headers.get("approval", Rules().approval_above)))
    with stage(folder, watch, dialect, rules, door) as play:
        _cast(play, headers)
        for line in lines:
            if SAID.match(line) or line.startswith("  "):
                continue
            written.append(line)
            if line == RESTARTED:
                play.start()
            elif found := HEARD.fullmatch(line):
                written += await play.hear(found[1] or ME, found[2])
            elif found := PAUSE.fullmatch(line):
                written += play.pass_time(timedelta(**{UNITS[found[2]]: int(found[1])}))
                written += await play.recover()
                await play.show()
    return "\n".join(written) + "\n"


def _headers(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    headers: dict[str, str] = {}
    for number, line in enumerate(lines):
        found = HEADER.fullmatch(line)
        if not found:
            return headers, lines[number:]
        headers[found[1]] = found[2]
    return headers, []


def _cast(play: Stage, headers: dict[str, str]) -> None:
    """Register whom the headers name; who has no role is a stranger."""
    known = {"clock", "role", "country", "lang", "approval", "introduced", "also", "venue"}
    if "venue" in headers:
        play.know = play.followed = snapshot_at(Coordinates(*map(float, headers["venue"].split())))
        play.start()
    if "role" in headers:
        play.register(ME, headers["role"], headers.get("country"), headers.get("lang", "en"))
    for name in [name for name in headers if name not in known]:
        role, *more = headers[name].split()
        email = next((one for one in more if "@" in one), None)
        more = [one for one in more if one != email]
        country = next((one for one in more if one.isupper()), None)
        lang = next((one for one in more if one in LANGUAGES), "en")
        follows = [one for one in more if one not in (country, lang)]
        play.register(name, role, country, lang, follows, email)
    if "also" in headers:
        play.link(*headers["also"].split())
    for pair in headers.get("introduced", "").split(","):
        if pair.strip():
            play.introduce(*pair.split())
