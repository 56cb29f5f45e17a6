"""What the secretariat changed in the programme is there in the very next answer, and nothing else is rebuilt."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.broadcasts import Announcement, Change
from bot.changes import Overlay, changed, holding
from bot.clock import Clock
from bot.compositions import Words
from bot.database import Store
from bot.office import Office
from bot.store import Broadcast, SessionChange
from knowledge.forum import Session, Was
from tests.bot.ledgers import person
from tests.samples import sample_snapshot, wording
from tests.transcript import ME, Stage, Watch, stage

NOW = datetime(2022, 9, 13, 6, 50, tzinfo=UTC)
TITLE = "Session 3: Better access to available support and resources"
LATER = datetime(2022, 9, 13, 8, 0, tzinfo=UTC)
"""15:00 at the forum's place, half an hour after session 3 was to begin."""


def session_3(*changes: Change) -> Session:
    session = changed(sample_snapshot(), changes).programme.get("s3")
    assert session is not None
    return session


def change(store: Store, *, state: str | None = None, undone: bool = False, **values: Any) -> None:
    """Keep a change; with a *state*, one that an announcement in that state carries."""

    def keep(session: Any) -> None:
        number = None
        if state is not None:
            about = Broadcast(
                key=f"{state}{values}", state=state, audience={}, words={}, created_at=NOW, starts_at=NOW
            )
            session.add(about)
            session.flush()
            number = about.id
        undone_at = NOW if undone else None
        row = {"session": "s3", "changed_at": NOW, "undone_at": undone_at, "broadcast_id": number}
        session.add(SessionChange(**{**row, **values}))

    store.write(keep).result()


def test_a_session_moves_and_says_where_it_was() -> None:
    moved = session_3(Change("s3", room="room-d"))
    assert (moved.room, moved.was) == ("room-d", Was(room="room-b"))
    assert sample_snapshot().programme.get("s3").was is None  # type: ignore[union-attr]


def test_a_session_that_begins_later_lasts_as_long() -> None:
    before, moved = session_3(), session_3(Change("s3", start=LATER))
    assert moved.ends - moved.starts == before.ends - before.starts
    assert moved.starts == LATER
    assert moved.starts.utcoffset() == timedelta(hours=7)
    assert moved.was == Was(starts=before.starts, ends=before.ends)


def test_later_changes_leave_what_they_do_not_mention() -> None:
    moved = session_3(Change("s3", room="room-d"), Change("s3", start=LATER))
    assert (moved.room, moved.starts) == ("room-d", LATER)


def test_a_session_that_is_back_where_it_was_has_not_changed() -> None:
    moved = session_3(Change("s3", room="room-d"), Change("s3", room="room-b"))
    assert moved == sample_snapshot().programme.get("s3")


def test_a_room_or_a_session_that_nobody_knows_changes_nothing() -> None:
    know = changed(sample_snapshot(), [Change("s3", room="room-z"), Change("gala", room="room-a")])
    assert know.programme == sample_snapshot().programme


def test_a_cancelled_session_stays_in_its_day_and_is_nowhere_on() -> None:
    programme = changed(sample_snapshot(), [Change("s3", cancelled=True)]).programme
    day = sample_snapshot().forum.starts
    assert "s3" in [session.id for session in programme.day(day)]
    assert [session.id for session in programme.now(LATER)] == []
    assert "s3" not in [session.id for session in programme.in_room("room-b")]
    assert [session.id for session in programme.next(NOW + timedelta(minutes=30))] == ["break-afternoon"]


def test_a_cancelled_session_that_takes_place_after_all_is_on_again() -> None:
    assert not session_3(Change("s3", cancelled=True), Change("s3", start=LATER)).cancelled


def test_what_took_time_to_build_is_shared() -> None:
    know = sample_snapshot()
    over = changed(know, [Change("s3", room="room-d")])
    shared = ["answers", "understand", "session_names", "room_names"]
    for name in shared:
        getattr(know, name)
    over = changed(know, [Change("s3", room="room-d")])
    assert [name for name in shared if vars(over)[name] is not vars(know)[name]] == []
    assert over.catalogue is know.catalogue


@pytest.mark.parametrize(
    ("state", "holds"),
    [
        (None, True),
        ("awaiting", False),
        ("held", False),
        ("running", True),
        ("paused", True),
        ("cancelled", True),
        ("undone", False),
        ("merged", False),
        ("withdrawn", False),
        ("late", False),
    ],
)
def test_a_change_holds_once_its_announcement_is_out(store: Store, state: str | None, holds: bool) -> None:
    change(store, state=state, room="room-d")
    assert store.read(holding) == ((Change("s3", room="room-d"),) if holds else ())


