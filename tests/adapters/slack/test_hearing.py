"""What people do in Slack, as the core hears it over Socket Mode."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.slack import Slack
from bot.messages import Address, Edit, Immediate, Inbound, Media, Tap, Text
from tests.adapters.slack.conftest import Recording
from tests.loopback.slack import Loopback
from tests.loopback.slack_events import BOT, command, event, mention, message, press, shortcut

pytestmark = pytest.mark.usefixtures("on")


async def test_a_direct_message_is_a_text_answered_where_it_stands(slack: Loopback, core: Recording) -> None:
    await slack.ack("events_api", message("wher rom", event_id="Ev1", ts="1663039800.000001"))
    assert core.heard == [
        Inbound(
            key="Ev1",
            address=Address("slack", "U0ANA"),
            at=datetime(2022, 9, 13, 3, 30, 0, 1, UTC),
            heard=Text("wher rom"),
            chat="D0ANA",
            message="D0ANA:1663039800.000001",
        )
    ]


async def test_a_retried_event_has_the_same_key(slack: Loopback, core: Recording) -> None:
    envelope = await slack.deliver("events_api", message("hello", event_id="Ev1"))
    await envelope.acked
    await slack.redeliver(envelope)
    assert [heard.key for heard in core.heard] == ["Ev1", "Ev1"]


async def test_two_quick_messages_come_in_their_order(slack: Loopback, core: Recording) -> None:
    core.free.clear()
    for number in range(20):
        await slack.deliver("events_api", message(f"line {number}", ts=f"1663039800.{number:06}"))
    heard = await core.hears(20)
    core.free.set()
    assert [one.heard for one in heard] == [Text(f"line {number}") for number in range(20)]


async def test_4096_characters_arrive_whole(slack: Loopback, core: Recording) -> None:
    await slack.ack("events_api", message("รถ" * 2500))
    assert core.heard[0].heard == Text("รถ" * 2500)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("Fish &amp; &lt;b&gt; &amp;amp;", "Fish & <b> &amp;"),
        ("<mailto:dg@gov.xx|dg@gov.xx>", "dg@gov.xx"),
        ("<https://gov.xx/a?b=1&amp;c=2>", "https://gov.xx/a?b=1&c=2"),
        ("see <http://gov.xx|gov.xx>", "see gov.xx"),
        ("see <http://gov.xx|our page>", "see our page (http://gov.xx)"),
        ("<tel:+66812345678|+66 81 234 5678>", "+66 81 234 5678 (+66812345678)"),
        ("<@U0BOB|bob> in <#C1|hall>, <!here> <!date^1^{date}|today>", "@bob in #hall, @here today"),
    ],
)
async def test_words_are_read_as_the_person_saw_them(
    slack: Loopback, core: Recording, sent: str, words: str
) -> None:
    await slack.ack("events_api", message(sent))
    assert core.heard[0].heard == Text(words)


async def test_a_message_in_a_thread_keeps_its_thread(slack: Loopback, core: Recording) -> None:
    await slack.ack("events_api", message("where is room b", thread_ts="1663039000.000001"))
    assert core.heard[0].thread == "1663039000.000001"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ({"mimetype": "image/jpeg"}, "photo"),
        ({"mimetype": "application/pdf"}, "document"),
        ({"mimetype": "audio/mp4"}, "voice"),
        ({"mimetype": "video/webm", "subtype": "slack_audio"}, "voice"),
    ],
)
async def test_a_file_is_named_by_what_it_is(
    slack: Loopback, core: Recording, file: dict[str, str], kind: Any
) -> None:
    await slack.ack("events_api", message("the plan", subtype="file_share", files=[{"id": "F1", **file}]))
    assert core.heard[0].heard == Media(kind, "the plan")


def changed(old: str, new: str, **more: object) -> dict[str, Any]:
    now = {"type": "message", "user": "U0ANA", "text": new, "ts": "1663039800.000001", **more}
    then = {"type": "message", "user": "U0ANA", "text": old, "ts": "1663039800.000001"}
    inner = {"type": "message", "subtype": "message_changed", "channel": "D0ANA", "channel_type": "im",
             "ts": "1663039900.000001", "message": now, "previous_message": then}  # fmt: skip
    return event(inner, "EvEdit")


async def test_a_message_in_a_thread_answers_the_one_that_began_it(slack: Loopback, core: Recording) -> None:
    await slack.ack(
        "events_api", message("yes, gladly", ts="1663039900.000001", thread_ts="1663039800.000001")
    )
    [heard] = core.heard
    assert (heard.answers, heard.thread) == ("D0ANA:1663039800.000001", "1663039800.000001")


async def test_the_message_that_begins_a_thread_answers_none(slack: Loopback, core: Recording) -> None:
    await slack.ack("events_api", message("hello", ts="1663039800.000001", thread_ts="1663039800.000001"))
    assert core.heard[0].answers is None


async def test_an_edit_names_the_message_that_it_changes(slack: Loopback, core: Recording) -> None:
    edited = {"user": "U0ANA", "ts": "1663039900.000000"}
    await slack.ack("events_api", changed("for 12 technicians", "for 20 technicians", edited=edited))
    [heard] = core.heard
    assert heard.heard == Edit("for 20 technicians", "D0ANA:1663039800.000001")
    assert (heard.key, heard.chat) == ("EvEdit", "D0ANA")


@pytest.mark.parametrize(
    "unspoken",
    [
        message("I am the bot", user=BOT),
        message("another app", bot_id="B0OTHER"),
        message("another app", subtype="bot_message", bot_id="B0OTHER"),
        event(
            {
                "type": "message",
                "subtype": "message_deleted",
                "channel": "D0ANA",
                "channel_type": "im",
                "ts": "1.1",
            }
        ),
        event(
            {
                "type": "message",
                "subtype": "channel_topic",
                "channel": "D0ANA",
                "user": "U0ANA",
                "text": "x",
                "ts": "1.1",
            }
        ),
        changed("see gov.xx", "see gov.xx", attachments=[{}]),
        changed("see gov.xx", "see gov.xx now", bot_id="B0BOT", edited={"user": BOT, "ts": "1.1"}),
        message("", blocks=[]),
        event(
            {
                "type": "message",
                "channel": "C0HALL",
                "channel_type": "channel",
                "user": "U0ANA",
                "text": "x",
                "ts": "1.1",
            }
        ),
    ],
)
async def test_what_nobody_said_to_the_bot_is_acknowledged_and_not_heard(
    slack: Loopback, core: Recording, unspoken: dict[str, Any]
) -> None:
    await slack.ack("events_api", unspoken)
    assert core.heard == []


async def test_a_mention_is_answered_in_its_thread_without_the_name(slack: Loopback, core: Recording) -> None:
    await slack.ack("events_api", mention(f"<@{BOT}> when do we meet"))
    [heard] = core.heard
    assert heard.heard == Text("when do we meet")
    assert (heard.place, heard.chat, heard.thread) == ("group", "C0HALL", "1663039801.000001")


async def test_a_bare_mention_asks_for_help(slack: Loopback, core: Recording) -> None:
    await slack.ack("events_api", mention(f"<@{BOT}|forum> ", thread_ts="1663030000.000001"))
    assert (core.heard[0].heard, core.heard[0].thread) == (Text("/help"), "1663030000.000001")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "/help"),
        ("where", "/where"),
        ("need cold chain &amp; training", "/need cold chain & training"),
        ("/now", "/now"),
    ],
)
async def test_the_command_is_read_without_its_name(
    slack: Loopback, core: Recording, typed: str, words: str
) -> None:
    assert await slack.ack("slash_commands", command(typed, trigger="T.9")) == {}
    [heard] = core.heard
    assert (heard.key, heard.heard) == ("command:T.9", Text(words))
    assert (heard.chat, heard.place) == ("U0ANA", "private")


async def test_a_command_in_a_channel_is_never_answered_for_all(slack: Loopback, core: Recording) -> None:
    core.says.append(Immediate(toast="Not <now>"))
    assert await slack.ack("slash_commands", command("matches", channel="C0HALL")) == {
        "text": "Not &lt;now&gt;"
    }
    assert core.heard[0].chat == "U0ANA"


async def test_a_button_pressed_names_its_card_choice_and_message(slack: Loopback, core: Recording) -> None:
    await slack.ack("interactive", press("r1:2"))
    [heard] = core.heard
    assert heard.heard == Tap("r1", 2, "D0ANA:1663039700.000100")
    assert (heard.chat, heard.place) == ("D0ANA", "private")


async def test_a_button_pressed_twice_is_two_taps_and_a_retry_is_one(
    slack: Loopback, core: Recording
) -> None:
    once = await slack.deliver("interactive", press("r1:2", action_ts="1663039802.000001"))
    await once.acked
    await slack.ack("interactive", press("r1:2", action_ts="1663039802.500000"))
    await slack.redeliver(once)
    first, second, again = (heard.key for heard in core.heard)
    assert (first == again, first == second) == (True, False)


async def test_a_button_in_a_channel_is_answered_in_its_thread(slack: Loopback, core: Recording) -> None:
    await slack.ack("interactive", press("r1:0", channel="C0HALL", thread="1663030000.000001"))
    [heard] = core.heard
    assert (heard.place, heard.chat, heard.thread) == ("group", "C0HALL", "1663030000.000001")


async def test_a_toast_is_shown_to_the_person_only(slack: Loopback, core: Recording) -> None:
    core.says.append(Immediate(toast="This button is from an earlier step."))
    await slack.ack("interactive", press("r1:0"))
    [shown] = await slack.wait_for("chat.postEphemeral")
    assert shown == {"channel": "D0ANA", "user": "U0ANA", "text": "This button is from an earlier step."}


async def test_somebodys_message_is_forwarded_without_their_name(slack: Loopback, core: Recording) -> None:
    await slack.ack("interactive", shortcut("msg_to_question", text="We train nurses, 30 places"))
    [heard] = core.heard
    assert heard.heard == Text("We train nurses, 30 places", forwarded=True)
    assert (heard.address.user, heard.chat, heard.place) == ("U0ANA", "U0ANA", "private")


async def test_the_acknowledgement_waits_for_a_slow_turn(slack: Loopback, core: Recording) -> None:
    core.free.clear()
    envelope = await slack.deliver("events_api", message("hello"))
    await core.hears()
    assert not envelope.acked.done()
    core.free.set()
    assert await asyncio.wait_for(envelope.acked, 10) == {}


async def test_what_was_not_kept_is_not_acknowledged_and_comes_again(
    slack: Loopback, core: Recording
) -> None:
    core.says.append(OSError("the disk is full"))
    lost = await slack.deliver("events_api", message("first", event_id="Ev1"))
    await core.hears()
    await slack.ack("events_api", message("second", event_id="Ev2"))
    assert not lost.acked.done()
    await slack.redeliver(lost)
    assert [heard.key for heard in core.heard] == ["Ev1", "Ev2", "Ev1"]


async def test_a_lost_workspace_is_acknowledged(on: Slack, slack: Loopback, core: Recording) -> None:
    await slack.ack("events_api", event({"type": "app_uninstalled"}))
    await slack.ack("events_api", event({"type": "tokens_revoked", "tokens": {"bot": [BOT]}}))
    assert core.heard == []
