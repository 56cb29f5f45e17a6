"""Being introduced: asked for, decided on with what the other side would see, taken back; the person's own list."""

from collections import Counter
from collections.abc import Callable, Collection
from functools import partial

from bot.commands import AskSecretariat
from bot.delegation_commands import Item, OurStatements
from bot.dialogue import Dialogue, Move, Saying, Slots, Step, Turn, finish, go, perform, say
from bot.errors import Refused
from bot.introduction_commands import (
    AgreeIntroduction,
    AllIntroductions,
    AskIntroduction,
    DeclineIntroduction,
    Introduced,
    Invitation,
    MuteTheme,
    MyIntroductions,
    NotPublished,
    OfferPair,
    OwnEntry,
    Pair,
    ReadIntroduction,
    Reveals,
)
from bot.numbers import spelt
from bot.rights import may

FIELDS: tuple[Reveals, ...] = ("name", "position", "organisation", "country", "channel")
"""What can be ticked before the other side is known; e-mail addresses are exchanged by those who are introduced."""
USUAL: tuple[Reveals, ...] = ("name", "position", "organisation", "country")
"""What is ticked unless they choose otherwise: who somebody is, and nothing to reach them by."""
LISTED = 8


# Asking


def begin(turn: Turn) -> Move:
    """Ask about "O-0007 N-0012": the other's number, or a provider, and one's own; the secretariat asks both."""
    about, own, how = (*str(turn.slots.get("text") or "").split(), "", "", "")[:3]
    about, own = _named(turn, about), "" if own == "-" else own
    offers = may(turn.person.role, "offer_introduction")
    if not about:
        return (
            perform(AllIntroductions(), _all)
            if offers
            else perform(MyIntroductions(), partial(_listed, "list"))
        )
    if offers:
        pair = OfferPair(*sorted((about.upper(), own.upper())))
        return perform(pair, _offered, _not_offered)
    if how == "secretariat":
        return _through_secretariat(turn, about, own)
    if turn.person.unmatched:
        return finish(say("matches/objected"))
    slots = {"about": about, "own": spelt(own) if own else "", "fields": list(USUAL)}
    return perform(OurStatements(), partial(_first, slots)) if own else Move(to=FIRST, slots=slots)


def _first(slots: Slots, _turn: Turn, items: tuple[Item, ...]) -> Move:
    """Say first that nobody is asked about what others do not see yet, before it is asked what they may see."""
    state = next((item.state for item in items if item.statement.number == slots["own"]), "published")
    if state in ("published", "at_check"):
        return Move(to=FIRST, slots=slots)
    return finish(say("introduction/not_published", edit=True, own=slots["own"]))


def asks(turn: Turn) -> bool:
    """Tell whether a card offers *turn*'s person to ask themselves; for all others the secretariat does."""
    person = turn.person
    if turn.public or not person.confirmed or person.unmatched:
        return False
    return may(person.role, "ask_introduction") and not may(person.role, "offer_introduction")


def _named(turn: Turn, about: str) -> str:
    catalogue = turn.know.catalogue
    return about if about in catalogue.providers or about in catalogue.practices else spelt(about)


def _all(_turn: Turn, found: tuple[Pair, ...]) -> Move:
    counts = Counter(pair.standing for pair in found)
    return finish(say("introduction/all", pairs=found[:LISTED], counts=counts, count=len(found)))


def _offered(_turn: Turn, number: str) -> Move:
    return finish(say("introduction/offered", number=number))


def _not_offered(_turn: Turn, _refused: Refused) -> Move:
    return finish(say("introduction/not_offered"))


def ask_first(turn: Turn) -> Saying:
    """Show what the other side would see, and let that be chosen."""
    slots = turn.slots
    return say("introduction/ask", edit=True, **_both(turn), fields=FIELDS, ticked=slots["fields"])


def hear_first(turn: Turn) -> Move:
    """Ask them, or tick one more or one less."""
    slots = turn.slots
    if turn.choice != "ask":
        return _tick(turn, FIRST)
    command = AskIntroduction(slots["about"], _ticked(slots["fields"]), slots["own"])
    return perform(command, _asked, _nobody)


