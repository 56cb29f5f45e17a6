from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from telegram import Message, Update
from telegram.constants import MessageAttachmentType, MessageType, UpdateType

from adapters.telegram.translate import IGNORED, MEDIA, READERS, Me, to_inbound
from adapters.telegram.unspoken import UNSPOKEN
from bot.messages import Address, Edit, Inbound, Left, Media, Opened, Tap, Text
from tests.loopback.telegram import BOT
from tests.loopback.telegram_updates import (
    ARMAN,
    GROUP,
    MELE,
    NOON,
    changed,
    edited,
    heard,
    message,
    private,
    said,
    tapped,
    update,
)

ME = Me(BOT["id"], "Saphan_Bot")
NOW = datetime(2022, 9, 13, 5, tzinfo=UTC)
AT = datetime.fromtimestamp(NOON, UTC)


def read(raw: dict[str, Any], me: Me = ME) -> Inbound | None:
    parsed = Update.de_json(raw, None)
    return to_inbound(parsed, me, NOW)


def what(raw: dict[str, Any], me: Me = ME) -> Any:
    inbound = read(raw, me)
    return None if inbound is None else inbound.heard


def test_every_kind_of_update_is_read_or_ignored_for_a_stated_reason() -> None:
    kinds = {name for name in Update.__slots__ if not name.startswith("_")} - {"update_id"}
    assert set(READERS) | set(IGNORED) == kinds
    assert set(READERS) & set(IGNORED) == set()


def test_the_updates_that_telegram_names_are_those_we_know() -> None:
    assert {kind.value for kind in UpdateType} == set(READERS) | set(IGNORED)


def test_every_kind_of_content_we_name_exists() -> None:
    assert set(MEDIA) - set(Message.__slots__) == {"rich_message"}


def test_every_kind_of_content_is_answered_or_ignored_for_a_stated_reason() -> None:
    answered = {"text", *MEDIA}
    assert {kind.value for kind in MessageType} - answered == set(UNSPOKEN)
    assert {kind.value for kind in MessageAttachmentType} - answered <= set(UNSPOKEN)


@pytest.mark.parametrize("content", sorted(UNSPOKEN))
def test_from_what_nobody_said_nothing_follows(content: str) -> None:
    parsed = Update.de_json(heard(), None)
    assert parsed.message is not None
    with parsed.message._unfrozen():
        setattr(parsed.message, content, True)
    assert to_inbound(parsed, ME, NOW) is None


def test_a_message_tells_who_wrote_where_when_and_in_which_language() -> None:
    raw = said("where is my room?", ARMAN, number=17)
    assert read(raw) == Inbound(
        key=str(raw["update_id"]),
        address=Address("telegram", "5000000002"),
        at=AT,
        heard=Text("where is my room?"),
        chat="5000000002",
        place="private",
        message="17",
        locale="ru",
    )


def test_a_person_whose_language_telegram_hides_has_none() -> None:
    inbound = read(said("hello", {"id": 5, "is_bot": False, "first_name": "X"}))
    assert inbound is not None
    assert inbound.locale is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", Opened()),
        ("/start aG9_-x", Opened("aG9_-x")),
        ("/start@saphan_bot room", Opened("room")),
        ("/started", Text("/started")),
        ("/need", Text("/need")),
        ("/need@saphan_bot solar pumps", Text("/need solar pumps")),
        ("/need@SAPHAN_BOT\ntwo\nlines", Text("/need two\nlines")),
        ("/need@other_bot pumps", Text("/need@other_bot pumps")),
        ("mail me@saphan_bot.org", Text("mail me@saphan_bot.org")),
        ("<3 & _", Text("<3 & _")),
        ("", Text("")),
    ],
)
def test_words_in_a_private_chat(text: str, expected: Any) -> None:
    assert what(said(text)) == expected


def test_a_forwarded_command_is_text_and_no_command() -> None:
    origin = {"type": "hidden_user", "sender_user_name": "Somebody", "date": NOON}
    assert what(said("/start x", forward_origin=origin)) == Text("/start x", forwarded=True)


