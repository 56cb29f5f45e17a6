"""Who asks to be forgotten is in no row of any table afterwards, whatever tables there are."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Integer, inspect, text
from sqlmodel import SQLModel, col, select

from bot import audit, forgetting, ledger, participants
from bot.announcement_commands import ConfirmRead
from bot.commands import AskSecretariat, Follow, Statement, StateNeed, StateOffer
from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.deliveries import Outcome
from bot.errors import Unreachable
from bot.messages import Address, Immediate, Inbound, Text
from bot.ownership import owned
from bot.participants import Actor, known
from bot.privacy_commands import ChooseVisibility, Forget, GiveConsent, Stop, TakeAlong
from bot.records import Records
from bot.store import Broadcast, Delivery, KnownAddress, Need, Participant, QueuedQuestion
from tests.bot.ledgers import (
    NOW,
    Platform,
    a_door,
    a_press,
    an_outbound,
    broadcast,
    perform,
    person,
    queue,
    rows,
    sending,
    settled,
)
from tests.databases import DIALECTS
from tests.transcript import Stage, Watch, stage

NAME, EMAIL = "Mele O'Brien-Tupou", "mele@forum.example"
USER, OTHER = "telegram-user-4711", "slack-user-U4711"
NEEDLES = (NAME, "Mele O&#39;Brien-Tupou", EMAIL, USER, OTHER)


@pytest.fixture(params=DIALECTS)
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, Watch(NOW), request.param) as made:
        yield made


def mele(store: Store, role: str = "delegate", **values: Any) -> Actor:
    """Keep somebody who has left something behind in every table that there is, and return them."""
    theirs = {"name": NAME, "email": EMAIL, "country": "TON", "role": role, "consented": CONSENT_VERSION}
    own = person(store, USER, confirmed=True, **theirs, **values)
    place = KnownAddress(channel="slack", user=OTHER, participant_id=own, chat="D4711")
    store.write(lambda session: session.add(place)).result()
    found = store.read(lambda session: known(session, Address("telegram", USER)))
    assert found is not None
    return found.actor


def left_in(store: Store, *words: str) -> list[str]:
    """Return each place of the database, whatever tables it has, in which one of *words* stands."""
    found = []
    with store.connection() as connection:
        look = inspect(connection)
        for table in look.get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings():  # noqa: S608
                for column, value in row.items():
                    # What stands escaped in JSON reads as it was written.
                    plain = (
                        value
                        if isinstance(value, str)
                        else json.dumps(value, default=str, ensure_ascii=False)
                    )
                    plain = (
                        json.dumps(json.loads(plain), ensure_ascii=False)
                        if plain[:1] in ("{", "[")
                        else plain
                    )
                    found += [f"{table}.{column}: {word}" for word in words if word.lower() in plain.lower()]
    return found


def rows_of(store: Store, participant: int) -> list[str]:
    """Return each column of the schema that still says that a row is the participant's."""
    found = []
    with store.connection() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                names = column.name == "participant_id" or any(
                    key.column.table.name == "participant" for key in column.foreign_keys
                )
                if names and isinstance(column.type, Integer):
                    query = table.select().where(column == participant)
                    found += [f"{table.name}.{column.name}"] * len(connection.execute(query).all())
    return found


def everything(store: Store, actor: Actor) -> None:
    """Let *actor* do all that leaves a row."""
    need = Statement("need", f"We need cold rooms, write to {EMAIL}", "TON", message="m1")
    perform(store, StateNeed(need), actor)
    perform(store, StateOffer(Statement("offer", "Training for nurses", "TON", message="m2")), actor)
    perform(store, AskSecretariat(f"I am {NAME}. Who signs?"), actor)
    perform(store, Follow("s3", 10), actor)
    perform(store, GiveConsent(), actor)
    perform(store, ChooseVisibility("registered"), actor)
    perform(store, TakeAlong(), actor)
    number = broadcast(store, "Lunch is served.", roles={"delegate"}).number
    perform(store, ConfirmRead(number), actor)


async def say(play: Stage, user: str, words: str, channel: str = "telegram") -> Immediate | None:
    play.count += 1
    inbound = Inbound(
        str(play.count), Address(channel, user), NOW, Text(words), chat=user, message=f"m{play.count}"
    )
    return await play.assistant.receive(inbound)


