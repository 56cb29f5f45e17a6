"""What the page of a link says, to whom, and that looking at it changes nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session

from bot import links
from bot.clock import Clock
from bot.database import Store
from bot.dialogues import DIALOGUES
from bot.engine import Engine
from bot.keys import Keys
from bot.link_page import Looker, link_page
from bot.links import REQUESTS, Mailing
from bot.markup import plain
from bot.messages import Address, Card
from bot.store import Participant
from bot.turns import Turns
from tests.bot.ledgers import NOW, person
from tests.samples import router, sample_snapshot, wording

KEYS = Keys(b"the key of these tests")
CHAT = Address("telegram", "1")
HERE = Address("web", "a browser")
EMAIL = "desk@ministry.example"
ASKED_IN_TELEGRAM = (
    "It was asked for in one chat and works only there: Telegram, 10:42, Bangkok time. "
    "Opening this page changes nothing."
)
MINUTE = timedelta(minutes=1)

Look = Callable[..., Card]


@pytest.fixture
def look(store: Store) -> Look:
    """Return how the page of a token is read, at a time, by somebody."""

    def read(token: str, looker: Looker = Looker(), at: datetime = NOW) -> Card:  # noqa: B008
        turns = Turns(Engine(DIALOGUES), router(), wording(), Clock(source=lambda: at), keys=KEYS)
        return store.read(lambda session: link_page(session, turns, sample_snapshot(), token, looker))

    return read


def registered(store: Store, name: str = "Mele Tupou", **values: Any) -> int:
    def keep(session: Session) -> int:
        row = Participant(
            name=name, email=EMAIL, country="TON", role="delegate", confirmed=True, created_at=NOW, **values
        )
        session.add(row)
        session.flush()
        return row.id or 0

    return store.write(keep).result()


def asked(store: Store, address: Address = CHAT, by: int | None = None, email: str = EMAIL) -> str:
    """Return the token of the link that was asked for."""

    def ask(session: Session) -> Mailing | None:
        return links.ask(session, KEYS, by, address, email, NOW)[1]

    mailing = store.write(ask).result()
    assert mailing is not None
    return links.token_of(KEYS, mailing.seed)


def given(store: Store, whose: int) -> str:
    """Return the token of a letter."""
    token = "letter" + "t" * 37
    until = NOW + timedelta(days=60)
    store.write(lambda session: links.give_out(session, KEYS, "letter", whose, token, NOW, until)).result()
    return token


def words(card: Card) -> list[str]:
    return plain(card.body).split("\n")


def choices(card: Card) -> list[str]:
    return [choice.id for _, choice in card.numbered()]


def test_it_says_for_whom_it_is_and_in_which_chat_it_works(store: Store, look: Look) -> None:
    registered(store)
    card = look(asked(store), Looker(telegram=True), NOW + 19 * MINUTE)
    assert words(card) == [
        "For: Mele Tupou.",
        ASKED_IN_TELEGRAM,
        "Tap “Open Telegram”, then START. Or type the 6 digits from the e-mail there.",
    ]
    assert choices(card) == ["telegram"]


@pytest.mark.parametrize("channel", ["telegram", "slack", "web", "terminal"])
def test_where_it_cannot_be_opened_the_digits_are_typed(store: Store, look: Look, channel: str) -> None:
    registered(store)
    card = look(asked(store, Address(channel, "1")), Looker(HERE, telegram=channel != "telegram"))
    assert words(card)[-1] == "Type the 6 digits from the e-mail there."
    assert choices(card) == []


def test_only_the_browser_that_asked_can_go_on(store: Store, look: Look) -> None:
    registered(store)
    token = asked(store, HERE)
    assert choices(look(token, Looker(HERE, telegram=True))) == ["here"]
    assert choices(look(token, Looker(Address("web", "another"), telegram=True))) == []
    assert choices(look(token, Looker(None))) == []


def test_two_delegates_with_one_mailbox_are_both_named(store: Store, look: Look) -> None:
    for name in ("Mele Tupou", "Sione Vaka"):
        registered(store, name)
    assert words(look(asked(store)))[0] == "For: Mele Tupou, Sione Vaka."


def test_a_letter_can_be_taken_to_any_channel_that_is_on(store: Store, look: Look) -> None:
    token = given(store, registered(store))
    card = look(token, Looker(telegram=True, slack=True), NOW + timedelta(days=59))
    assert (words(card)[0], words(card)[-1]) == (
        "For: Mele Tupou.",
        "In Slack, send the assistant the address of this page.",
    )
    assert choices(card) == ["telegram", "paste"]
    assert choices(look(token)) == ["paste"]


@pytest.mark.parametrize(
    ("minutes", "open_"),
    [(timedelta(minutes=19, seconds=59), True), (20 * MINUTE, False), (21 * MINUTE, False)],
)
def test_after_twenty_minutes_it_says_how_to_get_another(
    store: Store, look: Look, minutes: timedelta, open_: bool
) -> None:
    registered(store)
    card = look(asked(store), Looker(telegram=True), NOW + minutes)
    assert (words(card)[0] == "For: Mele Tupou.") is open_
    if not open_:
        assert words(card) == [
            "This link has expired.",
            "To get a new one, write “/link” to the assistant, wherever you talk to it.",
        ]
        assert choices(card) == ["telegram", "chat"]


def test_a_link_that_is_used_up_or_ended_names_nobody(store: Store, look: Look) -> None:
    registered(store)
    token = asked(store)
    store.write(lambda session: links.show_token(session, KEYS, CHAT, token, NOW)).result()
    assert words(look(token))[0] == "This link was used already. It works once."
    token = asked(store, HERE)
    for _ in range(links.GUESSES):
        store.write(lambda session: links.show_digits(session, KEYS, HERE, "x", NOW)).result()
    assert words(look(token))[0] == "This link no longer works: wrong digits were typed too often."


def test_what_was_never_sent_is_not_known(store: Store, look: Look) -> None:
    whose = registered(store)
    of_nobody = asked(store, email="nobody@ministry.example")
    until = NOW + timedelta(days=1)
    store.write(
        lambda session: links.give_out(session, KEYS, "code", whose, "ABCD-2345", NOW, until)
    ).result()
    # A printed code is typed into a chat, which counts how often: no page says whether there is such a code.
    for token in ("x" * 43, "", "ABCD-2345", "é" * 43, "'; DROP TABLE", of_nobody):
        assert words(look(token))[0] == "I do not know this link or code."


def test_who_has_changed_their_address_since_is_not_named(store: Store, look: Look) -> None:
    whose = registered(store)
    token = asked(store)

    def move(session: Session) -> None:
        session.get_one(Participant, whose).email = "new@ministry.example"

    store.write(move).result()
    assert words(look(token))[0] == "I do not know this link or code."


@pytest.mark.parametrize(
    ("locale", "lang"), [("fr-CA", "fr"), ("th", "en"), (None, "en"), ("ru", "ru"), ("zh-TW", "zh")]
)
def test_who_is_not_known_reads_the_browsers_language(look: Look, locale: str | None, lang: str) -> None:
    assert look("x" * 43, Looker(locale=locale)).lang == lang


def test_it_is_in_the_language_of_whoever_asked(store: Store, look: Look) -> None:
    whose = registered(store)
    asker = person(store, "1", language="ru")
    assert look(asked(store, by=asker), Looker(locale="fr")).lang == "ru"
    assert look(given(store, whose), Looker(locale="fr")).lang == "fr"


def test_a_thousand_looks_change_nothing(store: Store, look: Look) -> None:
    registered(store)
    tokens = asked(store), asked(store, HERE)

    def rows() -> list[Any]:
        return store.read(lambda session: list(session.execute(select(REQUESTS)).all()))

    before = rows()
    for number in range(1000):
        look(tokens[number % 2], Looker(HERE, telegram=True))
    assert rows() == before
    for token, address in zip(tokens, (CHAT, HERE), strict=True):
        proof = store.write(
            lambda session, token=token, address=address: links.show_token(session, KEYS, address, token, NOW)
        ).result()
        assert proof.verdict == "right"
