"""The whole way: Slack, our adapter, the real core and database, the sender, and back."""

import pytest

from adapters.slack.render import Renderer
from adapters.wiring import Parts
from bot.messages import Address
from bot.participants import known
from knowledge.vocabulary import LANGUAGES
from tests.adapters.slack.forums import PEOPLE, Forum, forum, parts
from tests.loopback.slack import Cut, problems
from tests.loopback.slack_events import (
    BOT,
    command,
    home_opened,
    mention,
    message,
    press,
    submitted,
)

__all__ = ["forum", "parts"]


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


async def test_a_channel_that_an_officer_gave_to_a_working_group_is_answered_for_it(forum: Forum) -> None:
    async def heard(words: str, channel: str = "C0GROUP", **more: str) -> str:
        asked = mention(f"<@{BOT}> {words}", user=forum.person, channel=channel, **more)
        await forum.does("events_api", {**asked, "event_id": f"Ev{forum.slack.timestamp()}"})
        return (await forum.answers(channel))[-1]

    assert "Only the secretariat" in await heard("/tie 1")
    forum.appoint("THA", "secretariat")
    assert "This is its place from now on" in await heard("tie 1", thread_ts="1663039700.000001")
    forum.appoint("THA", "delegate")
    told = await heard("when do we meet", thread_ts="1663039900.000001")
    assert "Working group 1 (sample): First meeting: Tuesday 13 September, 10:45, Bangkok time" in told
    assert "Working group 2" not in told
    assert forum.slack.called("chat.postMessage")[-1]["thread_ts"] == "1663039900.000001"
    assert "Working group 2" in await heard("when do we meet", "C0HALL")
    forum.appoint("THA", "secretariat")
    await heard("untie")
    assert "Working group 2" in await heard("when do we meet")
    # Other people's questions would be brought to an officer.
    forum.appoint("THA", "delegate")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("what did my minister register?", "Which one do you mean?"),
        ("/mydata", "Here is all that I keep about you"),
        ("/need We need help to keep vaccines cold, training for 12 technicians", "From which country?"),
    ],
)
async def test_what_is_personal_is_answered_in_the_direct_channel(
    forum: Forum, words: str, told: str
) -> None:
    await forum.does("events_api", mention(f"<@{BOT}> {words}", user=forum.person))
    assert await forum.answers("C0HALL") == []
    assert [told] == [said[: len(told)] for said in await forum.answers()]
    [hint] = await forum.slack.wait_for("chat.postEphemeral")
    assert (hint["channel"], hint["user"], hint["thread_ts"]) == ("C0HALL", forum.person, "1663039801.000001")
    assert hint["text"] == (
        "<https://slack.com/app_redirect?app=A0FORUM&amp;team=T0FORUM"
        "|I answer that in our private chat, where nobody else reads it.>"
    )


async def test_a_button_in_a_channel_leads_to_the_direct_channel(forum: Forum) -> None:
    await forum.does("events_api", mention(f"<@{BOT}> is there a prayer room", user=forum.person))
    assert "will tell you in private" in (await forum.answers("C0HALL"))[-1]
    action = forum.button(-1)["actions"][0]["action_id"]
    pressed = press(action, user=forum.person, channel="C0HALL", ts=forum.last()[0])
    await forum.does("interactive", pressed)
    assert len(await forum.answers("C0HALL")) == 1
    assert (await forum.answers())[-1].startswith("What I can do for you")
    [hint] = await forum.slack.wait_for("chat.postEphemeral")
    assert hint["text"].startswith("<https://slack.com/app_redirect?app=A0FORUM&amp;team=T0FORUM|")


@pytest.mark.parametrize("word", ["yes", "1", "cancel", "back"])
async def test_a_word_in_a_channel_does_not_answer_what_is_asked_in_private(forum: Forum, word: str) -> None:
    await forum.say("/need")
    asked = await forum.answers()
    await forum.does("events_api", mention(f"<@{BOT}> {word}", user=forum.person))
    assert (await forum.answers())[: len(asked)] == asked
    await forum.does("events_api", message("/continue", user=forum.person, ts=forum.slack.timestamp()))
    assert "Tell me the need" in (await forum.answers())[-1]


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
async def test_the_home_fits_in_every_language(parts: Parts, lang: str) -> None:
    cards = await parts.assistant.home(Address("slack", "U0NOBODY"), lang)
    assert list(problems(Renderer().to_home(cards)["blocks"], 100)) == []