async def forgotten(play: Stage) -> None:
    """Go through the conversation of somebody who wants to be forgotten, up to the last message's way out."""
    for words in ("hello", "we need vaccines", "/forgetme", "1", "DELETE"):
        await say(play, USER, words)
    platform = Platform()
    async with sending(play.store, platform):
        await platform.wait_until(lambda: len(platform.outbounds) >= 1)
        await settled(play.store, lambda found: not any(row.kind == "farewell" for row in found))
    assert "This is my last message" in platform.outbounds[-1].card.body


def test_afterwards_no_row_anywhere_holds_them(play: Stage) -> None:
    ben = person(play.store, "ben", role="secretariat", name="Ben")
    actor = mele(play.store)
    everything(play.store, actor)
    officer = Actor(id=ben, role="secretariat", name="Ben")
    perform(play.store, AskSecretariat(f"What did {NAME.upper()} ({EMAIL}) want?"), officer)
    assert actor.id is not None
    assert {line.partition(":")[0] for line in left_in(play.store, *NEEDLES)} >= {
        "participant.name",
        "participant.email",
        "address.user",
        "delivery.user",
        "question.text",
        "need.text",
    }
    subject = play.store.read(lambda session: session.get_one(audit.AuditSubject, actor.id)).subject
    asyncio.run(forgotten(play))
    assert left_in(play.store, *NEEDLES) == []
    assert rows_of(play.store, actor.id) == []
    assert play.store.read(lambda session: session.exec(select(audit.AuditSubject)).all()) == []
    names = play.store.read(lambda session: session.exec(select(Participant.name)).all())
    assert names == ["Ben"]
    assert any(line.startswith("audit_entry.actor") for line in left_in(play.store, subject))


def test_afterwards_no_file_holds_them(tmp_path: Path) -> None:
    """Who copies the file of SQLite's, or what stands beside it, finds nothing that was deleted."""
    with stage(tmp_path, Watch(NOW)) as play:
        actor = mele(play.store)
        everything(play.store, actor)
        assert in_files(tmp_path) == {*NEEDLES} - {"Mele O&#39;Brien-Tupou"}
        asyncio.run(forgotten(play))
        play.store.write(lambda _session: None).result()
        assert in_files(tmp_path) == set()


def in_files(folder: Path) -> set[str]:
    """Return what of `NEEDLES` the bytes of the database's files hold."""
    held = b"".join(part.read_bytes() for part in folder.glob("saphan.db*"))
    return {word for word in NEEDLES if word.encode() in held}


def test_the_search_for_what_is_left_looks_into_every_table(play: Stage) -> None:
    person(play.store, "ben", name=NAME)
    assert left_in(play.store, NAME) == [f"participant.name: {NAME}"]


def test_the_goodbye_recreates_nothing_and_the_same_message_once_more_is_none(play: Stage) -> None:
    mele(play.store)
    asyncio.run(forgotten(play))
    play.count -= 1
    asyncio.run(say(play, USER, "DELETE"))
    assert play.store.read(lambda session: session.exec(select(Participant)).all()) == []
    assert rows(play.store) == []


def test_writing_again_starts_anew(play: Stage) -> None:
    mele(play.store)
    asyncio.run(forgotten(play))
    asyncio.run(say(play, USER, "hello"))
    (newcomer,) = play.store.read(lambda session: session.exec(select(Participant)).all())
    assert (newcomer.name, newcomer.role, newcomer.country) == (None, "visitor", None)


def test_what_the_delegation_needs_stays_without_its_author(store: Store) -> None:
    actor = mele(store)
    everything(store, actor)
    perform(store, Forget(), actor)
    (need,) = store.read(lambda session: session.exec(select(Need)).all())
    assert (need.participant_id, need.message, need.country) == (None, None, "TON")
    assert need.text == "We need cold rooms, write to …"


def test_the_number_of_a_question_that_went_is_nobody_elses(store: Store) -> None:
    """An officer's old card still names it."""

    def questions() -> list[int | None]:
        return store.read(lambda session: list(session.exec(select(QueuedQuestion.id))))

    def ask(actor: Actor) -> list[int | None]:
        perform(store, AskSecretariat("Who signs?"), actor)
        return questions()

    first = mele(store)
    asked = ask(first)
    store.write(lambda session: forgetting.forget(session, first, NOW)).result()
    assert questions() == []
    assert ask(mele(store)) != asked


def test_what_is_nobody_elses_goes(store: Store) -> None:
    actor = mele(store, role="private_sector")
    everything(store, actor)
    perform(store, Forget(), actor)
    assert store.read(lambda session: session.exec(select(Need)).all()) == []