def _tick(turn: Turn, step: Step) -> Move:
    ticked = turn.slots["fields"]
    if turn.choice not in FIELDS:
        return go(turn, step)
    kept = {*ticked} ^ {turn.choice}
    return go(turn, step, fields=list(_ticked(kept)))


def _ticked(names: Collection[str]) -> tuple[Reveals, ...]:
    return tuple(name for name in FIELDS if name in names)


def _asked(turn: Turn, found: Introduced) -> Move:
    return finish(_told(turn, found))


def _nobody(turn: Turn, refused: Refused) -> Move:
    if isinstance(refused, NotPublished):
        return finish(say("introduction/not_published", edit=True, own=turn.slots["own"]))
    if isinstance(refused, OwnEntry):
        return finish(say("introduction/yours", edit=True, about=turn.slots["about"]))
    return finish(say("introduction/nobody", edit=True, **_both(turn), about=turn.slots["about"]))


def _both(turn: Turn) -> dict[str, str]:
    return {"own": turn.slots["own"], "theirs": turn.slots["about"]}


def _through_secretariat(turn: Turn, about: str, own: str) -> Move:
    """Have the secretariat make the contact where nobody of the other side can be asked here."""
    provider, practice = turn.know.catalogue.providers.get(about), turn.know.catalogue.practices.get(about)
    name = provider.name if provider else f"{practice.title} ({practice.id})" if practice else about
    text = " × ".join(filter(None, (own, name)))
    return perform(
        AskSecretariat(text),
        lambda _turn, number: finish(say("introduction/through_secretariat", edit=True, number=number)),
    )


# Deciding


def decide(turn: Turn) -> Move:
    """Do what was asked: "I-0003 yes"; with the number alone show it, with nothing the list."""
    number, action = (*str(turn.slots.get("text") or "").split(), "", "")[:2]
    number = number.upper()
    match action:
        case _ if not number:
            return perform(MyIntroductions(), partial(_listed, "list"))
        case "yes":
            return _with(number, _agree)
        case "no":
            return perform(DeclineIntroduction(number), _declined, _gone(number))
        case "never":
            return _with(number, _never)
        case "email":
            return _with(number, _share_email)
        case "see" | "end":
            step = SEE if action == "see" else END
            return _with(number, lambda turn, found: _at(step, turn, found))
        case _:
            return _with(number, lambda _turn, found: finish(_shown(found)))


def _with(number: str, then: Callable[[Turn, Invitation], Move]) -> Move:
    return perform(ReadIntroduction(number), then, _gone(number))


def _gone(number: str) -> Callable[[Turn, Refused], Move]:
    return lambda _turn, _refused: finish(say("introduction/gone", number=number))


def _shown(found: Invitation, *, edit: bool = False) -> Saying:
    """Show an introduction as it stands: what there is to decide, what they wait for, or who they are."""
    if found.introduced.state == "asked":
        return say("introduction/asked", edit=edit, invitation=found)
    return _state(found.introduced, edit=edit)


def _state(found: Introduced, *, edit: bool) -> Saying:
    if found.state == "introduced":
        return say("introduction/introduced", edit=edit, introduced=found, fresh=False)
    return say("introduction/state", edit=edit, introduced=found)


def _told(turn: Turn, found: Introduced) -> Saying:
    if found.state == "introduced":
        return say("introduction/introduced", edit=True, introduced=found, fresh=True)
    return say("introduction/thanks", edit=True, introduced=found, today=turn.today)


def _agree(turn: Turn, found: Invitation) -> Move:
    """Agree; what was ticked before stays ticked."""
    one = found.introduced
    if one.state == "introduced":
        return finish(_state(one, edit=False))
    given = _ticked(one.given) or USUAL
    return perform(AgreeIntroduction(one.number, given), _asked, _gone(one.number))


def _declined(_turn: Turn, found: Introduced) -> Move:
    return finish(say("introduction/declined", edit=True, introduced=found))


def _never(_turn: Turn, found: Invitation) -> Move:
    """Refuse it and whatever else is about its theme."""
    theme = next(iter(found.themes), None)
    number = found.introduced.number
    if theme is None or found.introduced.state == "introduced":
        return perform(DeclineIntroduction(number), _declined, _gone(number))

    def then(_turn: Turn, one: Introduced) -> Move:
        told = say("introduction/declined_theme", edit=True, introduced=one, theme=theme)
        return perform(MuteTheme(theme), lambda _turn, _: finish(told))

    return perform(DeclineIntroduction(number), then, _gone(number))


