"""Joint projects: joined one by one by the countries that need the same, begun and followed by the secretariat."""

from functools import partial

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, perform, say
from bot.dialogues.announce_words import by_language
from bot.errors import Refused
from bot.project_commands import (
    AnswerProject,
    BeginProject,
    FindJointNeeds,
    JointNeed,
    LeadProject,
    Meeting,
    MyProjects,
    Project,
    ProjectState,
    ReadProjects,
    RefuseJointNeed,
    WishMeeting,
    WishOfProject,
)
from bot.rights import may
from matching.clusters import JOINT

SHOWN = 5
MEETINGS: dict[str, Meeting] = {"forum": "forum", "after": "after"}


def begin(turn: Turn) -> Move:
    """Do what was asked: "JP-0002 yes"; with the number alone show it, with nothing all."""
    number, action, *_ = (*str(turn.slots.get("text") or "").split(), "", "")
    number = number.upper()
    if may(turn.person.role, "run_projects"):
        return _run(number, action)
    if not may(turn.person.role, "join_project"):
        return finish(say("project/none", number=number))
    match action:
        case "yes" | "no":
            return perform(AnswerProject(number, action == "yes"), partial(_answered, number))
        case "lead" | "ask":
            return perform(LeadProject(number, action == "lead"), partial(_lead, number))
        case "forum" | "after":
            return perform(WishMeeting(number, MEETINGS[action]), partial(_meeting, number))
        case _:
            return perform(MyProjects(), partial(_mine, number, action))


# What a country does


def _mine(number: str, action: str, _turn: Turn, mine: tuple[Project, ...]) -> Move:
    found = [one for one in mine if number in ("", one.number)]
    match found:
        case []:
            return finish(say("project/none", number=number))
        case [project]:
            return _shown(project, action)
        case _:
            return finish(say("project/mine", projects=found[:SHOWN]))


def _shown(project: Project, action: str = "") -> Move:
    """Show how it stands, the draft, or ask for a wish or before leaving."""
    if not project.going:
        return finish(say("project/over", project=project))
    if action in STEPS and (action == "change" or project.answer == "joined"):
        return Move(to=STEPS[action], slots={"number": project.number})
    if project.answer == "joined" and project.told:
        return finish(say("project/members", project=project, first=False))
    if project.answer == "joined":
        return finish(say("project/joined", project=project))
    return finish(say("project/more" if action == "more" else "project/asked", project=project))


def _answered(number: str, _turn: Turn, project: Project | None) -> Move:
    if project is None:
        return finish(say("project/none", number=number))
    if not project.going:
        return finish(say("project/over", edit=True, project=project))
    if project.answer != "joined":
        return finish(say("project/not_in", edit=True, project=project))
    if project.told:
        return finish(say("project/members", edit=True, project=project, first=True))
    return finish(say("project/joined", edit=True, project=project))


def _lead(number: str, _turn: Turn, project: Project | None) -> Move:
    if project is None:
        return finish(say("project/none", number=number))
    if not (project.going and project.members):
        return _shown(project)
    return finish(say("project/lead", edit=True, project=project))


def _meeting(number: str, _turn: Turn, project: Project | None) -> Move:
    if project is None:
        return finish(say("project/none", number=number))
    if not (project.going and project.members):
        return _shown(project)
    return finish(say("project/meeting", edit=True, project=project))


def ask_wish(turn: Turn) -> Saying:
    """Ask for one sentence."""
    return say("project/wish", number=turn.slots["number"])


def hear_wish(turn: Turn) -> Move:
    """Keep it for the secretariat, and ask whether they join with it."""
    words = turn.text.strip()
    if not words:
        return go(turn, WISH)
    return perform(WishOfProject(turn.slots["number"], words), partial(_wished, turn.slots["number"]))


def _wished(number: str, _turn: Turn, project: Project | None) -> Move:
    if project is None or not project.going:
        return _answered(number, _turn, project)
    return finish(say("project/noted", project=project))


def ask_leave(turn: Turn) -> Saying:
    """Ask once more."""
    return say("project/leave", number=turn.slots["number"])


def hear_leave(turn: Turn) -> Move:
    """Leave it, or stay."""
    number = turn.slots["number"]
    if turn.choice == "leave":
        return perform(AnswerProject(number, joins=False), partial(_answered, number))
    return perform(MyProjects(), partial(_mine, number, ""))


# What the secretariat does


def _run(number: str, action: str) -> Move:
    if number.startswith("JP-"):
        return perform(ReadProjects(), partial(_one_state, number))
    if action == "refuse":
        return perform(RefuseJointNeed(number), partial(_refused, number))
    return perform(FindJointNeeds(), partial(_found, number, action))


def _found(number: str, action: str, _turn: Turn, found: tuple[JointNeed, ...]) -> Move:
    if not number:
        return perform(ReadProjects(), partial(_listed, found))
    one = next((one for one in found if one.number == number), None)
    if one is None:
        return finish(say("project/no_need", number=number))
    if one.project is not None:
        return perform(ReadProjects(), partial(_one_state, one.project))
    if action == "approve" and len(one.askable) >= JOINT:
        return Move(to=DRAFT, slots={"number": number, "countries": list(one.askable)})
    return finish(say("project/need", need=one, enough=len(one.askable) >= JOINT))


def _listed(found: tuple[JointNeed, ...], _turn: Turn, projects: tuple[ProjectState, ...]) -> Move:
    new = [one for one in found if one.project is None]
    return finish(say("project/list", needs=new[:SHOWN], more=len(new[SHOWN:]), projects=projects[:SHOWN]))


def _refused(number: str, _turn: Turn, done: bool) -> Move:
    return finish(say("project/refused" if done else "project/no_need", edit=done, number=number))


def _one_state(number: str, _turn: Turn, projects: tuple[ProjectState, ...]) -> Move:
    state = next((one for one in projects if one.number == number), None)
    return finish(say("project/none", number=number) if state is None else say("project/state", state=state))


def ask_draft(turn: Turn) -> Saying:
    """Ask for the words of the draft."""
    return say("project/draft", number=turn.slots["number"], countries=turn.slots["countries"])


def hear_draft(turn: Turn) -> Move:
    """Take them; English is what everybody else is shown."""
    texts = by_language(turn.text)
    return go(turn, SEND, texts=texts) if "en" in texts else go(turn, DRAFT)


def ask_send(turn: Turn) -> Saying:
    """Show it once more, with whom it is sent to."""
    return say("project/send", edit=True, countries=turn.slots["countries"], texts=turn.slots["texts"])


def hear_send(turn: Turn) -> Move:
    """Ask the countries, or for other words."""
    slots = turn.slots
    if turn.choice != "send":
        return go(turn, DRAFT if turn.choice == "text" else SEND)
    command = BeginProject(slots["number"], slots["texts"])
    return perform(command, _begun, partial(_not_begun, slots["number"]))


def _begun(_turn: Turn, state: ProjectState) -> Move:
    return finish(say("project/state", edit=True, state=state))


def _not_begun(number: str, _turn: Turn, _refused: Refused) -> Move:
    return finish(say("project/no_need", edit=True, number=number))


WISH = Step("wish", ask_wish, hear_wish)
LEAVE = Step("leave", ask_leave, hear_leave, free=False)
DRAFT = Step("draft", ask_draft, hear_draft)
SEND = Step("send", ask_send, hear_send, free=False)
STEPS = {"change": WISH, "leave": LEAVE}
"""Maps what a country may do with a project to the step that begins it."""
PROJECT = Dialogue("project", begin, (WISH, LEAVE, DRAFT, SEND))
