"""Turns what the Bot API answered into the faults that the sender knows."""

from datetime import timedelta

from telegram.error import TelegramError

from adapters.telegram.request import Lost, NotSent, Refusal
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
UNMODIFIED = ("message is not modified",)
MESSAGE_GONE = ("message to edit not found", "message to delete not found", "message_id_invalid")
OTHER_KIND = (
    "there is no text in the message to edit",
    "there is no caption in the message to edit",
    "there is no media in the message to edit",
)
NOT_EDITABLE = (*MESSAGE_GONE, *OTHER_KIND, "message can't be edited", "message identifier is not specified")
NO_PHOTO = ("photo_invalid_dimensions", "photo_ext_invalid")
UNKNOWN_FILE = ("wrong file identifier", "wrong remote file identifier", "wrong file_id", "file_reference_")
BARE_PAUSE = timedelta(seconds=1)
"""Taken when a 429 names no pause."""


def to_fault(error: TelegramError, *, whole_recipient: bool = True) -> Fault:
    """
    Return the fault that *error* is.

    *whole_recipient* is false for an answer to one person inside a group: when the group is closed to us, the person
    is still there in private.
    """
    match error:
        case NotSent() | Lost():
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
    return says(refusal, UNMODIFIED)


def is_gone(refusal: Refusal) -> bool:
    """Tell whether the message to edit or to delete is not there any more."""
    return says(refusal, MESSAGE_GONE)


def is_not_editable(refusal: Refusal) -> bool:
    """Tell whether the message to edit is gone, too old, or of another kind."""
    return says(refusal, NOT_EDITABLE)


def is_of_another_kind(refusal: Refusal) -> bool:
    """Tell whether the message to edit is ours and there, but a file instead of a text or the other way round."""
    return says(refusal, OTHER_KIND)


def is_no_photo(refusal: Refusal) -> bool:
    """Tell whether a picture cannot be shown as a photo, but can be sent as a document: too long or too wide."""
    return says(refusal, NO_PHOTO)


def is_unknown_file(refusal: Refusal) -> bool:
    """Tell whether Telegram no longer has a file under the id that it gave."""
    return says(refusal, UNKNOWN_FILE)


def is_wrong_token(error: TelegramError) -> bool:
    """Tell whether the bot itself is refused; the Bot API answers 404 to a malformed token."""
    return isinstance(error, Refusal) and error.code in (401, 404)
