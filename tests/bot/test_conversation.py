from bot.conversation import Conversation, Shown
from bot.messages import Choice


def test_a_conversation_comes_back_as_it_was_kept():
    beside = (Shown("1.0", (Choice("/where room-b", "Room B"),)),)
    kept = Conversation(unknown=1, suggested=("ru",), beside=beside)
    assert Conversation.restored(kept.to_json()) == kept


def test_what_an_earlier_version_kept_without_cards_beside_one_another_is_read():
    values = Conversation(unknown=1).to_json()
    del values["beside"]
    assert Conversation.restored(values) == Conversation(unknown=1)


def test_a_conversation_that_another_version_kept_in_another_form_begins_anew():
    assert Conversation.restored({"frame": {"dialogue": "need"}, "drafts": [["x", "y"]]}) == Conversation()


def test_nothing_kept_is_a_new_conversation():
    assert Conversation.restored({}) == Conversation()