def test_what_was_taken_back_goes(store: Store) -> None:
    actor = mele(store)
    everything(store, actor)
    store.write(lambda session: session.execute(Need.__table__.update().values(withdrawn_at=NOW))).result()  # type: ignore[attr-defined]
    perform(store, Forget(), actor)
    assert store.read(lambda session: session.exec(select(Need)).all()) == []


def test_an_announcement_counts_one_recipient_less(store: Store) -> None:
    person(store, "ana", role="delegate")
    actor = mele(store)
    broadcast(store, "Lunch is served.", roles={"delegate"})
    perform(store, Forget(), actor)
    (row,) = store.read(lambda session: session.exec(select(Broadcast)).all())
    assert (row.recipients, len(rows(store))) == (1, 1)


def test_what_an_officer_announced_stays_and_is_nobodys(store: Store) -> None:
    officer = mele(store, role="secretariat")
    person(store, "ana", role="delegate")
    broadcast(store, f"Please write to {NAME}.", roles={"delegate"})
    store.write(
        lambda session: session.execute(Broadcast.__table__.update().values(created_by=officer.id))  # type: ignore[attr-defined]
    ).result()
    perform(store, Forget(), officer)
    (row,) = store.read(lambda session: session.exec(select(Broadcast)).all())
    assert (row.created_by, row.words["texts"]["en"]) == (None, "en: Please write to ….")


@pytest.mark.parametrize(
    ("name", "words", "left"),
    [
        ("Ana Silva", "Ana Silva and Mariana Silvano", "… and Mariana Silvano"),
        ("May", "In May we may", "In May we may"),
        ("Suharto", "SUHARTO said", "… said"),
        ("王伟", "请联系王伟先生", "请联系…先生"),
        ('Jo "JJ" Lee', 'Ask Jo "JJ" Lee', "Ask …"),
    ],
)
def test_a_name_is_taken_out_of_what_others_wrote(store: Store, name: str, words: str, left: str) -> None:
    person(store, "ben", name="Ben")
    ben = store.read(lambda session: known(session, Address("telegram", "ben")))
    assert ben is not None
    perform(store, AskSecretariat(words), ben.actor)
    gone = Actor(id=person(store, USER, name=name), role="delegate", name=name)
    perform(store, Forget(), gone)
    (asked,) = store.read(lambda session: session.execute(text("SELECT text FROM question")).scalars().all())
    assert asked == left


def test_a_namesake_keeps_the_name_and_a_colleague_the_mailbox(store: Store) -> None:
    """What others wrote of that name goes all the same: nobody can tell whom they meant."""
    ben = Actor(id=person(store, "ben", name=NAME, email=EMAIL, confirmed=True), role="delegate", name=NAME)
    perform(store, AskSecretariat(f"Is {NAME} at {EMAIL}?"), ben)
    perform(store, Forget(), mele(store))
    row = store.read(lambda session: session.get_one(Participant, ben.id))
    assert (row.name, row.email) == (NAME, EMAIL)
    (asked,) = store.read(lambda session: session.execute(text("SELECT text FROM question")).scalars().all())
    assert asked == f"Is … at {EMAIL}?"


def test_the_record_says_that_it_was_done_and_not_by_whom(store: Store) -> None:
    perform(store, Forget(), mele(store))
    (entry,) = store.read(audit.entries)
    assert (entry.action, entry.actor == entry.subject, entry.details) == ("forget", True, {})
    assert store.read(audit.verify).broken is None


def test_a_message_that_was_out_ends_without_a_row(store: Store) -> None:
    actor = mele(store)
    assert actor.id is not None
    own = actor.id
    outbound = an_outbound(USER, "r1")
    (due,) = store.write(
        lambda session: ledger.enqueue(session, "reply", [outbound], own, NOW, "sender", NOW)
    ).result()
    perform(store, Forget(), actor)
    fault = Outcome("queued", cause="down", wait=timedelta(seconds=1))
    store.write(lambda session: ledger.settle(session, [(due, fault)], "sender", NOW)).result()
    assert rows(store) == []


def test_a_farewell_that_cannot_arrive_leaves_nothing(play: Stage) -> None:
    mele(play.store)

    async def forget() -> None:
        for words in ("/forgetme", "1", "DELETE"):
            await say(play, USER, words)
        platform = Platform()
        platform.answers[USER].append(Unreachable("telegram", USER))
        async with sending(play.store, platform):
            await settled(play.store, lambda found: not found)

    asyncio.run(forget())
    assert left_in(play.store, *NEEDLES) == []


