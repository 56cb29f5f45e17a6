"""The whole way: Telegram's server, our adapter, the real core and database, the sender, and back."""

import asyncio
import contextlib
import itertools
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from adapters.settings import Settings
from adapters.telegram import Telegram
from adapters.wiring import Parts, open_parts
from bot import ledger
from bot.messages import Address, Card, Outbound
from bot.pace import Pace
from bot.sender import Sender
from bot.store import Inbox, KnownAddress, Participant
from knowledge.forum import Coordinates
from tests.adapters.telegram.conftest import AT_ONCE, SECRET, Door, running, served
from tests.loopback.telegram import TOKEN, BotApi, Cut, Deal, Failure, Hang
from tests.loopback.telegram_updates import changed, said, tapped

PEOPLE = itertools.count(7_000_000_001)


def stranger() -> dict[str, Any]:
    """Return somebody whom the bot has never seen."""
    return {"id": next(PEOPLE), "is_bot": False, "first_name": "Mele", "language_code": "en"}


@dataclass
class Forum:
    """One person's view of a running bot."""

    api: BotApi
    parts: Parts
    telegram: Telegram
    sender: Sender
    door: Door
    person: dict[str, Any]

    async def say(self, *texts: str) -> list[str]:
        """Send *texts* one after the other and return what has been answered, oldest first."""
        for text in texts:
            assert await self.door.post(said(text, self.person)) == 200
        return await self.answers()

    async def answers(self) -> list[str]:
        """Return what stands in the chat once nothing is under way any more."""
        await self.parts.assistant.drain()
        await self.sender.settled(Address("telegram", str(self.person["id"])))
        return [
            words["text"] for (chat, _), words in self.api.messages.items() if chat == str(self.person["id"])
        ]

    def last(self) -> tuple[int, dict[str, Any]]:
        """Return the id and the content of the newest message in the chat."""
        return max(
            (number, words)
            for (chat, number), words in self.api.messages.items()
            if chat == str(self.person["id"])
        )

    def button(self, number: int = 0) -> dict[str, Any]:
        """Return a tap on a button of the newest message."""
        message, words = self.last()
        buttons = [button for row in words["reply_markup"]["inline_keyboard"] for button in row]
        tap = tapped(buttons[number]["callback_data"], self.person)
        tap["callback_query"]["message"]["message_id"] = message
        return tap