FILE = {"file_id": "f", "file_unique_id": "u"}
PHOTO = [{**FILE, "width": 9, "height": 9}]
PLACE = {"latitude": 13.76, "longitude": 100.5}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"voice": {**FILE, "duration": 3}}, Media("voice")),
        ({"video_note": {**FILE, "duration": 3, "length": 9}}, Media("voice")),
        ({"audio": {**FILE, "duration": 3}, "caption": "our need"}, Media("voice", "our need")),
        ({"sticker": {**FILE, "width": 9, "height": 9, "is_animated": False, "is_video": False, "type": "regular"}},
         Media("sticker")),
        ({"animation": {**FILE, "width": 9, "height": 9, "duration": 1}, "document": FILE}, Media("sticker")),
        ({"dice": {"emoji": "🎲", "value": 3}}, Media("sticker")),
        ({"photo": PHOTO}, Media("photo")),
        ({"photo": PHOTO, "caption": "<b>& me"}, Media("photo", "<b>& me")),
        ({"document": FILE, "caption": "note"}, Media("document", "note")),
        ({"video": {**FILE, "width": 9, "height": 9, "duration": 1}}, Media("document")),
        ({"location": PLACE}, Media("location")),
        ({"venue": {"location": PLACE, "title": "UNCC", "address": "Rajadamnern"}, "location": PLACE},
         Media("location")),
        ({"contact": {"phone_number": "1", "first_name": "A"}}, Media("contact")),
        ({"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
                   "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
                   "allows_revoting": False, "members_only": False}}, Media("other")),
        ({"story": {"chat": private(MELE), "id": 1}}, Media("other")),
        ({"rich_message": {"blocks": []}}, Media("other")),
    ],
)  # fmt: skip
def test_what_is_not_text_is_told_apart(content: dict[str, Any], expected: Media) -> None:
    assert what(heard(**content)) == expected


@pytest.mark.parametrize(
    "content",
    [
        {"new_chat_members": [BOT], "chat": GROUP},
        {"pinned_message": message(text="x")},
        {"migrate_to_chat_id": -1009, "chat": GROUP},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 60}},
        {},
    ],
)
def test_nobody_said_a_service_message(content: dict[str, Any]) -> None:
    assert what(heard(**content)) is None


def test_an_edit_names_the_message_and_the_time_of_the_edit() -> None:
    inbound = read(edited("better words", number=17))
    assert inbound is not None
    assert (inbound.heard, inbound.at) == (Edit("better words", "17"), AT + timedelta(minutes=1))


def test_a_live_location_that_moves_is_no_edit() -> None:
    assert what(update(edited_message=message(location=PLACE, edit_date=NOON))) is None


def test_a_tap_carries_the_choice_the_message_and_our_time() -> None:
    raw = tapped("c7:x:2", ARMAN)
    assert read(raw) == Inbound(
        key=str(raw["update_id"]),
        address=Address("telegram", "5000000002"),
        at=NOW,
        heard=Tap("c7:x", 2, "70"),
        chat="5000000002",
        message="70",
        locale="ru",
    )


def test_a_button_under_a_message_too_old_to_be_seen_still_counts() -> None:
    assert what(tapped("c7:0", on={"message_id": 9, "chat": private(MELE), "date": 0})) == Tap("c7", 0, "9")


@pytest.mark.parametrize("data", ["", "c7", "c7:", "c7:x", "c7:-1", "c7:²"])
def test_a_button_that_is_not_ours_is_no_tap(data: str) -> None:
    assert what(tapped(data)) is None


def test_a_button_of_an_inline_message_is_no_tap() -> None:
    raw = tapped("c7:0")
    del raw["callback_query"]["message"]
    assert what(raw) is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [("member", "kicked", Left()), ("kicked", "member", Opened()), ("member", "member", None)],
)
def test_blocking_the_bot_is_leaving_and_coming_back_is_opening(
    before: str, after: str, expected: Any
) -> None:
    assert what(changed(before, after)) == expected


