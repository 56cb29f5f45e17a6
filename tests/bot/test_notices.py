"""What others are told."""

from sqlalchemy import select

from bot.database import Store
from bot.dialogue import say
from bot.ledger import ROWS
from bot.messages import Card
from bot.notices import Notice, tell
from bot.store import KnownAddress
from tests.bot.ledgers import NOW, person


def told(store: Store, *people: int) -> list[tuple[str, str]]:
    """Return the channels and the users at which *people* are told something."""
    notices = [Notice(one, say("mute/ended")) for one in people]

    def write_out(_saying: object, lang: str, ref: str) -> Card:
        return Card(ref, lang, body="It is answered.")

    store.write(lambda session: tell(session, notices, write_out, "n", NOW)).result()
    query = select(ROWS.c.channel, ROWS.c.user).order_by(ROWS.c.id)
    rows = store.read(lambda session: session.execute(query).all())
    return [(channel, user) for channel, user in rows]


def also_at(store: Store, one: int, channel: str, user: str) -> None:
    place = KnownAddress(channel=channel, user=user, participant_id=one, chat=user)
    store.write(lambda session: session.add(place)).result()


def test_a_person_is_told_once_on_the_channel_they_prefer(store: Store) -> None:
    one = person(store, "U1", "slack", preferred_channel="telegram")
    also_at(store, one, "telegram", "7")
    assert told(store, one) == [("telegram", "7")]


def test_each_notice_is_told_and_who_cannot_be_reached_is_left_out(store: Store) -> None:
    one, two = person(store, "7"), person(store, "8")
    assert told(store, two, 99, one, two) == [("telegram", "8"), ("telegram", "7"), ("telegram", "8")]


def test_nobody_is_told_nothing(store: Store) -> None:
    assert told(store) == []
