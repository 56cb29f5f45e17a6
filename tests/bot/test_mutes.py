"""Quiet that is changed while announcements wait for its end."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bot import mutes
from bot.announcement_commands import Announce
from bot.audiences import DELIVERIES
from bot.broadcasts import Announcement, Mute
from bot.compositions import Words
from bot.database import Store
from tests.bot.ledgers import NOW, OFFICER, people, perform, rows

LUNCH = Announcement(Words(texts={"en": "Lunch is served."}), now=True)
HOUR = timedelta(hours=1)
AHEAD = timedelta(days=-1000)


def quiet(store: Store, kind: Mute | None, until: datetime | None = None) -> None:
    store.write(lambda session: mutes.mute(session, 1, kind, until, NOW, AHEAD)).result()


@pytest.mark.parametrize(
    ("kind", "until", "expected"),
    [
        (None, None, ("queued", None, None)),
        ("all", NOW + 2 * HOUR, ("queued", None, NOW + 2 * HOUR - AHEAD)),
        ("until_written", None, ("failed", "muted", None)),
    ],
)
def test_what_was_put_off_goes_by_the_new_quiet(
    store: Store, kind: Mute | None, until: datetime | None, expected: tuple[object, ...]
) -> None:
    people(store, "1", "2")
    quiet(store, "all", NOW + HOUR)
    perform(store, Announce(LUNCH), OFFICER)
    quiet(store, kind, until)
    mine, other = rows(store)
    assert (mine.state, mine.cause, mine.not_before if mine.state == "queued" else None) == expected
    assert (other.state, other.not_before) == ("queued", None)


def test_a_pause_that_the_platform_asked_for_stays(store: Store) -> None:
    people(store, "1")
    perform(store, Announce(LUNCH), OFFICER)

    pause = update(DELIVERIES).values(not_before=NOW + HOUR, cause="throttled")
    store.write(lambda session: session.execute(pause)).result()
    quiet(store, None)
    assert rows(store)[0].not_before == NOW + HOUR
