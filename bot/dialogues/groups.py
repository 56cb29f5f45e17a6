"""Working groups: the list, following one, asking to be in it, and what the secretariat writes to them."""

from collections.abc import Iterable
from functools import partial

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.dialogues.announce_words import by_language
from bot.group_chat_commands import GroupChat, GroupHere
from bot.group_commands import (
    AnswerJoin,
    Asked,
    CancelJoin,
    Capacity,
    Confirmed,
    CountGroups,
    FollowGroup,
    GroupShown,
    JoinGroup,
    MyGroups,
    Place,
    ReadGroup,
    TellGroup,
    UnfollowGroup,
)
from bot.rights import may
from knowledge.working_groups import WorkingGroup, named_in
from matching.names import Names

CAPACITIES: dict[str, Capacity] = {"member": "member", "observer": "observer"}


def begin(turn: Turn) -> Move:
    """Do what was asked: "group-1 join"; with the group alone show it, with nothing all. A form says both in fields."""
    said = turn.slots.get("text") or " ".join(
        str(turn.slots.get(name) or "") for name in ("group", "capacity")
    )
    words = str(said).strip()
    id_, _, rest = words.partition(" ")
    group = turn.know.groups.get(id_.lower()) or _called(turn, words)
    if not words or group is None:
        return perform(MyGroups(), partial(_listed, words))
    action, _, who = rest.partition(" ")
    match action:
        case "follow":
            return perform(FollowGroup(group.id), partial(_placed, group))
        case "unfollow":
            return perform(UnfollowGroup(group.id), partial(_placed, group))
        case "join" | "member" | "observer" if not may(turn.person.role, "join_group"):
            return finish(say("group/governments", group=group))
        case "join":
            return finish(say("group/as_what", edit=True, group=group, country=turn.person.country))
        case "member" | "observer":
            return perform(JoinGroup(group.id, CAPACITIES[action]), partial(_asked, group))
        case "cancel" if may(turn.person.role, "join_group"):
            return perform(CancelJoin(group.id), partial(_cancelled, group))
        case "confirm" | "decline" if may(turn.person.role, "confirm_member"):
            person = int(who) if who.isdecimal() and len(who) < 10 else 0
            command = AnswerJoin(group.id, person, action == "confirm")
            return perform(command, partial(_answered, group))
        case "write" if may(turn.person.role, "run_groups"):
            return Move(to=WORDS, slots={"group": group.id})
        case _:
            return perform(ReadGroup(group.id), partial(_shown, group))


def _called(turn: Turn, words: str) -> WorkingGroup | None:
    """Return the group whose name is closest to *words*, None when none is close."""
    names = Names({group.id: (*group.name.values(), group.id) for group in turn.know.groups.values()})
    hits = names.closest(words, limit=1) if words else []
    return turn.know.groups[hits[0].key] if hits else None


def _listed(unknown: str, turn: Turn, mine: tuple[Place, ...]) -> Move:
    places = {place.group: place for place in mine}
    groups = [(group, places.get(group.id, Place(group.id))) for group in turn.know.groups.values()]
    return finish(
        say(
            "group/list",
            groups=groups,
            unknown=unknown[:40],
            joins=may(turn.person.role, "join_group"),
            runs=may(turn.person.role, "run_groups"),
        )
    )


def _placed(group: WorkingGroup, _turn: Turn, place: Place) -> Move:
    return finish(say("group/placed", edit=True, group=group, place=place))


def _asked(group: WorkingGroup, turn: Turn, asked: Asked) -> Move:
    return finish(say("group/waits", edit=True, group=group, asked=asked, named=turn.person.name is not None))


def _cancelled(group: WorkingGroup, _turn: Turn, place: Place | None) -> Move:
    return finish(say("group/cancelled", edit=True, group=group, place=place))


def _answered(group: WorkingGroup, _turn: Turn, outcome: Confirmed) -> Move:
    return finish(say("group/answered", edit=True, group=group, outcome=outcome))


def _shown(group: WorkingGroup, turn: Turn, shown: GroupShown) -> Move:
    runs = may(turn.person.role, "run_groups")
    inside = shown.place.standing == "in" or runs
    joins = may(turn.person.role, "join_group")
    return finish(say("group/shown", group=group, shown=shown, inside=inside, joins=joins, runs=runs))


# What the secretariat writes


def ask_words(turn: Turn) -> Saying:
    """Ask for the words, in English and the other languages."""
    return say("group/words", group=turn.know.groups[turn.slots["group"]])


def hear_words(turn: Turn) -> Move:
    """Take them; English is what everybody else is shown."""
    texts = by_language(turn.text)
    return go(turn, READERS, texts=texts) if "en" in texts else go(turn, WORDS)


def ask_readers(turn: Turn) -> Saying:
    """Ask who is to read them."""
    return say("group/readers", group=turn.know.groups[turn.slots["group"]], texts=turn.slots["texts"])


def hear_readers(turn: Turn) -> Move:
    """Keep them for the day's digest."""
    if turn.choice not in ("followers", "members"):
        return go(turn, READERS)
    group = turn.know.groups[turn.slots["group"]]
    command = TellGroup(group.id, turn.slots["texts"], turn.choice == "followers")
    return perform(
        command, lambda _turn, digest: finish(say("group/kept", edit=True, group=group, digest=digest))
    )


def counted(turn: Turn) -> Move:
    """Show the secretariat how many are in the groups."""
    if not may(turn.person.role, "run_groups"):
        return finish(say("shared/only_secretariat"))
    return perform(CountGroups(), lambda _turn, counts: finish(say("group/counts", counts=counts)))


def meetings(turn: Turn) -> Move:
    """Say when the groups that are asked about meet first, and where: it may be asked where others read along."""
    named = named_in(str(turn.slots.get("question") or ""), turn.know.groups.values())
    return _meetings(turn, named) if named else perform(GroupHere(), _meetings_here)


def _meetings_here(turn: Turn, here: GroupChat | None) -> Move:
    """Answer for the group whose the chat is, else for all."""
    groups = turn.know.groups
    return _meetings(turn, groups.values() if here is None else [groups[here.group]])


def _meetings(turn: Turn, groups: Iterable[WorkingGroup]) -> Move:
    sessions = [(group, turn.know.programme.get(group.session or "")) for group in groups]
    return finish(say("group/meetings", groups=sessions, now=turn.now))


def shown_to_all(turn: Turn) -> Move:
    """Show where others read along what everybody may read of the group whose the chat is, else when they all meet."""

    def read(turn: Turn, here: GroupChat | None) -> Move:
        if here is None:
            return _meetings(turn, turn.know.groups.values())
        return perform(ReadGroup(here.group), partial(_shown_to_all, turn.know.groups[here.group]))

    return perform(GroupHere(), read)


def _shown_to_all(group: WorkingGroup, turn: Turn, shown: GroupShown) -> Move:
    # Whoever asks may be a member; who reads along need not be.
    news = [word for word in shown.news if word.public]
    return finish(say("group/shown_to_all", group=group, news=news, now=turn.now))


WORDS = Step("words", ask_words, hear_words)
READERS = Step("readers", ask_readers, hear_readers, free=False)
GROUPS = Dialogue("groups", begin, (WORDS, READERS), publicly="groups_for_all")
GROUP_COUNTS = Dialogue("groupcounts", counted)
GROUPS_FOR_ALL = Dialogue("groups_for_all", shown_to_all, public=True)
MEETINGS = Dialogue("meetings_of_groups", meetings, public=True)