@pytest.fixture(scope="module")
def parts(started_before: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    database = shutil.copy(started_before, tmp_path_factory.mktemp("saphan"))
    settings = Settings(_env_file=None, database_url=f"sqlite:///{database}", telegram_rate=1000)
    with open_parts(settings) as opened:
        yield opened


Build = Callable[..., Telegram]


@pytest.fixture
def build(api: BotApi, parts: Parts) -> Build:
    def make(mode: Any = "webhook") -> Telegram:
        return Telegram(
            parts.assistant,
            token=TOKEN,
            api_url=api.url,
            mode=mode,
            webhook_secret=SECRET,
            public_url="https://forum.example",
            backoff=AT_ONCE,
        )

    return make


@contextlib.asynccontextmanager
async def sending(parts: Parts, telegram: Telegram) -> AsyncIterator[Sender]:
    sender = Sender(parts.store, [telegram], parts.clock, {"telegram": Pace(1000, 0.0)})
    parts.assistant.connect(sender)
    task = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def forum(api: BotApi, parts: Parts, build: Build) -> AsyncIterator[Forum]:
    telegram = build()
    async with running(telegram), sending(parts, telegram) as sender, served(telegram) as door:
        yield Forum(api, parts, telegram, sender, door, stranger())


async def test_who_opens_the_chat_is_welcomed_once(forum: Forum) -> None:
    start = said("/start", forum.person)
    assert [await forum.door.post(start), await forum.door.post(start)] == [200, 200]
    assert len(await forum.answers()) == 1


async def test_updates_sent_many_times_at_the_same_moment_are_answered_once(forum: Forum) -> None:
    start = said("/start", forum.person)
    assert set(await asyncio.gather(*(forum.door.post(start) for _ in range(5)))) == {200}
    assert len(await forum.answers()) == 1


async def test_quick_messages_of_one_person_are_answered_in_order(forum: Forum) -> None:
    commands = ("/start", "/privacy", "/agenda", "/privacy")
    slowly = [await forum.say(command) for command in commands][-1]
    forum.person = stranger()
    assert await forum.say(*commands) == slowly


async def test_an_update_that_overtook_an_earlier_one_is_answered_all_the_same(forum: Forum) -> None:
    earlier, later = said("/start", forum.person), said("/privacy", forum.person)
    assert [await forum.door.post(later), await forum.door.post(earlier)] == [200, 200]
    assert len(await forum.answers()) == 2


async def test_a_button_pressed_twice_works_once_and_is_answered_twice(forum: Forum) -> None:
    await forum.say("/start")
    taps = [forum.button(0), forum.button(0)]
    for tap in taps:
        assert await forum.door.post(tap) == 200
    after_two = await forum.answers()
    await forum.api.wait_for("answerCallbackQuery", 2)
    answered = {call.values["callback_query_id"] for call in forum.api.called("answerCallbackQuery")}
    assert answered == {tap["callback_query"]["id"] for tap in taps}
    assert len(after_two) == len(set(after_two))


@pytest.mark.parametrize(
    "text", ["I <3 _you_ & *me*?", "<b>where</b> &amp; <a href=x>", "x" * 5000, "🙂" * 4096, "/"]
)
async def test_whatever_is_written_is_answered(forum: Forum, text: str) -> None:
    before = len(await forum.say("/start"))
    assert len(await forum.say(text)) > before


async def test_an_answer_that_may_have_been_lost_is_sent_again(forum: Forum) -> None:
    forum.api.will("sendMessage", Cut(carried_out=False))
    await forum.say("/start")
    assert len(await forum.answers()) == 1
    assert len(forum.api.called("sendMessage")) == 2


async def test_a_map_that_fails_repeats_no_words_and_loses_none(forum: Forum) -> None:
    await forum.say("/start")
    person = str(forum.person["id"])
    cards = [
        Card("v.0", "en", body="In the hall"),
        Card("v.1", "en", heading="Hall", body="Quay 3", coordinates=Coordinates(10.5, -20.25)),
        Card("v.2", "en", body="Anything else?"),
    ]
    outbounds = [Outbound(0, Address("telegram", person), person, card) for card in cards]
    forum.api.will("sendVenue", Failure(429, "Too Many Requests", retry_after=0), Cut(carried_out=False))
    before = len(forum.api.calls)
    due = forum.parts.store.write(
        lambda session: ledger.enqueue(session, "reply", outbounds, 1, forum.parts.clock.now())
    ).result()
    forum.sender.offer(due)
    await forum.sender.settled(Address("telegram", person))
    sent = [call.method for call in forum.api.calls[before:] if call.values.get("chat_id") == person]
    assert sent == ["sendMessage", "sendVenue", "sendVenue", "sendVenue", "sendMessage"]
    *_, words, shown, more = [message for (chat, _), message in forum.api.messages.items() if chat == person]
    assert (words, more) == ({"text": "In the hall"}, {"text": "Anything else?"})
    assert shown["venue"]["title"] == "Hall"


async def test_after_a_pause_asked_for_by_telegram_the_answer_arrives(forum: Forum) -> None:
    forum.api.will("sendMessage", Failure(429, "Too Many Requests: retry after 0", retry_after=0))
    assert len(await forum.say("/start")) == 1


async def test_in_a_group_the_answer_replies_to_who_asked_inside_the_topic(forum: Forum) -> None:
    group = {"id": -forum.person["id"], "title": "Group", "type": "supergroup", "is_forum": True}
    topic = {"chat": group, "message_thread_id": 7, "is_topic_message": True}
    assert await forum.door.post(said("/now", forum.person, number=43, **topic)) == 200
    assert await forum.door.post(said("/now@saphan_bot", forum.person, number=44, **topic)) == 200
    await forum.answers()
    [call] = forum.api.called("sendMessage")
    assert call.values["chat_id"] == str(group["id"])
    assert call.values["message_thread_id"] == "7"
    assert call.values["reply_parameters"]["message_id"] == 44


async def test_what_is_personal_leads_from_the_group_to_the_private_chat(forum: Forum) -> None:
    group = {"id": -forum.person["id"], "title": "Group", "type": "supergroup"}
    asked = said("/ask@saphan_bot what did my minister register?", forum.person, number=44, chat=group)
    assert await forum.door.post(asked) == 200
    await forum.answers()
    [call] = forum.api.called("sendMessage")
    leads = {"text": "Open private chat", "url": "https://t.me/saphan_bot"}
    assert call.values["reply_markup"]["inline_keyboard"] == [[leads]]


async def test_a_topic_that_an_officer_gave_to_a_working_group_is_answered_for_it(forum: Forum) -> None:
    await forum.say("/now")
    officer, forum.person = forum.person, stranger()
    theirs = select(KnownAddress.participant_id).where(KnownAddress.user == str(officer["id"]))
    appoint = update(Participant).where(col(Participant.id).in_(theirs)).values(role="secretariat")
    forum.parts.store.write(lambda session: session.execute(appoint)).result()
    group = {"id": -officer["id"], "title": "Group", "type": "supergroup", "is_forum": True}

    async def heard(who: dict[str, Any], words: str, topic: int | None) -> str:
        inside = {"message_thread_id": topic, "is_topic_message": True} if topic else {}
        asked = said(words, who, number=44, chat=group, **inside)
        assert await forum.door.post(asked) == 200
        await forum.parts.assistant.drain()
        await forum.sender.settled(Address("telegram", str(who["id"])))
        call = forum.api.called("sendMessage")[-1]
        assert call.values.get("message_thread_id") == (str(topic) if topic else None)
        assert call.values["chat_id"] == str(group["id"])
        return str(call.values["text"])

    asks = "/ask@saphan_bot when do we meet"
    assert "Only the secretariat" in await heard(forum.person, "/tie@saphan_bot 1", 7)
    assert "It holds for this topic only." in await heard(officer, "/tie@saphan_bot 1", 7)
    told = {topic: await heard(forum.person, asks, topic) for topic in (7, 8, None)}
    assert ["Working group 2" in told[topic] for topic in (7, 8, None)] == [False, True, True]
    assert "Working group 1 (sample)</b>: First meeting: Tuesday 13 September, 10:45, Bangkok" in told[7]
    assert "Working group 2" in await heard(officer, "/tie@saphan_bot 2", None)
    told = {topic: await heard(forum.person, asks, topic) for topic in (7, 8)}
    assert ["Working group 1" in told[topic] for topic in (7, 8)] == [True, False]
    await heard(officer, "/untie@saphan_bot", 7)
    assert await heard(forum.person, asks, 7) == told[8]


async def test_who_blocked_the_bot_and_comes_back_is_answered(forum: Forum) -> None:
    before = len(await forum.say("/start"))
    assert await forum.door.post(changed("member", "kicked", forum.person)) == 200
    assert len(await forum.answers()) == before
    assert await forum.door.post(changed("kicked", "member", forum.person)) == 200
    assert len(await forum.say("/now")) > before


async def test_who_blocks_the_bot_while_it_answers_gets_nothing_until_they_write_again(forum: Forum) -> None:
    await forum.say("/start")
    chat = str(forum.person["id"])
    forum.api.blocked_by.add(chat)
    before = await forum.say("/now")
    assert unsubscribed(forum) == [chat]
    forum.api.blocked_by.clear()
    assert len(await forum.say("/now")) > len(before)
    assert unsubscribed(forum) == []


@pytest.mark.parametrize("away", ["kicked", "left"])
async def test_who_blocks_and_unblocks_without_a_word_is_unsubscribed_in_between(
    forum: Forum, away: str
) -> None:
    before = await forum.say("/start")
    chat = str(forum.person["id"])
    assert await forum.door.post(changed("member", away, forum.person)) == 200
    assert await forum.answers() == before
    assert unsubscribed(forum) == [chat]
    assert await forum.door.post(changed(away, "member", forum.person)) == 200
    await forum.answers()
    assert unsubscribed(forum) == []


def unsubscribed(forum: Forum) -> list[str]:
    """Return the person's account when nothing is to be sent to it."""
    query = select(KnownAddress.user).where(
        KnownAddress.user == str(forum.person["id"]), col(KnownAddress.unsubscribed_at).is_not(None)
    )
    return forum.parts.store.read(lambda session: list(session.exec(query)))


async def test_when_the_database_takes_nothing_the_update_is_asked_for_again(
    forum: Forum, logs: list[Any]
) -> None:
    start = said("/start", forum.person)
    with closing(sqlite3.connect(str(forum.parts.store.url.database))) as database:
        database.execute(
            f"CREATE TRIGGER full BEFORE INSERT ON {Inbox.__tablename__} BEGIN SELECT RAISE(FAIL, 'x'); END"
        )
        assert await forum.door.post(start) == 500
        database.execute("DROP TRIGGER full")
    assert await forum.door.post(start) == 200
    assert len(await forum.answers()) == 1


async def test_what_a_stopped_poller_could_not_confirm_is_answered_once(
    api: BotApi, parts: Parts, build: Build
) -> None:
    person = stranger()
    start, lang = said("/start", person), said("/lang", person)
    await api.feed(start)
    # The turn is committed and answered, and the request that would have confirmed it never arrives.
    api.will("getUpdates", Deal(), Hang())
    first = build("polling")
    async with sending(parts, first), running(first):
        await api.wait_for("sendMessage")
        await api.wait_for("getUpdates", 2)
    assert api.confirmed == 0
    await api.feed(lang)
    second = build("polling")
    async with sending(parts, second) as sender, running(second):
        await api.wait_until(lambda: api.confirmed > lang["update_id"])
        await sender.settled(Address("telegram", str(person["id"])))
    welcome, *others = [words["text"] for words in api.messages.values()]
    assert others
    assert welcome not in others


async def test_whoever_adds_the_bot_to_a_group_hears_why_it_leaves(forum: Forum) -> None:
    group = {"id": -100_200_302, "title": "Friends", "type": "supergroup"}
    assert await forum.door.post(changed("left", "member", forum.person, group)) == 200
    await forum.api.wait_for("leaveChat")
    (words,) = (words["text"] for (chat, _), words in forum.api.messages.items() if chat == "-100200302")
    assert words.startswith("Thank you for having me. Only the forum’s secretariat adds me to groups")
