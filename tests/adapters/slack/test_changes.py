"""How an earlier message is changed, and taken away."""

import pytest

from adapters.slack import Slack
from bot.errors import Ambiguous, Down, Throttled
from bot.messages import Attachment, Card, Outbound
from tests.adapters.slack.conftest import CARD, PLAN, outbound
from tests.loopback.slack import Cut, Error, Loopback, RateLimited

BUS = Card("r1", "en", body="The bus leaves at 17:00.")
BUS_WITH_PLAN = Card("r1", "en", body="The bus leaves at 17:00.", attachment=PLAN)


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


@pytest.mark.parametrize("behaviour", [Cut(), Cut(carried_out=False), Error("fatal_error")])
async def test_a_change_whose_answer_is_lost_may_be_made_again(
    speaking: Slack, slack: Loopback, behaviour: Cut | Error
) -> None:
    first = await speaking.send(outbound(BUS))
    change = outbound(Card("r2", "en", body="It leaves at 18:00."), replaces=first)
    slack.next("chat.update", behaviour)
    with pytest.raises(Down):
        await speaking.send(change)
    assert await speaking.send(change) == first
    assert [message["text"] for message in slack.messages.values()] == ["It leaves at 18:00."]


async def test_a_new_file_takes_the_place_of_the_earlier_one(speaking: Slack, slack: Loopback) -> None:
    first = await speaking.send(outbound(BUS_WITH_PLAN))
    other = Attachment("stop.png", "image/png", b"\x89PNG other", "The stop is at gate 2.")
    second = await speaking.send(outbound(Card("r2", "en", body="Gate 2.", attachment=other), replaces=first))
    channel, ts, file = second.split(":")
    assert first.startswith(f"{channel}:{ts}:")
    assert slack.shared == {file: channel}
    assert slack.uploads[file] == other.content


async def test_a_change_of_the_words_leaves_the_file_where_it_is(speaking: Slack, slack: Loopback) -> None:
    first = await speaking.send(outbound(BUS_WITH_PLAN))
    assert await speaking.send(outbound(Card("r2", "en", body="18:00."), replaces=first)) == first
    assert len(slack.shared) == 1


async def test_a_file_that_was_lost_after_a_change_is_not_shared_twice_unasked(
    speaking: Slack, slack: Loopback
) -> None:
    first = await speaking.send(outbound(BUS))
    slack.next("files.completeUploadExternal", Cut())
    with pytest.raises(Ambiguous):
        await speaking.send(outbound(BUS_WITH_PLAN, replaces=first))
    assert len(slack.shared) == 1


# ---------------------------------------------------------------------- deletions


def withdrawal(replaces: str) -> Outbound:
    return outbound(Card("r2", "en", body="Withdrawn."), replaces=replaces, deletes=True)


async def test_a_message_is_taken_away(speaking: Slack, slack: Loopback) -> None:
    first = await speaking.send(outbound(BUS))
    assert await speaking.send(withdrawal(first)) == first
    assert slack.messages == {}
    assert [call.method for call in slack.calls] == ["chat.postMessage", "chat.delete"]


async def test_a_message_that_is_gone_already_is_done(speaking: Slack, slack: Loopback) -> None:
    first = await speaking.send(outbound(BUS_WITH_PLAN))
    for _ in range(2):
        assert await speaking.send(withdrawal(first)) == first
    assert (slack.messages, slack.shared) == ({}, {})
    assert len(slack.called("chat.postMessage")) == 1


@pytest.mark.parametrize(
    "code", ["cant_delete_message", "compliance_exports_prevent_deletion", "something_new"]
)
async def test_a_message_that_must_stay_is_changed_instead(
    speaking: Slack, slack: Loopback, code: str
) -> None:
    first = await speaking.send(outbound(BUS))
    slack.next("chat.delete", Error(code))
    assert await speaking.send(withdrawal(first)) == first
    assert [message["text"] for message in slack.messages.values()] == ["Withdrawn."]


async def test_what_can_neither_be_deleted_nor_changed_is_followed_by_the_word(
    speaking: Slack, slack: Loopback
) -> None:
    first = await speaking.send(outbound(BUS))
    slack.next("chat.delete", Error("cant_delete_message"))
    slack.next("chat.update", Error("cant_update_message"))
    assert await speaking.send(withdrawal(first)) != first
    assert [message["text"] for message in slack.messages.values()] == [BUS.body, "Withdrawn."]


async def test_what_is_gone_when_it_is_to_be_changed_is_done(speaking: Slack, slack: Loopback) -> None:
    slack.next("chat.delete", Error("cant_delete_message"))
    assert await speaking.send(withdrawal("D0ANA:1.000001")) == "D0ANA:1.000001"
    assert [call.method for call in slack.calls] == ["chat.delete", "chat.update"]


@pytest.mark.parametrize("behaviour", [Cut(), Cut(carried_out=False), Error("internal_error")])
async def test_a_deletion_whose_answer_is_lost_may_be_made_again(
    speaking: Slack, slack: Loopback, behaviour: Cut | Error
) -> None:
    first = await speaking.send(outbound(BUS))
    slack.next("chat.delete", behaviour)
    with pytest.raises(Down):
        await speaking.send(withdrawal(first))
    assert await speaking.send(withdrawal(first)) == first
    assert slack.messages == {}


async def test_a_deletion_that_is_put_off_changes_nothing(speaking: Slack, slack: Loopback) -> None:
    first = await speaking.send(outbound(BUS))
    slack.next("chat.delete", RateLimited(3))
    with pytest.raises(Throttled):
        await speaking.send(withdrawal(first))
    assert slack.called("chat.update") == []
