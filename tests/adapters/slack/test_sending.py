"""What leaves for Slack, and how its failures come back."""

import asyncio
import json

import pytest

from adapters.slack import Slack
from bot.errors import Ambiguous, Down, Fault, Rejected, Throttled
from bot.messages import Attachment, Card
from tests.adapters.slack.conftest import CARD, PLAN, outbound
from tests.loopback.slack import Behaviour, Cut, Error, Loopback, Page, RateLimited


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


async def test_a_picture_follows_its_words_with_its_description(speaking: Slack, slack: Loopback) -> None:
    card = Card("r1", "en", heading="Room B", attachment=PLAN)
    place = await speaking.send(outbound(card, chat="C0HALL", thread="5.000001"))
    [asked], [shared] = (
        slack.called("files.getUploadURLExternal"),
        slack.called("files.completeUploadExternal"),
    )
    assert (asked["filename"], asked["length"], asked["alt_txt"]) == ("room-b.png", "7", PLAN.description)
    assert (shared["channel_id"], shared["thread_ts"]) == ("C0HALL", "5.000001")
    assert shared["files"][0]["title"] == f"{PLAN.description} (room-b.png)"
    assert slack.uploads[shared["files"][0]["id"]] == PLAN.content
    assert place == f"C0HALL:{place.split(':')[1]}:{shared['files'][0]['id']}"


@pytest.mark.parametrize(
    ("method", "behaviour", "fault"),
    [
        ("files.getUploadURLExternal", RateLimited(3), Throttled),
        ("files.getUploadURLExternal", Cut(), Down),
        ("files.getUploadURLExternal", Page(200, '{"ok": true}', "application/json"), Down),
        ("files.completeUploadExternal", RateLimited(3), Throttled),
        ("files.completeUploadExternal", Error("file_upload_size_restricted"), Rejected),
        ("files.completeUploadExternal", Cut(carried_out=False), Ambiguous),
    ],
)
async def test_when_only_the_file_failed_a_second_try_does_not_repeat_the_words(
    speaking: Slack, slack: Loopback, method: str, behaviour: Behaviour, fault: type[Fault]
) -> None:
    slack.next(method, behaviour)
    message = outbound(Card("r1", "en", heading="Room B", attachment=PLAN))
    with pytest.raises(Fault) as raised:
        await speaking.send(message)
    assert raised.type is fault
    channel, ts, file = (await speaking.send(message)).split(":")
    assert [call.method for call in slack.calls].count("chat.postMessage") == 1
    assert list(slack.messages) == [(channel, ts)]
    assert slack.shared == {file: channel}


async def test_an_upload_that_fails_may_be_tried_again(speaking: Slack, slack: Loopback) -> None:
    message = outbound(Card("r1", "en", heading="Room B", attachment=PLAN))
    gone = {"ok": True, "upload_url": f"{slack.root}/nowhere", "file_id": "F1"}
    slack.next("files.getUploadURLExternal", Page(200, json.dumps(gone), "application/json"))
    with pytest.raises(Down):
        await speaking.send(message)
    await speaking.send(message)
    assert len(slack.messages) == len(slack.shared) == 1


async def test_a_large_file_arrives_whole(speaking: Slack, slack: Loopback) -> None:
    large = Attachment("map.pdf", "application/pdf", bytes(range(256)) * 20_000, "A map of the venue")
    await speaking.send(outbound(Card("r1", "en", heading="Map", attachment=large)))
    assert list(slack.uploads.values()) == [large.content]


async def test_after_closing_messages_are_kept_by_the_ledger(adapter: Slack) -> None:
    await adapter.close()
    with pytest.raises(Down):
        await adapter.send(outbound(CARD))


async def test_everything_goes_over_one_connection_as_long_as_one_is_enough(
    speaking: Slack, slack: Loopback
) -> None:
    for _ in range(10):
        place = await speaking.send(outbound(Card("r1", "en", heading="Room B", attachment=PLAN)))
        await speaking.send(outbound(CARD, replaces=place))
        await speaking.send(outbound(CARD, replaces=place, deletes=True))
    assert len(slack.connections) == 1
    assert (slack.messages, slack.shared) == ({}, {})


async def test_messages_in_flight_at_a_time_share_what_is_open(speaking: Slack, slack: Loopback) -> None:
    for _ in range(3):
        await asyncio.gather(*(speaking.send(outbound(CARD, chat=f"U{number}")) for number in range(20)))
    assert len(slack.connections) <= 20
    assert len(slack.calls) == len(slack.messages) == 60


@pytest.mark.parametrize("carried_out", [True, False])
async def test_nothing_is_posted_twice_when_a_used_connection_is_cut(
    speaking: Slack, slack: Loopback, carried_out: bool
) -> None:
    await speaking.send(outbound(CARD))
    slack.next("chat.postMessage", Cut(carried_out))
    with pytest.raises(Ambiguous):
        await speaking.send(outbound(CARD))
    assert len(slack.calls) == 2
    await speaking.send(outbound(CARD))
    assert len(slack.connections) == 2


def test_bolts_own_client_tries_nothing_again(speaking: Slack) -> None:
    assert speaking._bolt.client.retry_handlers == []
