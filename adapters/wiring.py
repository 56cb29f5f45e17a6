"""Builds the parts of an installation and puts them together; everything else is handed what it needs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from pydantic import SecretStr
from sqlmodel import Session

from adapters import calendars
from adapters.adapter import Adapter
from adapters.settings import Settings, database_url, read_keys
from adapters.webchat import Doors, WebChat
from bot import rehearsal, schema
from bot.alarms import OPTION, ring
from bot.assistant import Assistant
from bot.channel import Channel
from bot.clock import Clock
from bot.database import Store, lock
from bot.dialogues import DIALOGUES
from bot.engine import Engine
from bot.jobs import Jobs
from bot.keys import Keys
from bot.leases import Leases, Sole, Work
from bot.links import Ways
from bot.maps import MAPS
from bot.news import NO_NEWS, News, tell_with
from bot.office import Office
from bot.pace import Pace, slack_pace, telegram_pace
from bot.routing import Router
from bot.sender import Sender
from bot.snapshots import Snapshots, ready, snapshot_of
from bot.turns import Turns
from bot.wording import Wording
from bot.words import Words
from knowledge import store as packs
from knowledge.loaders.pack import Pack, read_pack
from knowledge.sample import sample_pack
from knowledge.snapshot import Snapshot

if TYPE_CHECKING:
    from adapters.telegram import Telegram

MAIL_RATE = 5.0
"""Letters a second: more looks like spam to most mail servers."""


@dataclass(frozen=True, slots=True)
class Parts:
    """One installation, ready to talk: its database, what it knows, and the core."""

    settings: Settings
    keys: Keys
    store: Store
    clock: Clock
    snapshots: Snapshots
    wording: Wording
    assistant: Assistant
    leases: Leases
    news: News

    @property
    def together(self) -> bool:
        """Tell whether other processes may work on the same database, as they may on PostgreSQL."""
        return self.store.dialect == "postgresql"

    def sender(self, channels: Sequence[Channel], user: str | None = None) -> Sender:
        """Return the sender for *channels*, or for one *user* of them, told of every turn's replies at once."""
        sender = Sender(
            self.store,
            channels,
            self.clock,
            _paces(self.settings),
            user,
            leases=self.leases if user is None else None,
        )
        self.assistant.connect(sender)
        return sender

    def jobs(self) -> Work:
        """Return what does by itself what is due: in this process, or in one of several."""
        jobs = Jobs(self.store, self.snapshots, self.wording, self.clock, self.settings.rules)
        if not self.together:
            return jobs.run
        from adapters.due import Looks

        return Looks(self.store.url, jobs).run


def own_clock(settings: Settings, snapshot: Snapshot, store: Store) -> Clock:
    """Return the settings' clock, whoever else works on *store*; a pack that is rehearsed starts on its own moment."""
    start = settings.as_of or snapshot.forum.rehearsal_start
    return Clock.starting_at(start) if start is not None else Clock()


def followed_clock(settings: Settings, snapshot: Snapshot, store: Store) -> Clock:
    """Return the clock of whoever serves *store*, or the settings' own where nobody does."""
    own = own_clock(settings, snapshot, store)
    return store.read(lambda session: rehearsal.followed(session, own))


def serving_clock(settings: Settings, snapshot: Snapshot, store: Store) -> Clock:
    """Return the clock that all who serve *store* go by; a file is served by one process, which begins anew."""
    own = own_clock(settings, snapshot, store)
    if store.dialect == "sqlite":
        return own
    return store.write(lambda session: rehearsal.joined(session, own)).result()


ClockOf = Callable[[Settings, Snapshot, Store], Clock]


@contextmanager
def open_parts(settings: Settings, clock_of: ClockOf = followed_clock) -> Iterator[Parts]:
    """Give the parts of the installation that *settings* describe, ready for turns, and close them afterwards."""
    with open_store(settings) as store:
        keys = read_keys(settings, store.url)
        snapshot = ready(open_snapshot(settings, store), store)
        clock = clock_of(settings, snapshot, store)
        wording = Wording()
        snapshots = Snapshots(store, snapshot)
        leases, news = _shared(store)
        router = Router(Words.read(), DIALOGUES)
        secretariat = frozenset(settings.secretariat)
        public = settings.public_url.rstrip("/")
        ways = Ways(
            mail=settings.smtp_url is not None,
            page=bool(public),
            calendar=f"{public}{calendars.PATH}" if public else "",
        )
        turns = Turns(
            Engine(DIALOGUES), router, wording, clock, secretariat, settings.rules, keys=keys, ways=ways
        )
        assistant = Assistant(store, snapshots, turns, wording, news)
        yield Parts(settings, keys, store, clock, snapshots, wording, assistant, leases, news)


