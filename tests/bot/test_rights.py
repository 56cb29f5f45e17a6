"""Every action and every role, through the one place where rights are checked; and the page that shows them."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

import bot
from bot.broadcasts import Announcement, Audience
from bot.commands import Command, Statement
from bot.compositions import Words
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.keys import Keys
from bot.linking import Door
from bot.links import Ways
from bot.messages import Address
from bot.participants import Actor
from bot.profile_commands import Profile
from bot.records import PERFORMERS, Records
from bot.rights import RIGHTS, ROLES, may
from bot.store import KnownAddress, Participant
from tests.bot.ledgers import NOW, a_press

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "rights.md"
VALUES: dict[Any, Any] = {
    str: "1",
    int: 1,
    bool: False,
    datetime: NOW,
    Statement: Statement("need", "cold rooms for vaccines", "FJI"),
    Announcement: Announcement(Words(texts={"en": "Lunch is served."})),
    Audience: Audience(),
    Profile: Profile("We train nurses."),
    Mapping[str, str]: {"en": "Lunch is served."},
    Words: Words(texts={"en": "Lunch is served."}),
}
"""What a field of a command holds that has no default."""
ABOUT_PEOPLE = {
    "bot/askings.py": "who of a body is asked",
    "bot/assistant.py": "whose groups are joined",
    "bot/circular_times.py": "whom a result is told to",
    "bot/consent.py": "who may see a name",
    "bot/delegations.py": "whose a need is",
    "bot/forgetting.py": "whose needs stay",
    "bot/handing_on.py": "whose focal point may come",
    "bot/jobs.py": "whom a job tells",
    "bot/live.py": "who sees a need",
    "bot/meetings.py": "who sees a meeting of others",
    "bot/need_groups.py": "whose needs are compared",
    "bot/outcomes.py": "whose focal point is told",
    "bot/papers.py": "who gets no letter",
    "bot/participants.py": "whom the settings appoint",
    "bot/people.py": "whose role a list may change",
    "bot/projects.py": "whom a result is told to",
    "bot/records.py": "whom a question is told to",
    "bot/registration.py": "who has to come from a member",
    "bot/retention.py": "who stays",
    "bot/tally.py": "whose actions are not counted",
    "bot/turns.py": "whose language is not commented on",
}
"""Modules that look at groups of roles, and what they ask about somebody; what one may do the table says."""


def commands() -> list[type[Command]]:
    """Return every command that there is: those of each module of the room, found by themselves."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
    return sorted(_below(Command), key=lambda command: command.__name__)


def _below(parent: type[Command]) -> Iterator[type[Command]]:
    for child in parent.__subclasses__():
        # A dataclass with slots is made twice: the first one is nobody's command.
        if child.__module__.startswith("bot.") and getattr(inspect.getmodule(child), child.__name__) is child:
            yield child
            yield from _below(child)


COMMANDS = commands()


def a_command(kind: type[Command]) -> Command:
    """Return one with quiet values."""
    hints = typing.get_type_hints(kind)
    given = {
        field.name: a_value(hints[field.name])
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    return kind(**given)


def a_value(hint: Any) -> Any:
    if hint in VALUES:
        return VALUES[hint]
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return typing.get_args(hint)[0]
    if origin is tuple:
        return ()
    if origin in (types.UnionType, typing.Union):
        return None
    raise AssertionError(f"no value for {hint}")


def test_every_command_has_an_action_that_stands_in_the_table_and_something_that_carries_it_out() -> None:
    assert {command.__name__ for command in COMMANDS if command.action not in RIGHTS} == set()
    assert set(COMMANDS) == set(PERFORMERS)


def test_every_action_of_the_table_is_a_command_s_and_somebody_s() -> None:
    assert {command.action for command in COMMANDS} == set(RIGHTS)
    assert [action for action, roles in RIGHTS.items() if not roles or not roles <= set(ROLES)] == []


def test_what_does_not_stand_in_the_table_nobody_may_do() -> None:
    assert [role for role in ROLES if may(role, "something_new")] == []


class Undone(Exception):
    """Ends a transaction so that nothing of it stays."""


def allowed(store: Store, kind: type[Command], role: str) -> bool:
    """Tell whether a participant with *role* gets past the check; nothing that the command does stays."""
    found: list[bool] = []

    def work(session: Session) -> None:
        row = Participant(role=role, confirmed=True, country="FJI", created_at=NOW)
        session.add(row)
        session.flush()
        assert row.id is not None
        session.add(KnownAddress(channel="telegram", user="7", participant_id=row.id, chat="7"))
        session.flush()
        actor = Actor(id=row.id, role=role, country="FJI", confirmed=True)
        door = Door(Keys(b"a key"), Ways(mail=True))
        records = Records(session, actor, NOW, a_press(), door=door, place=Address("telegram", "7"))
        try:
            records.perform(a_command(kind))
        except NotAllowed:
            found.append(False)
        except Refused:
            found.append(True)
        else:
            found.append(True)
        raise Undone

    with pytest.raises(Undone):
        store.write(work).result()
    return found[0]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_each_role_may_do_what_the_table_says_and_no_more(
    sqlite_store: Store, command: type[Command]
) -> None:
    assert {role for role in ROLES if allowed(sqlite_store, command, role)} == RIGHTS[command.action]


def test_what_one_may_do_is_asked_of_the_table_only() -> None:
    """A dialogue asks `may`; other modules look at groups of roles to ask about people, each for one reason."""
    found = set()
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("adapters/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "bot.rights":
                groups = {"SECRETARIAT", "ADMIN", "GOVERNMENTS", "REGISTERED", "EVERYONE", "RIGHTS"}
                if groups & {one.name for one in node.names}:
                    found.add(str(path.relative_to(ROOT)))
    assert found == ABOUT_PEOPLE.keys()


# The page


def page() -> str:
    """Return what stands in docs/rights.md below its first paragraphs."""
    titles = " | ".join(role.replace("_", " ") for role in ROLES)
    lines = [f"| right | {titles} |", "| --- |" + " :-: |" * len(ROLES)]
    for action, roles in RIGHTS.items():
        marks = " | ".join("✓" if role in roles else "" for role in ROLES)
        lines.append(f"| {action.replace('_', ' ')} | {marks} |")
    lines += ["", "## What each right is for", ""]
    for action in RIGHTS:
        lines.append(f"- **{action.replace('_', ' ')}**")
        done = {first_sentence(command) for command in COMMANDS if command.action == action}
        lines += [f"  - {sentence}" for sentence in sorted(done)]
    return "\n".join(lines) + "\n"


def first_sentence(command: type[Command]) -> str:
    sentence = (command.__doc__ or "").strip().replace(".\n", ". ").split(". ")[0]
    return " ".join(sentence.replace("*", "").split()).rstrip(".")


def test_the_page_shows_the_table(request: pytest.FixtureRequest) -> None:
    head, mark, _ = PAGE.read_text("utf-8").partition("## The table\n\n")
    if request.config.getoption("--update-transcripts"):
        PAGE.write_text(head + mark + page(), "utf-8")
    assert PAGE.read_text("utf-8") == head + mark + page()
