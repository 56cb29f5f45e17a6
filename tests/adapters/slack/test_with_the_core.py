"""The whole way: Slack, our adapter, the real core and database, the sender, and back."""

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.settings import Settings
from adapters.slack import Slack
from adapters.slack.manifest import FORMS
from adapters.slack.render import Renderer, to_modal
from adapters.wiring import Parts, open_parts
from bot.messages import Address
from bot.pace import Pace
from bot.participants import known
from bot.sender import Sender
from knowledge.vocabulary import LANGUAGES
from tests.adapters.slack.conftest import running
from tests.loopback.slack import Cut, Loopback, problems
from tests.loopback.slack_events import (
    BOT,
    Json,
    command,
    home_opened,
    mention,
    message,
    press,
    shortcut,
    submitted,
)

PEOPLE = itertools.count(1)


@dataclass
class Forum:
    """One person's view of a running bot."""

    slack: Loopback
    parts: Parts
    sender: Sender
    person: str

    async def does(self, kind: str, payload: Json) -> Json:
        """Let Slack deliver something, and return what the acknowledgement carried."""
        return await self.slack.ack(kind, payload)

    async def say(self, text: str) -> list[str]:
        """Write *text* to the bot and return all that has been answered, oldest first."""
        await self.does("events_api", message(text, user=self.person, ts=self.slack.timestamp()))
        return await self.answers()

    async def answers(self, channel: str = "") -> list[str]:
        """Return what the bot has said in a channel, its direct one when none is named, once it is done."""
        await self.parts.assistant.drain()
        await self.sender.settled(Address("slack", self.person))
        place = channel or f"D{self.person[1:]}"
        return [shown["text"] for (where, _), shown in self.slack.messages.items() if where == place]

    def last(self) -> tuple[str, Json]:
        """Return the `ts` and the content of the newest message to the person."""
        return [(ts, shown) for (_, ts), shown in self.slack.messages.items()][-1]

    def button(self, number: int = 0) -> Json:
        """Return a press on a button of the newest message."""
        ts, shown = self.last()
        buttons = [
            button for block in shown["blocks"] if block["type"] == "actions" for button in block["elements"]
        ]
        action = buttons[number]["action_id"]
        return press(action, user=self.person, ts=ts, action_ts=self.slack.timestamp())


