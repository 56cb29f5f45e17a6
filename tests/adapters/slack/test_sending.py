"""What leaves for Slack, and how its failures come back."""

from datetime import timedelta

import pytest

from adapters.slack import Slack
from bot.errors import Ambiguous, Down, Fault, Rejected, Throttled, TooBig, Unreachable
from bot.messages import Attachment, Card, Choice
from tests.adapters.slack.conftest import Recording, outbound
from tests.loopback.slack import Cut, Error, Hang, Loopback, Page, RateLimited

CARD = Card("r1", "en", heading="Room B", body="First floor.", choices=((Choice("plan", "Floor plan"),),))
PLAN = Attachment(
    "room-b.png", "image/png", b"\x89PNG...", "Floor plan: Room B is the second door on the left."
)


async def test_a_card_becomes_one_message_and_its_id_names_the_channel(
    speaking: Slack, slack: Loopback
) -> None:
    place = await speaking.send(outbound(CARD))
    [posted] = slack.called("chat.postMessage")
    assert (posted["channel"], posted["text"]) == ("U0ANA", "Room B\nFirst floor.")
    assert (posted["unfurl_links"], posted["unfurl_media"]) == (False, False)
    assert slack.calls[0].token == "xoxb-1"
    channel, _, ts = place.partition(":")
    assert (channel, (channel, ts) in slack.messages) == ("D0ANA", True)


async def test_an_answer_stays_in_its_thread(speaking: Slack, slack: Loopback) -> None:
    await speaking.send(outbound(CARD, chat="C0HALL", thread="1663039801.000001"))
    assert slack.called("chat.postMessage")[0]["thread_ts"] == "1663039801.000001"


async def test_a_card_takes_the_place_of_an_earlier_one(speaking: Slack, slack: Loopback) -> None:
    first = await speaking.send(outbound(CARD))
    second = await speaking.send(outbound(Card("r2", "en", body="Done."), replaces=first))
    assert second == first
    [changed] = slack.called("chat.update")
    assert changed["blocks"][0]["text"]["text"] == "Done."
    assert len(slack.called("chat.postMessage")) == 1


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_a_message_that_cannot_be_changed_is_followed_by_a_new_one(
    speaking: Slack, slack: Loopback, code: str
) -> None:
    slack.next("chat.update", Error(code))
    place = await speaking.send(outbound(CARD, replaces="D0ANA:1.000001"))
    assert len(slack.called("chat.postMessage")) == 1
    assert tuple(place.split(":")) in slack.messages


async def test_a_picture_follows_its_words_with_its_description(speaking: Slack, slack: Loopback) -> None:
    card = Card("r1", "en", heading="Room B", attachment=PLAN)
    place = await speaking.send(outbound(card, chat="C0HALL", thread="5.000001"))
    [asked], [shared] = (
        slack.called("files.getUploadURLExternal"),
        slack.called("files.completeUploadExternal"),
    )
    assert (asked["filename"], asked["length"], asked["alt_txt"]) == ("room-b.png", "7", PLAN.description)
    assert (shared["channel_id"], shared["thread_ts"]) == ("C0HALL", "5.000001")
    assert slack.uploads[shared["files"][0]["id"]] == PLAN.content
    assert place.startswith("C0HALL:")


async def test_words_are_not_said_twice_when_only_the_file_failed(speaking: Slack, slack: Loopback) -> None:
    slack.next("files.completeUploadExternal", RateLimited(3))
    message = outbound(Card("r1", "en", heading="Room B", attachment=PLAN))
    with pytest.raises(Throttled):
        await speaking.send(message)
    place = await speaking.send(message)
    assert [call.method for call in slack.calls].count("chat.postMessage") == 1
    assert tuple(place.split(":")) in slack.messages


@pytest.mark.parametrize(
    ("behaviour", "fault"),
    [
        (Error("channel_not_found"), Unreachable),
        (Error("user_disabled"), Unreachable),
        (Error("is_archived"), Unreachable),
        (Error("cannot_dm_bot"), Unreachable),
        (Error("msg_too_long"), TooBig),
        (Error("msg_blocks_too_long"), TooBig),
        (Error("invalid_blocks"), Rejected),
        (Error("something_new"), Rejected),
        (Error("something_new", status=400), Rejected),
        (Error("internal_error"), Down),
        (Error("fatal_error", status=500), Down),
        (Error("invalid_auth"), Down),
        (Error("account_inactive"), Down),
        (Error("token_revoked"), Down),
        (Page(503), Down),
        (Page(502, "", "text/plain"), Down),
        (Page(403), Down),
        (Page(200), Ambiguous),
        (Page(200, "{", "application/json"), Ambiguous),
        (Page(200, "[]", "application/json"), Ambiguous),
        (Cut(), Ambiguous),
        (Error("ratelimited"), Throttled),
    ],
)
async def test_each_failure_says_what_its_catcher_does(
    speaking: Slack, slack: Loopback, behaviour: Error | Page | Cut, fault: type[Fault]
) -> None:
    slack.next("chat.postMessage", behaviour)
    with pytest.raises(fault) as raised:
        await speaking.send(outbound(CARD))
    assert raised.type is fault
    assert len(slack.called("chat.postMessage")) == 1


async def test_the_pause_is_exactly_what_slack_asks_for(speaking: Slack, slack: Loopback) -> None:
    slack.next("chat.postMessage", RateLimited(7), RateLimited(None))
    for seconds in (7, 30):
        with pytest.raises(Throttled) as raised:
            await speaking.send(outbound(CARD))
        assert raised.value.wait == timedelta(seconds=seconds)


async def test_silence_after_the_request_is_ambiguous(slack: Loopback, core: Recording) -> None:
    adapter = Slack(core, bot_token="xoxb-1", app_token="xapp-1", api_url=slack.url, timeout=0.1)
    slack.next("chat.postMessage", Hang(after=True))
    with pytest.raises(Ambiguous):
        await adapter.send(outbound(CARD))
    await adapter.close()
    assert len(slack.messages) == 1


async def test_a_refused_connection_is_down(core: Recording) -> None:
    async with Loopback() as gone:
        url = gone.url
    adapter = Slack(core, bot_token="xoxb-1", app_token="xapp-1", api_url=url)
    with pytest.raises(Down):
        await adapter.send(outbound(CARD))
    await adapter.close()


async def test_a_wrong_token_is_told_and_forgotten_when_it_is_right_again(
    speaking: Slack, slack: Loopback
) -> None:
    slack.next("chat.postMessage", Error("invalid_auth"))
    with pytest.raises(Down):
        await speaking.send(outbound(CARD))
    assert (
        speaking.status == "Slack refuses the bot token (invalid_auth); messages are kept until it is right."
    )
    await speaking.send(outbound(CARD))
    assert "refuses" not in speaking.status


async def test_after_closing_messages_are_kept_by_the_ledger(adapter: Slack) -> None:
    await adapter.close()
    with pytest.raises(Down):
        await adapter.send(outbound(CARD))
