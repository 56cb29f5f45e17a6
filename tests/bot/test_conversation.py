from bot.conversation import Conversation


def test_a_conversation_comes_back_as_it_was_kept():
    assert Conversation.restored(Conversation(unknown=1, suggested=("ru",)).to_json()) == Conversation(
        unknown=1, suggested=("ru",)
    )


def test_a_conversation_that_another_version_kept_in_another_form_begins_anew():
    assert Conversation.restored({"frame": {"dialogue": "need"}, "drafts": [["x", "y"]]}) == Conversation()


def test_nothing_kept_is_a_new_conversation():
    assert Conversation.restored({}) == Conversation()