@pytest.fixture(scope="module")
def parts(started_before: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    database = shutil.copy(started_before, tmp_path_factory.mktemp("saphan"))
    with open_parts(Settings(_env_file=None, database_url=f"sqlite:///{database}")) as opened:
        yield opened


@pytest.fixture
async def forum(slack: Loopback, parts: Parts) -> AsyncIterator[Forum]:
    adapter = Slack(
        parts.assistant, bot_token="xoxb-1", app_token="xapp-1", api_url=slack.url, timeout=2, backoff=(0.01,)
    )
    sender = Sender(parts.store, [adapter], parts.clock, {"slack": Pace(1000, 0.0)})
    parts.assistant.connect(sender)
    sending = asyncio.create_task(sender.run())
    async with running(adapter):
        await slack.connected()
        yield Forum(slack, parts, sender, f"U{next(PEOPLE):08}")
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def test_a_first_message_is_answered_in_the_direct_channel(forum: Forum) -> None:
    assert len(await forum.say("wher is the venue")) >= 1


async def test_a_retried_event_is_answered_once(forum: Forum) -> None:
    event = message("/now", user=forum.person, ts=forum.slack.timestamp())
    envelope = await forum.slack.deliver("events_api", event)
    await envelope.acked
    before = await forum.answers()
    await forum.slack.redeliver(envelope)
    assert await forum.answers() == before


async def test_quick_messages_are_answered_in_order(forum: Forum) -> None:
    words = ("hello", "/privacy", "/agenda", "/now")
    slowly = [await forum.say(text) for text in words][-1]
    forum.person = f"U{next(PEOPLE):08}"
    for text in words:
        await forum.slack.deliver("events_api", message(text, user=forum.person, ts=forum.slack.timestamp()))
    await forum.does("events_api", message("/privacy", user=forum.person, ts=forum.slack.timestamp()))
    assert (await forum.answers())[: len(slowly)] == slowly


async def test_a_command_in_a_channel_is_answered_in_private(forum: Forum) -> None:
    await forum.does("slash_commands", command("now", user=forum.person))
    assert await forum.answers("C0HALL") == []
    assert len(await forum.answers()) >= 1


async def test_a_mention_is_answered_in_the_thread(forum: Forum) -> None:
    await forum.does("events_api", mention(f"<@{BOT}> where is the venue", user=forum.person))
    assert len(await forum.answers("C0HALL")) == 1
    assert forum.slack.called("chat.postMessage")[-1]["thread_ts"] == "1663039801.000001"


async def test_a_button_pressed_twice_works_once(forum: Forum) -> None:
    await forum.say("/now")
    first, second = forum.button(), forum.button()
    await forum.does("interactive", first)
    once = await forum.answers()
    await forum.does("interactive", second)
    assert len(await forum.answers()) <= len(once) + 1


async def test_an_answer_that_may_have_been_lost_is_sent_again(forum: Forum) -> None:
    forum.slack.next("chat.postMessage", Cut())
    answers = await forum.say("/privacy")
    assert answers[0] == answers[1]


async def test_markup_and_mentions_of_a_person_stay_words(forum: Forum) -> None:
    await forum.say("we need help with &lt;!channel&gt; *cold* chains & <http://evil.example|the desk>")
    written = [text for call in forum.slack.called("chat.postMessage") for text in mrkdwns(call["blocks"])]
    assert written
    assert not any("<" in text for text in written)


def mrkdwns(blocks: object) -> list[str]:
    if isinstance(blocks, dict):
        return [blocks["text"]] if blocks.get("type") == "mrkdwn" else mrkdwns(list(blocks.values()))
    return [text for block in blocks for text in mrkdwns(block)] if isinstance(blocks, list) else []


@pytest.mark.parametrize("text", ["x" * 5000, "🙂" * 4096, "/", "&lt;b&gt;where&lt;/b&gt;", "ห้องบี"])
async def test_whatever_is_written_is_answered(forum: Forum, text: str) -> None:
    assert len(await forum.say(text)) >= 1


async def test_a_need_is_registered_with_the_form(forum: Forum) -> None:
    await forum.does("interactive", shortcut("need_new", user=forum.person))
    view = forum.slack.called("views.open")[-1]["view"]
    words = {"text": "vaccines cold on our outer islands, call me +66 81 234 5678", "readers": "governments"}
    refused = await forum.does("interactive", submitted(view, words, user=forum.person, trigger="T.91"))
    assert (refused["response_action"], list(refused["errors"])) == ("errors", ["text"])
    words["text"] = "We need help to keep vaccines cold on our outer islands, training for 12 technicians"
    taken = await forum.does("interactive", submitted(view, words, user=forum.person, trigger="T.92"))
    assert taken == {}
    assert len(await forum.answers()) >= 1


async def test_the_home_shows_what_the_core_says_and_follows_the_language(forum: Forum) -> None:
    await forum.does("events_api", home_opened(user=forum.person))
    await forum.slack.wait_for("views.publish")
    english = forum.slack.homes[forum.person]["blocks"]
    assert list(problems(english, 100)) == []
    await forum.say("/lang fr")
    await forum.slack.wait_for("views.publish", 2)
    assert forum.slack.homes[forum.person]["blocks"] != english


async def test_a_choice_of_the_home_is_answered(forum: Forum) -> None:
    await forum.does("events_api", home_opened(user=forum.person))
    await forum.slack.wait_for("views.publish")
    blocks = forum.slack.homes[forum.person]["blocks"]
    buttons = [button for block in blocks if block["type"] == "actions" for button in block["elements"]]
    assert buttons
    for button in buttons:
        tap = press(button["action_id"], value=button["value"], user=forum.person, home=True)
        tap["actions"][0]["action_ts"] = forum.slack.timestamp()
        said = len(await forum.answers()) + len(forum.slack.called("views.open"))
        await forum.does("interactive", tap)
        assert len(await forum.answers()) + len(forum.slack.called("views.open")) > said


async def test_data_is_deleted_with_the_form_of_the_home(forum: Forum) -> None:
    await forum.say("hello")
    await forum.does("events_api", home_opened(user=forum.person))
    await forum.slack.wait_for("views.publish")
    blocks = forum.slack.homes[forum.person]["blocks"]
    buttons = [button for block in blocks if block["type"] == "actions" for button in block["elements"]]
    delete = next(button for button in buttons if button["text"]["text"] == "Delete my data")
    tap = press(delete["action_id"], value=delete["value"], user=forum.person, home=True)
    await forum.does("interactive", tap)
    view = forum.slack.called("views.open")[-1]["view"]
    assert view["blocks"][0]["text"]["text"].startswith("This deletes your link, messages, questions")
    refused = await forum.does(
        "interactive", submitted(view, {"word": "delet"}, user=forum.person, trigger="T.81")
    )
    assert refused["errors"] == {"word": "Please type DELETE."}
    published = len(forum.slack.called("views.publish"))
    done = submitted(view, {"word": "delete"}, user=forum.person, trigger="T.82")
    assert await forum.does("interactive", done) == {}
    assert (await forum.answers())[-1].startswith("Deleted. This is my last message")
    await forum.slack.wait_for("views.publish", published + 1)
    assert "You are not linked yet." in str(forum.slack.homes[forum.person])
    assert "Delete my data" not in str(forum.slack.homes[forum.person])
    whose = forum.parts.store.read(lambda session: known(session, Address("slack", forum.person)))
    assert whose is None


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", FORMS)
async def test_every_form_fits_in_every_language(parts: Parts, name: str, lang: str) -> None:
    form = await parts.assistant.form(name, Address("slack", "U0NOBODY"), lang)
    assert form.lang == lang
    assert list(problems(to_modal(form)["blocks"], 100)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_home_fits_in_every_language(parts: Parts, lang: str) -> None:
    cards = await parts.assistant.home(Address("slack", "U0NOBODY"), lang)
    assert list(problems(Renderer().to_home(cards)["blocks"], 100)) == []
