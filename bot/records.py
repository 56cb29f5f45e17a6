"""
Carries out what a step, a page or a command line decided, inside the turn's transaction.

The one place where rights are checked: nothing is read or written for an actor before `perform` has looked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot import (
    about_oneself,
    adaptations,
    announcing,
    arranging,
    askings,
    audited,
    calendars,
    circulars,
    confirming,
    correcting,
    delegations,
    following,
    gaps,
    group_chats,
    groups,
    introductions,
    joining,
    linking,
    mutes,
    offer_checks,
    open_gaps,
    outcomes,
    papers,
    practices,
    previewing,
    profiles,
    projects,
    questions,
    relaying,
    rereading,
    roster,
    silence,
    statements,
    steering,
    surveys,
    tally,
    triangles,
)
from bot.alarms import ring
from bot.announcement_commands import (
    Announce,
    Announced,
    Approve,
    Cancel,
    ConfirmRead,
    Correct,
    FindConflict,
    FindLatest,
    FindReach,
    Nudge,
    Pause,
    Preview,
    ReadAnnouncement,
    ReadProgress,
    ResendUnknown,
    Resume,
    Retract,
    RetryFailed,
    SendNow,
    TestSend,
    ToTelephone,
    Unconfirmed,
    Undo,
)
from bot.commands import (
    ChooseLanguage,
    Command,
    Follow,
    Followed,
    IntroduceOneself,
    Mute,
    MyFollowing,
    Unfollow,
)
from bot.deliveries import Due
from bot.desk import Desk, Press
from bot.dialogue import Saying, say
from bot.errors import Refused
from bot.identity_commands import (
    AskLink,
    DisownLink,
    LinkOneself,
    RedeemDigits,
    RedeemToken,
    UnlinkOneself,
)
from bot.linking import Done, Door, Doorstep
from bot.meeting_commands import AcceptMeeting, ArrangeMeeting, ProposeMeeting
from bot.messages import Address, Spot
from bot.notices import Notice
from bot.participants import Actor, changed, keep_everybody
from bot.rights import SECRETARIAT, check
from bot.store import Participant

SCHEDULING = (
    *(Announce, Approve, Undo, SendNow, Correct, Retract, Nudge, Follow, Unfollow, AskLink),
    *(ProposeMeeting, AcceptMeeting, ArrangeMeeting),
)
"""Commands after which something may be due, or due at another time."""


@dataclass(slots=True)
class Records:
    """
    The store as one actor may use it during one turn.

    *notices* gathers what others are to be told, *due* what was queued besides; *door* is how people show who they are.
    *place* is the address that they write from, None at the command line, and *spot* the group's chat that it was in,
    None in private. They are *gone* once they are not known any more: then nothing more may be kept about them.
    """

    session: Session
    actor: Actor
    now: datetime
    press: Press
    door: Door | None = None
    notices: list[Notice] = field(default_factory=list)
    place: Address | None = None
    spot: Spot | None = None
    gone: bool = False
    due: list[Due] = field(default_factory=list)

    def perform(self, command: Command) -> Any:
        """
        Carry *command* out and return what its docstring promises.

        Raises NotAllowed when the actor's role has no right to it, TooMuch when they did as much as one may.
        """
        check(self.actor.role, command.action)
        if self.door is not None:
            keys, machine = self.door.keys, self.desk.machine
            tally.charge(self.session, keys, self.actor, self.place, command.action, machine)
        # A refusal is told to the officer in the same transaction: nothing that was written before it may stay.
        with self._announcing() if command.action == "broadcast" else nullcontext():
            result = PERFORMERS[type(command)](self, command)
        if isinstance(command, SCHEDULING):
            ring(self.session)
        if (afterwards := delegations.AFTERWARDS.get(type(command))) is not None:
            afterwards(self, command, result)
        audited.note(self.session, self.actor, command, result, self.desk.machine)
        return result

    @contextmanager
    def _announcing(self) -> Iterator[None]:
        # Nobody is taken away while something is written about many.
        keep_everybody(self.session)
        with self.session.begin_nested():
            yield

    @property
    def actor_id(self) -> int:
        """Return the actor's row; raises Refused for the command line, which is nobody in particular."""
        if self.actor.id is None:
            raise Refused("this is done in a chat, by a participant")
        return self.actor.id

    @property
    def desk(self) -> Desk:
        """Return where the actor works on announcements."""
        keys = self.door.keys if self.door else None
        return Desk(self.session, self.press, self.actor, self.now, keys, self.place)

    @property
    def lang(self) -> str:
        """Return the language the actor reads."""
        return self.actor.reads

    def choose_language(self, command: ChooseLanguage) -> None:
        """Keep the language."""
        self.actor = changed(self.session, self.actor, language=command.lang)

    def introduce(self, command: IntroduceOneself) -> None:
        """Keep the country that they name; who is registered has the list's."""
        if not self.actor.confirmed:
            self.actor = changed(self.session, self.actor, country=command.country)

    def tell_colleagues(self, saying: Saying) -> None:
        """Have the other accounts of the secretariat told."""
        staff = select(Participant).where(col(Participant.role).in_(SECRETARIAT))
        for officer in self.session.exec(staff):
            if officer.id is not None and officer.id != self.actor.id:
                self.notices.append(Notice(officer.id, saying))

    def announce(self, command: Announce) -> Announced:
        """Keep the announcement; one to many is shown to the other officers, one of whom has to agree."""
        announced = announcing.announce(self.desk, command)
        if announced.fresh and announced.state == "awaiting":
            (progress,) = steering.read_progress(self.desk, ReadProgress(announced.number))
            asked = say(
                "announcement/to_approve",
                number=announced.number,
                officer=progress.created_by,
                people=announced.recipients,
                text=steering.said(self.desk, self.desk.row(announced.number)),
            )
            self.tell_colleagues(asked)
        return announced

    def approve(self, command: Approve) -> Announced:
        """Let the announcement go and tell its author, who can still undo it."""
        announced = announcing.approve(self.desk, command)
        if announced.fresh:
            told = say("announcement/approved", officer=self.desk.acting, announced=announced)
            self._tell_author(announced.number, told)
        return announced

    def undo(self, command: Undo) -> bool:
        """Take the announcement back and tell its author, when that is another officer."""
        done = announcing.undo(self.desk, command)
        if done:
            told = say("announcement/stopped_by", officer=self.desk.acting, number=command.number)
            self._tell_author(command.number, told)
        return done

    def _tell_author(self, number: str, saying: Saying) -> None:
        """Have whoever made the announcement told what the actor did with it, unless they did so themselves."""
        author = self.desk.row(number).created_by
        if author is not None and author != self.actor.id:
            self.notices.append(Notice(author, saying))

    def at_the_door(self, work: Callable[[Doorstep, Any], Done], command: Command) -> Any:
        """Have a command about who the actor is carried out; they may be another participant afterwards."""
        if self.door is None:
            raise Refused("this is done in a chat, by a participant")
        done = work(Doorstep(self.session, self.press, self.door, self.actor, self.now, self.place), command)
        self.actor = done.actor
        self.due += done.due
        for saying in done.tells:
            self.tell_colleagues(saying)
        return done.result

    def disown(self, command: DisownLink) -> None:
        """Make the link void and tell the secretariat whose it was."""
        names = self.at_the_door(linking.disown, command)
        if names is not None:
            self.tell_colleagues(say("link/disowned", names=names))

    def follow(self, command: Follow) -> Followed | None:
        """Let the actor follow the session, if there is one."""
        session = self.press.know.programme.get(command.session)
        if session is None:
            return None
        return following.follow(self.session, self.actor_id, session, command.minutes, self.now)

    def unfollow(self, command: Unfollow) -> bool:
        """Let the actor follow the session no longer."""
        return following.unfollow(self.session, self.actor_id, command.session)

    def my_following(self, _command: MyFollowing) -> tuple[Followed, ...]:
        """Read what the actor follows."""
        return following.followed(self.session, self.actor_id)

    def mute(self, command: Mute) -> None:
        """Keep the quiet that the actor asked for."""
        ahead = self.desk.press.ahead
        mutes.mute(self.session, self.actor_id, command.kind, command.until, self.now, ahead)


