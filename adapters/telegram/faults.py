"""Turns what the Bot API answered into the faults that the sender knows."""

from datetime import timedelta

from telegram.error import TelegramError

from adapters.telegram.request import NotSent, Refusal
from bot.errors import Ambiguous, Down, Fault, Moved, Rejected, Throttled, TooBig, Unreachable

# The Bot API has no codes below 400 and 403; these are the words of its server's source and of the people's reports.
GONE = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "group chat was deactivated",
    "bot was blocked",
    "bot was kicked",
    "peer_id_invalid",
    "chat_id_invalid",
    "input_user_deactivated",
    "user_is_blocked",
    "chat_write_forbidden",
    "not enough rights to send",
    "no rights to send",
)
TOO_BIG = ("is too long", "_too_long", "file is too big", "too large")
UNMODIFIED = "message is not modified"
NOT_EDITABLE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "message identifier is not specified",
    "there is no text in the message to edit",
    "there is no caption in the message to edit",
)
BARE_PAUSE = timedelta(seconds=1)
"""Taken when a 429 names no pause."""


def to_fault(error: TelegramError, *, whole_recipient: bool = True) -> Fault:
    """
    Return the fault that *error* is.

    *whole_recipient* is false for an answer to one person inside a group: when the group is closed to us, the person
    is still there in private.
    """
    match error:
        case NotSent():
            return Down(error.message)
        case Refusal():
            return _refused(error, whole_recipient)
        case _:
            return Ambiguous(error.message)


def _refused(refusal: Refusal, whole_recipient: bool) -> Fault:
    words = refusal.description.lower()
    if refusal.code == 429:
        return Throttled(refusal.wait or BARE_PAUSE)
    if refusal.moved_to is not None:
        return Moved(refusal.moved_to)
    if refusal.code == 413 or says(refusal, TOO_BIG):
        return TooBig(refusal.message)
    # A page instead of an answer is a proxy's or a wrong address's: it says nothing about the person or the message.
    if not words or refusal.code >= 500 or refusal.code in (401, 404, 409):
        return Down(refusal.message)
    if refusal.code == 403 or says(refusal, GONE):
        return Unreachable(refusal.message) if whole_recipient else Rejected(refusal.message)
    return Rejected(refusal.message)


def says(refusal: Refusal, phrases: tuple[str, ...]) -> bool:
    """Tell whether *refusal* is a 400 or 403 in any of these words."""
    words = refusal.description.lower()
    return refusal.code in (400, 403) and any(phrase in words for phrase in phrases)


def is_unmodified(refusal: Refusal) -> bool:
    """Tell whether an edit changed nothing because the message reads so already."""
    return says(refusal, (UNMODIFIED,))


def is_not_editable(refusal: Refusal) -> bool:
    """Tell whether the message to edit is gone, too old, or of another kind."""
    return says(refusal, NOT_EDITABLE)


def is_wrong_token(error: TelegramError) -> bool:
    """Tell whether the bot itself is refused; the Bot API answers 404 to a malformed token."""
    return isinstance(error, Refusal) and error.code in (401, 404)