@pytest.mark.parametrize(("channel", "remembers"), [("web", True), ("telegram", False)])
def test_a_page_of_ours_is_told_to_forget_them(play: Stage, channel: str, remembers: bool) -> None:
    async def forget() -> list[Immediate | None]:
        return [await say(play, USER, words, channel) for words in ("hello", "/forgetme", "1", "DELETE")]

    ended = Immediate("This conversation has ended. Open the page again to begin a new one.", ends=True)
    assert asyncio.run(forget()) == [None, None, None, ended if remembers else None]


def test_where_we_show_the_conversation_the_farewell_goes_a_minute_later(store: Store) -> None:
    outbound = an_outbound(USER, "r1", channel="web")
    (due,) = store.write(
        lambda session: ledger.enqueue(session, "farewell", [outbound], 0, NOW, "sender", NOW)
    ).result()
    store.write(
        lambda session: ledger.settle(session, [(due, Outcome("sent", "m1"))], "sender", NOW)
    ).result()
    assert store.read(ledger.farewell_over) == NOW + timedelta(minutes=1)
    store.write(lambda session: ledger.end_farewells(session, NOW + timedelta(seconds=59))).result()
    assert len(rows(store)) == 1
    store.write(lambda session: ledger.end_farewells(session, NOW + timedelta(minutes=1))).result()
    assert rows(store) == []
    assert store.read(ledger.farewell_over) is None


def test_whoever_expands_an_announcement_lets_nobody_be_taken_away_meanwhile(
    postgresql_store: Store,
) -> None:
    actor = mele(postgresql_store)
    with postgresql_store.connection() as connection, connection.begin():
        held = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))")
        connection.execute(held, {"name": participants.PEOPLE_LOCK})
        gone = postgresql_store.write(
            lambda session: Records(session, actor, NOW, a_press(), a_door()).perform(Forget())
        )
        waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        while not postgresql_store.read(lambda session: session.execute(waits).scalar()):
            assert not gone.done()
    gone.result()
    assert left_in(postgresql_store, *NEEDLES) == []


def test_who_stops_is_sent_nothing_more_and_nothing_is_deleted(store: Store) -> None:
    actor = mele(store)
    everything(store, actor)
    queue(store, USER, "r1")
    before = len(rows(store))

    def stop(session: Any) -> None:
        records = Records(session, actor, NOW, a_press(), place=Address("telegram", USER))
        records.perform(Stop())
        assert records.gone

    store.write(stop).result()
    assert store.read(lambda session: known(session, Address("telegram", USER))) is None
    assert store.read(lambda session: known(session, Address("slack", OTHER))) is not None
    assert (len(rows(store)), {row.state for row in rows(store) if row.user == USER}) == (before, {"failed"})
    assert len(store.read(lambda session: session.exec(select(Need)).all())) == 1


def test_a_visitor_who_stops_is_left_alone_until_they_write(play: Stage) -> None:
    asyncio.run(say(play, USER, "hello"))
    asyncio.run(say(play, USER, "/stop"))

    def place(session: Any) -> Any:
        return session.get(KnownAddress, ("telegram", USER)).unsubscribed_at

    assert play.store.read(place) is not None
    states = {row.kind: row.state for row in rows(play.store)}
    assert states == {"reply": "failed", "farewell": "queued"}
    asyncio.run(say(play, USER, "hello"))
    assert play.store.read(place) is None


def test_every_table_can_say_whose_its_rows_are(store: Store) -> None:
    """A new table that knows people is found by its foreign key, or by the name of its column."""
    names = {f"{table.name}.{column.name}" for table, column in owned()}
    assert names >= {"delivery.participant_id", "question.answered_by", "audit_subject.participant_id"}
    assert {table.name for table in forgetting.texts()} >= {"participant", "delivery", "conversation"}
    assert "audit_entry" not in {table.name for table in forgetting.texts()}


def test_a_correction_of_a_message_to_somebody_who_is_gone_goes_too(store: Store) -> None:
    actor = mele(store)
    broadcast(store, "Lunch is served.", roles={"delegate"})
    first = rows(store)[0]
    corrects = Delivery(
        ref="c1",
        kind="correction",
        priority=2,
        participant_id=first.participant_id,
        broadcast_id=first.broadcast_id,
        channel=first.channel,
        user=first.user,
        chat=first.chat,
        corrects_id=first.id,
        created_at=NOW,
    )
    store.write(lambda session: session.add(corrects)).result()
    perform(store, Forget(), actor)
    assert store.read(lambda session: session.exec(select(col(Delivery.id))).all()) == []