def _at_the_desk(work: Callable[[Desk, Any], Any]) -> Callable[[Records, Any], Any]:
    """Return what carries a command about announcements out."""
    return lambda records, command: work(records.desk, command)


def _at_the_door(work: Callable[[Doorstep, Any], Done]) -> Callable[[Records, Any], Any]:
    """Return what carries a command about who the actor is out."""
    return lambda records, command: records.at_the_door(work, command)


PERFORMERS: dict[type[Command], Callable[[Records, Any], Any]] = {
    ChooseLanguage: Records.choose_language,
    IntroduceOneself: Records.introduce,
    **statements.PERFORMERS,
    **offer_checks.PERFORMERS,
    **outcomes.PERFORMERS,
    **groups.PERFORMERS,
    **group_chats.PERFORMERS,
    **circulars.PERFORMERS,
    **questions.PERFORMERS,
    **{command: _at_the_desk(work) for command, work in roster.WORK.items()},
    **introductions.PERFORMERS,
    **askings.PERFORMERS,
    **relaying.PERFORMERS,
    **gaps.PERFORMERS,
    **open_gaps.PERFORMERS,
    **joining.PERFORMERS,
    **triangles.PERFORMERS,
    **{command: _at_the_door(work) for command, work in papers.WORK.items()},
    Follow: Records.follow,
    Unfollow: Records.unfollow,
    MyFollowing: Records.my_following,
    Mute: Records.mute,
    **calendars.PERFORMERS,
    **arranging.PERFORMERS,
    **about_oneself.PERFORMERS,
    **adaptations.PERFORMERS,
    **profiles.PERFORMERS,
    **projects.PERFORMERS,
    **practices.PERFORMERS,
    **surveys.PERFORMERS,
    AskLink: _at_the_door(linking.ask),
    RedeemDigits: _at_the_door(linking.show_digits),
    RedeemToken: _at_the_door(linking.show_token),
    LinkOneself: _at_the_door(linking.link),
    DisownLink: Records.disown,
    UnlinkOneself: _at_the_door(linking.unlink),
    FindReach: _at_the_desk(announcing.find_reach),
    FindConflict: _at_the_desk(silence.find_conflict),
    Preview: _at_the_desk(previewing.preview),
    TestSend: _at_the_desk(previewing.test_send),
    Announce: Records.announce,
    ReadAnnouncement: _at_the_desk(rereading.read),
    Approve: Records.approve,
    Undo: Records.undo,
    FindLatest: _at_the_desk(steering.find_latest),
    SendNow: _at_the_desk(announcing.send_now),
    Pause: _at_the_desk(steering.pause),
    Resume: _at_the_desk(steering.resume),
    Cancel: _at_the_desk(steering.cancel),
    Correct: _at_the_desk(correcting.correct),
    Retract: _at_the_desk(correcting.retract),
    ResendUnknown: _at_the_desk(steering.resend_unknown),
    RetryFailed: _at_the_desk(steering.retry_failed),
    ConfirmRead: _at_the_desk(confirming.confirm_read),
    Unconfirmed: _at_the_desk(confirming.find_unconfirmed),
    Nudge: _at_the_desk(confirming.nudge),
    ToTelephone: _at_the_desk(steering.to_telephone),
    ReadProgress: _at_the_desk(steering.read_progress),
}
"""What carries each command out."""
