"""The place of its own that an officer gives a working group: the chat, or the topic, in which it is said."""

from functools import partial

from bot.dialogue import Dialogue, Move, Turn, finish, hand_over, perform, say
from bot.group_chat_commands import GroupChat, GroupChats, GroupHere, Tied, TieGroup, UntieGroup
from bot.rights import may
from knowledge.working_groups import WorkingGroup, named_in


def begin(turn: Turn) -> Move:
    """Give the chat to the group that was named: by its number in the list, its id or its name."""
    words = str(turn.slots.get("text") or "").strip()
    meant = _meant(turn, words)
    if (question := turn.slots.get("question")) and not meant:
        return hand_over("ask", question=question)
    if not may(turn.person.role, "run_groups"):
        return finish(say("shared/only_secretariat"))
    if not turn.public:
        return perform(GroupChats(), _elsewhere)
    match meant:
        case [group]:
            return perform(TieGroup(group.id), partial(_tied, group))
        case _:
            return perform(GroupHere(), partial(_which, words))


def end(turn: Turn) -> Move:
    """Take the chat from the group whose it is."""
    if not may(turn.person.role, "run_groups"):
        return finish(say("shared/only_secretariat"))
    return perform(UntieGroup(), _untied) if turn.public else perform(GroupChats(), _elsewhere)


def _meant(turn: Turn, words: str) -> list[WorkingGroup]:
    """Return the groups that *words* may mean; nothing is guessed, for others will rely on it."""
    groups = list(turn.know.groups.values())
    if words.isdecimal():
        return [group for number, group in enumerate(groups, start=1) if str(number) == words]
    by_id = turn.know.groups.get(words.lower())
    return [by_id] if by_id is not None else named_in(words, groups)


def _tied(group: WorkingGroup, turn: Turn, tied: Tied) -> Move:
    before = turn.know.groups.get(tied.before or "")
    session = turn.know.programme.get(group.session or "")
    return finish(say("tie/tied", edit=True, group=group, before=before, chat=tied.chat, session=session))


def _which(words: str, turn: Turn, here: GroupChat | None) -> Move:
    groups = turn.know.groups
    held = groups[here.group] if here else None
    return finish(say("tie/which", groups=list(groups.values()), held=held, unknown=words[:40]))


def _untied(_turn: Turn, chat: GroupChat | None) -> Move:
    if chat is None:
        return perform(GroupHere(), partial(_left, "tie/not_tied"))
    return perform(GroupHere(), partial(_left, "tie/untied"))


def _left(template: str, turn: Turn, whole: GroupChat | None) -> Move:
    """Say that it is no group's, and where the whole chat is one's, that this is taken back where it was given."""
    return finish(say(template, edit=True, group=turn.know.groups[whole.group] if whole else None))


def _elsewhere(turn: Turn, chats: tuple[GroupChat, ...]) -> Move:
    """Say in private where it has to be said, and which chats the groups have."""
    groups = [(group, _channels(group, chats)) for group in turn.know.groups.values()]
    return finish(say("tie/elsewhere", groups=groups))


def _channels(group: WorkingGroup, chats: tuple[GroupChat, ...]) -> dict[str, int]:
    """Map each channel to how many chats *group* has there."""
    channels = [chat.spot.channel for chat in chats if chat.group == group.id]
    return {channel: channels.count(channel) for channel in dict.fromkeys(channels)}


TIE = Dialogue("tie", begin, public=True)
UNTIE = Dialogue("untie", end, public=True)