def test_who_puts_the_bot_out_of_a_group_has_not_left() -> None:
    assert what(changed("member", "kicked", chat=GROUP)) is None


OUR_CARD = {"message_id": 3, "from": BOT, "chat": GROUP, "date": NOON, "text": "Next: 14:30"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"text": "hello all"}, None),
        ({"text": "/now"}, None),
        ({"text": "/now@other_bot"}, None),
        ({"text": "/now@other_bot", "reply_to_message": OUR_CARD}, None),
        ({"text": "/now@saphan_bot"}, Text("/now")),
        ({"text": "/ask@saphan_bot where is lunch?"}, Text("/ask where is lunch?")),
        ({"text": "where is lunch?", "reply_to_message": OUR_CARD}, Text("where is lunch?")),
        ({"text": "yes", "reply_to_message": {**OUR_CARD, "from": ARMAN}}, None),
        ({"text": "@saphan_bot where is lunch?"}, Text("where is lunch?")),
        ({"text": "/start@saphan_bot hi"}, Opened("hi")),
        ({"photo": PHOTO}, None),
        ({"photo": PHOTO, "reply_to_message": OUR_CARD}, Media("photo")),
        (
            {
                "text": "x",
                "reply_to_message": {**OUR_CARD, "forum_topic_created": {"name": "t", "icon_color": 1}},
            },
            None,
        ),
    ],
)
def test_in_a_group_only_what_is_said_to_the_bot_is_heard(content: dict[str, Any], expected: Any) -> None:
    assert what(heard(chat=GROUP, **content)) == expected


def test_an_edit_in_a_group_is_heard_when_it_is_said_to_the_bot() -> None:
    assert what(edited("/ask@saphan_bot lunch", chat=GROUP, number=8)) == Edit("/ask lunch", "8")
    assert what(edited("lunch", chat=GROUP)) is None


def test_before_telegram_has_told_our_name_any_name_is_ours() -> None:
    assert what(said("/now@saphan_bot", chat=GROUP), Me(BOT["id"])) == Text("/now")


def test_a_group_message_keeps_group_and_topic() -> None:
    inbound = read(said("/now@saphan_bot", chat=GROUP, number=44, message_thread_id=7, is_topic_message=True))
    assert inbound is not None
    assert inbound == replace(
        inbound,
        chat="-100200300",
        place="group",
        thread="7",
        topic="7",
        message="44",
        address=Address("telegram", "5000000001"),
    )


def test_a_reply_names_the_message_that_it_answers() -> None:
    inbound = read(said("yes, gladly", reply_to_message={**OUR_CARD, "chat": private(MELE)}))
    assert inbound is not None
    assert (inbound.heard, inbound.answers) == (Text("yes, gladly"), "3")


def test_a_reply_with_a_picture_names_the_message_too() -> None:
    inbound = read(heard(photo=PHOTO, reply_to_message={**OUR_CARD, "chat": private(MELE)}))
    assert inbound is not None
    assert (inbound.heard, inbound.answers) == (Media("photo"), "3")


def test_a_reply_in_a_group_without_topics_has_no_topic() -> None:
    plain_group = {"id": -5, "title": "Group", "type": "supergroup"}
    inbound = read(
        said("so?", chat=plain_group, message_thread_id=3, reply_to_message={**OUR_CARD, "chat": plain_group})
    )
    assert inbound is not None
    assert (inbound.thread, inbound.topic) == (None, None)


@pytest.mark.parametrize(
    "raw",
    [
        said("/now@saphan_bot", chat={"id": -1, "type": "channel", "title": "News"}),
        said("/now@saphan_bot", {**ARMAN, "is_bot": True}),
        said("/now@saphan_bot", chat=GROUP, sender_chat={"id": -9, "type": "channel", "title": "News"}),
    ],
    ids=["in a channel", "by a bot", "in a channel's name"],
)
def test_what_no_person_said_is_not_heard(raw: dict[str, Any]) -> None:
    assert what(raw) is None