def _shared(store: Store) -> tuple[Leases, News]:
    """Return what the processes on one database have in common; nothing where there is one process."""
    if store.dialect == "sqlite":
        return Sole(), NO_NEWS
    # The driver takes a while to load, and most installations have one file.
    from bot.postgresql import PostgresqlNews, SharedLeases

    return SharedLeases(store.url), PostgresqlNews(store.url)


@contextmanager
def open_office(settings: Settings, *, with_keys: bool = False) -> Iterator[Office]:
    """Give the desk of the command line, and close it afterwards; it takes no turns and is open at once."""
    with open_store(settings) as store:
        snapshot = open_snapshot(settings, store)
        clock = followed_clock(settings, snapshot, store)
        keys = read_keys(settings, store.url) if with_keys else None
        yield Office(store, Wording(), snapshot, clock, settings.rules, keys)


@contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """Give the database, made ready when it is new, and close it afterwards."""
    store = Store(database_url(settings))
    try:
        schema.ensure(store)
        if store.dialect == "postgresql":
            from adapters import due

            due.install(store)
            store.tag(**{OPTION: due.alarm()})
        yield store
    finally:
        store.close()


def open_snapshot(settings: Settings, store: Store) -> Snapshot:
    """Return what the active pack says; at the first start the pack of the settings, or the sample, is loaded."""
    pack = store.read(packs.active)
    if pack is None:
        pack = read_pack(settings.forum_pack or sample_pack())
        load_pack(store, pack)
    return snapshot_of(pack, store)


def load_pack(store: Store, pack: Pack) -> bool:
    """Make *pack* the active one; tell whether that changed anything."""
    now = Clock().machine()

    def keep(session: Session) -> bool:
        lock(session, "pack")
        changed = packs.keep(session, pack, now)
        if changed:
            tell_with(session, "pack")
            ring(session)
        return changed

    return store.write(keep).result()


def _paces(settings: Settings) -> Mapping[str, Pace]:
    return {
        "telegram": telegram_pace(
            settings.telegram_rate, settings.telegram_chat_rate, settings.telegram_group_rate
        ),
        "slack": slack_pace(settings.slack_rate, settings.slack_channel_rate),
        "mail": Pace(MAIL_RATE),
    }


def open_adapters(parts: Parts) -> list[Adapter]:
    """Return the channels that the settings turn on; the browser chat always is."""
    settings = parts.settings
    telegram = _telegram(parts, settings.telegram_token) if settings.telegram_token is not None else None
    doors = Doors(slack=settings.slack_bot_token is not None)
    chat = WebChat(
        parts.assistant,
        public_url=settings.public_url,
        now=parts.clock.now,
        spread=lambda user: parts.news.tell("web", [user]),
        doors=replace(doors, telegram=telegram.address_with) if telegram else doors,
    )
    parts.news.on("web", chat.wake)
    adapters: list[Adapter] = [chat, *([telegram] if telegram else [])]
    if settings.slack_bot_token is not None:
        adapters.append(_slack(parts, settings.slack_bot_token))
    if settings.smtp_url is not None:
        adapters.append(_mail(parts, settings.smtp_url))
    return adapters


def _telegram(parts: Parts, token: SecretStr) -> "Telegram":
    from adapters.telegram import Telegram

    settings = parts.settings
    return Telegram(
        parts.assistant,
        token=token.get_secret_value(),
        api_url=settings.telegram_api_url,
        mode=settings.telegram_mode,
        webhook_secret=_shown(settings.telegram_webhook_secret),
        public_url=settings.public_url,
        alone=partial(parts.leases.hold, "telegram.listener"),
    )


def _slack(parts: Parts, token: SecretStr) -> Adapter:
    from adapters.slack import Slack

    settings = parts.settings
    return Slack(
        parts.assistant,
        bot_token=token.get_secret_value(),
        app_token=_shown(settings.slack_app_token),
        signing_secret=_shown(settings.slack_signing_secret),
        api_url=settings.slack_api_url,
        linked=(settings.public_url, MAPS),
        alone=partial(parts.leases.hold, "slack.listener"),
    )


def _mail(parts: Parts, url: SecretStr) -> Adapter:
    from adapters.mail.channel import Mail
    from adapters.mail.server import Server

    settings = parts.settings
    server = Server.read(url.get_secret_value())
    return Mail(server, settings.mail_from, keys=parts.keys, public_url=settings.public_url)


def _shown(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""
