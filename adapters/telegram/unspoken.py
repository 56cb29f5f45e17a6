"""What a message may hold without anybody saying anything in it: nothing follows from it, for the reason beside it."""

from collections.abc import Mapping

REASONS: Mapping[str, tuple[str, ...]] = {
    "Telegram's remark on who came, went, or changed a group": (
        "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo",
        "group_chat_created", "supergroup_chat_created", "channel_chat_created", "chat_background_set",
        "chat_owner_changed", "chat_owner_left", "message_auto_delete_timer_changed", "pinned_message",
        "proximity_alert_triggered", "boost_added", "sender_boost_count", "migrate_to_chat_id",
    ),
    "Telegram's remark on a topic; what is written in it comes as a message": (
        "forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
        "general_forum_topic_hidden", "general_forum_topic_unhidden",
    ),
    "a call, which the bot cannot join": (
        "video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited",
    ),
    "a tick or a new line on a list or a poll that is another message's": (
        "checklist_tasks_added", "checklist_tasks_done", "poll_option_added", "poll_option_deleted",
    ),
    "money or a present: the bot sells nothing and takes nothing": (
        "invoice", "successful_payment", "refunded_payment", "gift", "gift_upgrade_sent", "unique_gift", "giveaway",
        "giveaway_created", "giveaway_winners", "giveaway_completed", "paid_message_price_changed",
        "direct_message_price_changed", "suggested_post_approval_failed", "suggested_post_approved",
        "suggested_post_declined", "suggested_post_info", "suggested_post_paid", "suggested_post_refunded",
    ),
    "the answer to a question that the bot never asks": (
        "users_shared", "chat_shared", "passport_data", "web_app_data", "write_access_allowed", "connected_website",
        "managed_bot_created",
    ),
    "a property of a message, never its content": (
        "effect_id", "business_connection_id", "sender_business_bot", "reply_to_story",
    ),
}  # fmt: skip
UNSPOKEN: Mapping[str, str] = {name: reason for reason, names in REASONS.items() for name in names}
"""Maps each kind of content to the reason why nothing follows from it."""
