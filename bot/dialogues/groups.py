"""Working groups: the list, following one, asking to be in it, and what the secretariat writes to them."""

from functools import partial

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.dialogues.announce_words import by_language
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
from knowledge.working_groups import WorkingGroup
from matching.names import Names

CAPACITIES: dict[str, Capacity] = {"member": "member", "observer": "observer"}


def begin(turn: Turn) -> Move:
    """Do what was asked: "group-1 join"; with the group alone show it, with nothing all."""
    words = str(turn.slots.get("text") or "").strip()
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
    """Say when each group meets first, and where: it may be asked where others read along."""
    groups = turn.know.groups.values()
    sessions = [(group, turn.know.programme.get(group.session or "")) for group in groups]
    return finish(say("group/meetings", groups=sessions))


WORDS = Step("words", ask_words, hear_words)
READERS = Step("readers", ask_readers, hear_readers, free=False)
GROUPS = Dialogue("groups", begin, (WORDS, READERS))
GROUP_COUNTS = Dialogue("groupcounts", counted)
MEETINGS = Dialogue("meetings_of_groups", meetings, public=True)