def test_a_change_that_was_undone_does_not_hold(store: Store) -> None:
    change(store, room="room-d")
    change(store, state="running", room="room-c", undone=True)
    assert store.read(holding) == (Change("s3", room="room-d"),)


def test_the_overlay_is_made_once_for_each_state_of_changes(store: Store) -> None:
    overlay, know = Overlay(), sample_snapshot()
    assert store.read(lambda session: overlay.of(session, know)) is know
    change(store, room="room-d")
    over = store.read(lambda session: overlay.of(session, know))
    assert over is not know
    assert store.read(lambda session: overlay.of(session, know)) is over
    change(store, start=LATER)
    assert store.read(lambda session: overlay.of(session, know)) is not over


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, Watch(NOW)) as play:
        yield play


def said(play: Stage, words: str, lang: str = "en") -> list[str]:
    """Return what a reader of *lang* is answered."""

    async def hear() -> list[str]:
        if lang != "en":
            await play.hear(ME, f"/lang {lang}")
        return await play.hear(ME, words)

    return [line.strip() for line in asyncio.run(hear())]


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "· Room D (changed; was Room B)"),
        ("fr", "· Salle D (changement\u00a0; prévu auparavant\u00a0: Salle B)"),
        ("ru", "· Зал D (изменено; было: Зал B)"),
        ("zh", "· D厅 （有变更；原为B厅）"),
    ],
)
def test_the_programme_shows_the_new_room_in_the_reader_s_language(play: Stage, lang: str, line: str) -> None:
    change(play.store, room="room-d")
    assert [part for part in said(play, "/agenda", lang) if part.endswith(line)] != []


def test_the_next_answer_leads_to_the_new_room(play: Stage) -> None:
    assert said(play, "where is session 3")[0] == "< Room B, first floor."
    change(play.store, room="room-d", start=LATER)
    assert said(play, "where is session 3")[:2] == [
        "< Room D, second floor.",
        f"{TITLE}. Starts at 15:00, Bangkok time. (changed; was Room B, 14:30)",
    ]


def test_who_asks_for_the_old_room_is_sent_on(play: Stage) -> None:
    change(play.store, room="room-d")
    lines = said(play, "/where room-b")
    assert (
        "Session 3: Better access to available support and resources is not here: it was moved to "
        "Room D, second floor." in lines
    )
    assert "[Show the way: Room D]" in lines


def test_now_says_what_was_changed(play: Stage) -> None:
    play.watch.now = datetime(2022, 9, 13, 7, 25, tzinfo=UTC)
    change(play.store, room="room-d")
    assert said(play, "/now")[1] == (
        "Next: Session 3: Better access to available support and resources. 14:30, Bangkok time, Room D, second "
        "floor. (changed; was Room B)"
    )


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "< Cancelled: Session 3: Better access to available support and resources."),
        (
            "fr",
            "< Annulé\u00a0: Séance 3\u00a0: améliorer l’accès à l’appui et aux ressources disponibles.",
        ),
        ("ru", "< Отменено: Заседание 3: улучшение доступа к имеющейся поддержке и ресурсам."),
        ("zh", "< 已取消：第三场会议：更好地获得现有支持和资源。"),
    ],
)
def test_a_cancelled_session_is_said_to_be_cancelled(play: Stage, lang: str, line: str) -> None:
    change(play.store, cancelled=True)
    questions = {"en": "where is session 3", "fr": "où est la séance 3", "ru": "где заседание 3"}
    assert said(play, questions.get(lang, "第三场会议在哪里"), lang)[0] == line


def test_the_programme_says_what_is_cancelled(play: Stage) -> None:
    change(play.store, cancelled=True)
    cancelled = [line for line in said(play, "/agenda") if line.endswith("· cancelled")]
    assert cancelled == [
        "14:30–15:30 Session 3: Better access to available support and resources · cancelled"
    ]


def test_the_command_line_writes_with_the_changes_too(store: Store) -> None:
    person(store, "1")
    change(store, room="room-d")
    clock = Clock.starting_at(NOW)
    desk = Office(store, wording(), sample_snapshot(), clock)
    (sample,) = desk.preview(Announcement(Words("reminder", {"session": "s3", "minutes": 10})))
    assert "Room D" in sample.card.body
