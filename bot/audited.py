"""Which commands leave an entry in the record, and what stands in it: numbers and kinds, never words."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from bot import announcement_commands as announcing
from bot import audit
from bot import identity_commands as identity
from bot.adaptation_commands import BeginAdaptation, TellAdaptation
from bot.circular_commands import ApproveCircular, Circulate, ReplyToCircular
from bot.commands import Command, Imported, ImportPeople, ReplaceText, Withdraw
from bot.consent import LINKING
from bot.delegation_commands import AddWords, ChangeFacets, CheckOffer, Decline, Publish, RefuseOffer, SetMet
from bot.gap_commands import ShowGap
from bot.group_chat_commands import GroupChat, TieGroup, UntieGroup
from bot.group_commands import AnswerJoin, CancelJoin, FollowGroup, JoinGroup, TellGroup, UnfollowGroup
from bot.introduction_commands import (
    AgreeIntroduction,
    AskIntroduction,
    DeclineIntroduction,
    MuteTheme,
    OfferIntroduction,
    OfferPair,
)
from bot.join_commands import AnswerThird, OfferToJoin, WithdrawToJoin
from bot.meeting_commands import AcceptMeeting, ArrangeMeeting, CancelMeeting
from bot.participants import Actor
from bot.people_commands import (
    FindPeople,
    GiveCodes,
    GiveLetters,
    LinkPerson,
    Readmit,
    SetPreferredChannel,
    SetRole,
    UnlinkChannel,
    UnlinkPerson,
)
from bot.practice_commands import CheckPractice, RefusePractice, SubmitPractice, WithdrawPractice
from bot.privacy_commands import ChooseVisibility, GiveConsent, ObjectToMatching, Stop, WithdrawConsent
from bot.profile_commands import CheckProfile, KeepProfile, WithdrawProfile
from bot.project_commands import AnswerProject, BeginProject, LeadProject, RefuseJointNeed
from bot.survey_commands import SubmitSurvey, SurveyResults

Details = dict[str, Any]


def _numbered(command: Any, result: Any) -> Details | None:
    return {"number": command.number} if result not in (False, None, 0) else None


def _answered(command: Any, result: Any) -> Details | None:
    return {"number": command.number} if result.outcome in ("published", "declined") else None


def _decided(command: Any, result: Any) -> Details | None:
    return {"number": command.number} if result.fresh else None


def _statement_changed(command: Any, result: Any) -> Details | None:
    return {"number": command.number, "edition": result.item.edition} if result.done else None


def _of_group(command: Any, result: Any) -> Details | None:
    return {"group": command.group} if result is not None else None


def _of_chat(chat: GroupChat) -> Details:
    return {"group": chat.group, **asdict(chat.spot)}


def _circulated(_command: Any, result: Any) -> Details | None:
    """Return what stands in the record of a circular; nothing where nobody was asked anew."""
    if result is None or not result.fresh:
        return None
    return {"number": result.circular.number, "people": result.people}


def _confirmed(command: Any, result: Any) -> Details | None:
    done = result in ("confirmed", "declined")
    return {"group": command.group, "confirmed": command.confirms} if done else None


def _announced(_command: Any, result: Any) -> Details | None:
    return {"number": result.number, "recipients": result.recipients} if result.fresh else None


def _linked(command: Any, result: Any) -> Details | None:
    return {"request": command.request} if result is not None else None


def _introduced(_command: Any, result: Any) -> Details:
    return {"number": result.number, "given": list(result.given)}


def _met(_command: Any, result: Any) -> Details | None:
    return {"number": result.meeting.number} if result.result == "booked" else None


def _arranged(_command: Any, result: Any) -> Details | None:
    if result.result != "held":
        return None
    return {"number": result.meeting.number, "people": len(result.meeting.others)}


def _imported(_command: Any, result: Any) -> Details:
    counts = {"added": len(result.added), "changed": len(result.changed)}
    if result.held_back:
        counts["held_back"] = len(result.held_back)
    return {**counts, "ended": len(result.missing)} if result.ended else counts


NAMES: Mapping[type[Command], str] = {
    announcing.Announce: "announce",
    announcing.Approve: "approve",
    announcing.Undo: "undo",
    announcing.SendNow: "send_now",
    announcing.Pause: "pause",
    announcing.Resume: "resume",
    announcing.Cancel: "cancel",
    announcing.Correct: "correct",
    announcing.Retract: "retract",
    announcing.ResendUnknown: "resend_unknown",
    announcing.RetryFailed: "retry_failed",
    announcing.Nudge: "nudge",
    announcing.ToTelephone: "read_telephone_list",
    announcing.Unconfirmed: "read_unconfirmed",
    identity.LinkOneself: "link",
    identity.DisownLink: "disown_link",
    identity.UnlinkOneself: "unlink",
    LinkPerson: "link_person",
    UnlinkPerson: "unlink_person",
    UnlinkChannel: "unlink_channel",
    AgreeIntroduction: "agree_introduction",
    AcceptMeeting: "book_meeting",
    CancelMeeting: "cancel_meeting",
    DeclineIntroduction: "decline_introduction",
    Decline: "decline",
    BeginAdaptation: "begin_adaptation",
    TellAdaptation: "tell_adaptation",
    WithdrawProfile: "withdraw_profile",
    RefusePractice: "refuse_practice",
    UnfollowGroup: "unfollow_group",
    ApproveCircular: "approve_circular",
    CancelJoin: "cancel_join",
    TellGroup: "tell_group",
    WithdrawToJoin: "withdraw_to_join",
    RefuseOffer: "refuse_offer",
    SetMet: "set_met",
    BeginProject: "begin_project",
    RefuseJointNeed: "refuse_joint_need",
    LeadProject: "lead_project",
}
"""What actions are called that have one right in common."""

AUDITED: Mapping[type[Command], Callable[[Any, Any], Details | None]] = {
    **dict.fromkeys(NAMES, _numbered),
    identity.LinkOneself: _linked,
    identity.DisownLink: lambda command, _: {"request": command.request},
    identity.UnlinkOneself: lambda _command, _: {},
    announcing.Announce: _announced,
    announcing.Nudge: _announced,
    announcing.ToTelephone: lambda command, _: {"number": command.number},
    announcing.Unconfirmed: lambda command, _: {"number": command.number},
    ImportPeople: _imported,
    FindPeople: lambda _, result: {"people": len(result)},
    Readmit: lambda _, result: {"people": result},
    SetRole: lambda command, _: {"role": command.role},
    SetPreferredChannel: lambda command, _: {"channel": command.channel},
    UnlinkPerson: lambda command, _: {"channel": command.channel},
    UnlinkChannel: lambda command, _: {"channel": command.channel},
    LinkPerson: lambda command, _: {"channel": command.channel},
    AskIntroduction: _introduced,
    AgreeIntroduction: _introduced,
    DeclineIntroduction: _introduced,
    AcceptMeeting: _met,
    ArrangeMeeting: _arranged,
    OfferToJoin: lambda _, result: {"number": result.number, "gap": result.gap},
    WithdrawToJoin: lambda _, result: {"number": result.number, "gap": result.gap},
    AnswerThird: lambda command, result: {"number": result.number, "agrees": command.agrees},
    ShowGap: lambda command, _: {"number": command.number.upper(), "shows": command.shows},
    OfferIntroduction: lambda _, result: {"number": result},
    OfferPair: lambda _, result: {"number": result},
    MuteTheme: lambda command, _: {"theme": command.theme, "muted": command.muted},
    GiveLetters: lambda _, result: {"letters": len(result)},
    GiveCodes: lambda _, result: {"codes": len(result)},
    GiveConsent: lambda command, _: {"kind": command.kind, "version": command.version},
    WithdrawConsent: lambda _, result: {"kind": LINKING} if result else None,
    ChooseVisibility: lambda command, _: {"to": command.to},
    ObjectToMatching: lambda command, _: {"objects": command.objects},
    Stop: lambda _command, _: {},
    SubmitSurvey: lambda _, result: {"country": result.country},
    SurveyResults: lambda _, result: {"submitted": result.submitted},
    BeginAdaptation: lambda _, result: {"number": result.number},
    TellAdaptation: lambda _, result: {"number": result.number, "state": result.state} if result else None,
    KeepProfile: lambda _, result: {"number": result.number, "seen_by": result.profile.seen_by},
    WithdrawProfile: lambda _, result: {} if result else None,
    CheckProfile: lambda command, result: (
        {"number": result.number, "shown": command.shown} if result else None
    ),
    SubmitPractice: lambda _, result: {"number": result.number},
    WithdrawPractice: _numbered,
    CheckPractice: _decided,
    RefusePractice: _decided,
    Circulate: _circulated,
    ApproveCircular: _circulated,
    ReplyToCircular: lambda command, result: {"number": command.number} if result else None,
    FollowGroup: _of_group,
    UnfollowGroup: _of_group,
    JoinGroup: _of_group,
    CancelJoin: _of_group,
    TellGroup: _of_group,
    TieGroup: lambda _, result: _of_chat(result.chat) if result is not None else None,
    UntieGroup: lambda _, result: _of_chat(result) if result is not None else None,
    AnswerJoin: _confirmed,
    Publish: _answered,
    Decline: _answered,
    CheckOffer: _answered,
    RefuseOffer: _answered,
    ReplaceText: _statement_changed,
    AddWords: _statement_changed,
    ChangeFacets: _statement_changed,
    SetMet: lambda command, result: {"number": command.number, "met": command.met} if result.done else None,
    BeginProject: lambda _, result: {"number": result.number, "countries": len(result.asked)},
    AnswerProject: lambda command, result: (
        {"number": command.number, "joins": command.joins} if result else None
    ),
    Withdraw: _numbered,
}
"""Maps a command to what its entry says; None where nothing came of it."""


def note(session: Any, actor: Actor, command: Command, result: Any, at: Any) -> None:
    """Add *command* to the record where it belongs there, done by *actor* at the machine's time *at*."""
    describe = AUDITED.get(type(command))
    details = describe(command, result) if describe is not None else None
    if details is not None:
        name = NAMES.get(type(command), command.action)
        who = audit.OPERATOR if actor.id is None else actor.id
        # Those that are about somebody name them as `person`.
        subject = getattr(command, "person", None)
        audit.record(session, who, name, at, subject=subject, on_behalf=actor.role, details=details)
        if isinstance(command, ImportPeople):
            _note_roles(session, who, actor, result, at)


def _note_roles(session: Any, who: int | str, actor: Actor, imported: Imported, at: Any) -> None:
    """Add whose role a list changed, and that who is on it no longer is a visitor."""
    roles = {one.person.id: now for one in imported.changed for name, _, now in one.fields if name == "role"}
    if imported.ended:
        roles |= {gone.id: "visitor" for gone in imported.missing if gone.role != "visitor"}
    for person, role in roles.items():
        details = {"role": role}
        audit.record(session, who, "change_role", at, subject=person, on_behalf=actor.role, details=details)