def _share_email(_turn: Turn, found: Invitation) -> Move:
    """Let the other side see one's e-mail address, if they let theirs be seen."""
    one = found.introduced
    if one.state != "introduced":
        return finish(_shown(found))
    if "email" not in found.would_show:
        return finish(say("introduction/no_email", introduced=one))
    command = AgreeIntroduction(one.number, (*_ticked(one.given), "email"))

    def then(_turn: Turn, now: Introduced) -> Move:
        return finish(say("introduction/email_given", edit=True, introduced=now))

    return perform(command, then, _gone(one.number))


def _at(step: Step, turn: Turn, found: Invitation) -> Move:
    one = found.introduced
    if one.state == "over" or (step is END) != (one.state == "introduced"):
        return finish(_shown(found))
    slots = {
        "number": one.number,
        "own": one.own,
        "text": found.mine.text if found.mine else "",
        "values": dict(found.would_show),
        "fields": list(one.given or USUAL),
    }
    return Move(to=step, slots=slots)


def ask_see(turn: Turn) -> Saying:
    """Show what they would see, value by value, and let that be chosen."""
    slots = turn.slots
    shown = {name: slots["values"][name] for name in FIELDS if name in slots["values"]}
    return say(
        "introduction/see",
        edit=True,
        number=slots["number"],
        own=slots["own"],
        text=slots["text"],
        values=shown,
        ticked=slots["fields"],
    )


def hear_see(turn: Turn) -> Move:
    """Agree with what is ticked, refuse, or tick one more or one less."""
    number = turn.slots["number"]
    match turn.choice:
        case "yes":
            given = _ticked(turn.slots["fields"])
            return perform(AgreeIntroduction(number, given), _asked, _gone(number))
        case "no":
            return perform(DeclineIntroduction(number), _declined, _gone(number))
        case _:
            return _tick(turn, SEE)


def ask_end(turn: Turn) -> Saying:
    """Ask once more: nothing brings it back."""
    return say("introduction/end", number=turn.slots["number"])


def hear_end(turn: Turn) -> Move:
    """End it, or leave it."""
    number = turn.slots["number"]
    if turn.choice == "end":
        return perform(DeclineIntroduction(number), _ended, _gone(number))
    return _with(number, lambda _turn, found: finish(_shown(found, edit=True)))


def _ended(_turn: Turn, found: Introduced) -> Move:
    return finish(say("introduction/ended_own", edit=True, introduced=found))


# What waits


def _listed(template: str, _turn: Turn, mine: tuple[Introduced, ...]) -> Move:
    return finish(listed(mine, template) or say("introduction/none"))


def listed(mine: tuple[Introduced, ...], template: str = "list") -> Saying | None:
    """Return the introductions that go on, what waits for an answer first; None where there is none."""
    order = ("asked", "introduced", "waiting")
    going = sorted((one for one in mine if one.state in order), key=lambda one: order.index(one.state))
    if not going:
        return None
    return say(f"introduction/{template}", introductions=going[:LISTED], more=len(going[LISTED:]))


def hear_yes(turn: Turn) -> Move:
    """Take a "yes" for an introduction that waits for one: the one that is *shown* is agreed to, another one shown."""
    return perform(MyIntroductions(), partial(_meant, str(turn.slots.get("shown", ""))))


def _meant(shown: str, _turn: Turn, mine: tuple[Introduced, ...]) -> Move:
    waiting = [one for one in mine if one.state == "asked"]
    match waiting:
        case []:
            return finish(listed(mine) or say("shared/nothing_waits"))
        case [one] if one.number == shown:
            return _with(one.number, _agree)
        case [one]:
            return _with(one.number, lambda _turn, found: finish(_shown(found)))
        case _:
            return finish(say("introduction/which", introductions=waiting[:LISTED]))


FIRST = Step("first", ask_first, hear_first, free=False)
SEE = Step("see", ask_see, hear_see, free=False)
END = Step("end", ask_end, hear_end, free=False)
INTRODUCE = Dialogue("introduce", begin, (FIRST,))
INTRODUCTION = Dialogue("introduction", decide, (SEE, END))
YES = Dialogue("yes", hear_yes)
