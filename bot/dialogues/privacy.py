"""What is kept about a participant, why, until when, and who sees it; and all of it as a file."""

from collections.abc import Mapping
from datetime import timedelta
from typing import get_args

from bot.consent import VisibleTo
from bot.dialogue import Dialogue, Move, Saying, Turn, finish, perform, say
from bot.dialogues.forgetme import what_goes
from bot.privacy_commands import ChooseVisibility, MyData, TakeAlong, WithdrawConsent
from bot.takeout import Kept, TakenAlong

CATEGORIES: Mapping[str, VisibleTo] = {to: to for to in get_args(VisibleTo)}


def show(turn: Turn) -> Move:
    """Show the page that is asked for: all in short, their own data, who sees their name, or what deleting does."""
    match str(turn.slots.get("word") or "").split():
        case ["data"]:
            return perform(MyData(), lambda _turn, kept: finish(say("privacy/data", kept=kept)))
        case ["deleting"]:
            return what_goes(turn)
        case ["consents"]:
            return perform(MyData(), _consents)
        case ["consents", "back"]:
            return perform(WithdrawConsent(), _withdrawn)
        case ["names", chosen] if chosen in CATEGORIES:
            return perform(ChooseVisibility(CATEGORIES[chosen]), _chosen)
        case ["names", *_]:
            return perform(MyData(), lambda _turn, kept: finish(say("privacy/names", kept=kept)))
        case _:
            return perform(MyData(), _page)


def _chosen(_turn: Turn, _: None) -> Move:
    return perform(MyData(), lambda _turn, kept: finish(say("privacy/named", edit=True, kept=kept)))


def _consents(_turn: Turn, kept: Kept) -> Move:
    """Show what they agreed to, and what taking it back changes."""
    return finish(say("privacy/consents", kept=kept))


def _withdrawn(turn: Turn, done: bool) -> Move:
    if not done:
        return perform(MyData(), _consents)
    return finish(say("stop/stopped", confirmed=turn.person.confirmed))


def _page(turn: Turn, kept: Kept) -> Move:
    """Show it, with the dates on which each kind of record ends."""
    forum = turn.know.forum
    until = {kind: forum.ends + timedelta(days=days) for kind, days in forum.retention.items()}
    return finish(
        say(
            "privacy/privacy",
            kept=kept,
            messages=until.get("messages"),
            statements=until.get("needs_and_offers"),
            people=until.get("participants"),
            audit=until.get("audit"),
            contact=forum.contacts.email,
        )
    )


def take_along(_turn: Turn) -> Move:
    """Send all that is kept as a file, unless that was done a moment ago."""
    return perform(TakeAlong(), _taken)


def _taken(_turn: Turn, taken: TakenAlong) -> Move:
    if taken.file is None:
        return finish(say("mydata/too_soon", again=taken.again_at))
    return finish(Saying("mydata/file", {}, attachment=taken.file))


PRIVACY = Dialogue("privacy", show)
MYDATA = Dialogue("mydata", take_along)
