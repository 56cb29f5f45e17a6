"""The conversations, one file each; what a participant can talk about is listed here."""

from collections.abc import Mapping

from bot.dialogue import Dialogue
from bot.dialogues.announce import ANNOUNCE
from bot.dialogues.announcement import ANNOUNCEMENT, OK
from bot.dialogues.ask import ASK, ENTRY
from bot.dialogues.calendar import CALENDAR
from bot.dialogues.channels import MY_CHANNELS
from bot.dialogues.edited import EDITED
from bot.dialogues.follow import FOLLOW, FOLLOWING, REMIND_ME, UNFOLLOW
from bot.dialogues.forgetme import FORGETME, STOP
from bot.dialogues.language import LANGUAGE
from bot.dialogues.link import CONSENT_AGAIN, LINK
from bot.dialogues.matches import MATCHES
from bot.dialogues.media import MEDIA
from bot.dialogues.menu import MENU
from bot.dialogues.mute import MUTE, UNMUTE
from bot.dialogues.ours import OURS, REVIEW
from bot.dialogues.person import PERSON
from bot.dialogues.privacy import MYDATA, PRIVACY
from bot.dialogues.programme import AGENDA, NOW
from bot.dialogues.questions import ANSWER_QUESTION, QUESTIONS
from bot.dialogues.remind import REMIND
from bot.dialogues.statement import NEED, OFFER
from bot.dialogues.undo import UNDO
from bot.dialogues.welcome import WELCOME
from bot.dialogues.where import WHERE

DIALOGUES: Mapping[str, Dialogue] = {
    dialogue.name: dialogue
    for dialogue in (
        WELCOME,
        LANGUAGE,
        LINK,
        CONSENT_AGAIN,
        MENU,
        ASK,
        ENTRY,
        PERSON,
        NOW,
        WHERE,
        AGENDA,
        CALENDAR,
        NEED,
        OFFER,
        UNDO,
        EDITED,
        MATCHES,
        OURS,
        REVIEW,
        PRIVACY,
        MYDATA,
        FORGETME,
        STOP,
        MEDIA,
        QUESTIONS,
        ANSWER_QUESTION,
        REMIND_ME,
        FOLLOW,
        UNFOLLOW,
        FOLLOWING,
        MUTE,
        UNMUTE,
        MY_CHANNELS,
        ANNOUNCE,
        ANNOUNCEMENT,
        REMIND,
        OK,
    )
}
"""Maps the name of a dialogue, as it is kept and routed to, to the dialogue."""
