"""The chats and topics in which questions are about one working group: by whose word, and what is answered there."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from bot import audit
from bot.commands import Command
from bot.database import Store
from bot.errors import NotAllowed, Refused
from bot.group_chat_commands import GroupChat, GroupChats, GroupHere, Tied, TieGroup, UntieGroup
from bot.group_chats import CHATS
from bot.messages import Address, Inbound, Spot, Text
from bot.participants import Actor
from bot.records import Records
from knowledge.working_groups import named_in
from tests.bot.ledgers import NOW, OFFICER, a_door, a_press
from tests.databases import DIALECTS, store_on
from tests.samples import sample_snapshot

CHAT = Spot("telegram", "-100")
TOPIC = Spot("telegram", "-100", "7")
CHANNEL = Spot("slack", "-100")


def perform(store: Store, command: Command, spot: Spot | None, actor: Actor = OFFICER) -> Any:
    """Carry *command* out as *actor* who writes in *spot*."""

    def work(session: Session) -> Any:
        return Records(session, actor, NOW, a_press(), a_door(), spot=spot).perform(command)

    return store.write(work).result()


def test_the_last_word_counts_and_says_whose_the_chat_was(store: Store) -> None:
    first = GroupChat("group-1", TOPIC)
    assert perform(store, TieGroup("group-1"), TOPIC) == Tied(first)
    assert perform(store, TieGroup("group-1"), TOPIC) == Tied(first)
    assert perform(store, TieGroup("group-2"), TOPIC) == Tied(GroupChat("group-2", TOPIC), "group-1")
    assert perform(store, GroupChats(), None) == (GroupChat("group-2", TOPIC),)


def test_a_topic_s_own_group_goes_before_that_of_the_whole_chat(store: Store) -> None:
    perform(store, TieGroup("group-1"), CHAT)
    assert perform(store, GroupHere(), TOPIC) == GroupChat("group-1", CHAT)
    perform(store, TieGroup("group-2"), TOPIC)
    assert perform(store, GroupHere(), TOPIC) == GroupChat("group-2", TOPIC)
    assert perform(store, GroupHere(), CHAT) == GroupChat("group-1", CHAT)
    assert [perform(store, GroupHere(), spot) for spot in (CHANNEL, None)] == [None, None]
    assert perform(store, UntieGroup(), TOPIC) == GroupChat("group-2", TOPIC)
    assert perform(store, UntieGroup(), TOPIC) is None
    assert perform(store, GroupHere(), TOPIC) == GroupChat("group-1", CHAT)
    assert perform(store, UntieGroup(CHAT), None) == GroupChat("group-1", CHAT)
    assert perform(store, GroupChats(), None) == ()


def test_nobody_else_gives_a_chat_away_and_nothing_is_given_in_private(sqlite_store: Store) -> None:
    for role in ("visitor", "delegate", "focal_point", "partner", "private_sector", "media"):
        for command in (TieGroup("group-1"), UntieGroup(), GroupChats()):
            with pytest.raises(NotAllowed):
                perform(sqlite_store, command, CHAT, Actor(role=role))
    for command in (TieGroup("group-1"), UntieGroup()):
        with pytest.raises(Refused):
            perform(sqlite_store, command, None)
    assert perform(sqlite_store, TieGroup("group-9"), CHAT) is None
    assert perform(sqlite_store, GroupChats(), None) == ()


def test_a_group_that_the_pack_names_no_longer_is_not_answered_for(sqlite_store: Store) -> None:
    row = {"channel": "telegram", "chat": "-100", "topic": "", "group": "group-0", "tied_at": NOW}
    sqlite_store.write(lambda session: session.execute(CHATS.insert().values(**row))).result()
    assert perform(sqlite_store, GroupHere(), TOPIC) is None
    assert perform(sqlite_store, UntieGroup(), CHAT) == GroupChat("group-0", CHAT)


def test_who_gave_a_chat_away_stands_in_the_record(sqlite_store: Store) -> None:
    perform(sqlite_store, TieGroup("group-1"), TOPIC)
    perform(sqlite_store, UntieGroup(), TOPIC)
    perform(sqlite_store, UntieGroup(), TOPIC)
    entries = sqlite_store.read(lambda session: session.execute(audit.ENTRIES.select()).all())
    where = {"group": "group-1", "channel": "telegram", "chat": "-100", "topic": "7"}
    assert [entry.details for entry in entries] == [where, where]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_officers_at_once_give_it_to_one_group(dialect: str, tmp_path: Path) -> None:
    with store_on(dialect, tmp_path) as store:

        def work(group: str) -> Any:
            return lambda session: Records(session, OFFICER, NOW, a_press(), a_door(), spot=CHAT).perform(
                TieGroup(group)
            )

        for giving in [store.write(work(f"group-{1 + number % 2}")) for number in range(20)]:
            giving.result()
        assert len(perform(store, GroupChats(), None)) == 1


def test_an_inbound_names_where_others_read_along() -> None:
    heard = Inbound("1", Address("telegram", "5"), NOW, Text("hello"), "-100", "group", "7", "7")
    assert Inbound.from_json(heard.to_json()).spot == TOPIC
    thread = Inbound("1", Address("slack", "U5"), NOW, Text("hello"), "-100", "group", "1663039801.000001")
    assert thread.spot == CHANNEL
    assert Inbound("1", Address("telegram", "5"), NOW, Text("hello"), "5").spot is None


@pytest.mark.parametrize(
    ("question", "groups"),
    [
        ("When does working group 2 meet?", ["group-2"]),
        ("quand se réunit le Groupe de travail 1 ?", ["group-1"]),
        ("第二工作组什么时候开会", ["group-2"]),
        ("when do working group 1 and working group 2 meet", ["group-1", "group-2"]),
        ("when does working group 12 meet", []),
        ("when does my working group meet", []),
        ("", []),
    ],
)
def test_a_group_is_named_by_its_whole_name(question: str, groups: list[str]) -> None:
    assert [group.id for group in named_in(question, sample_snapshot().groups.values())] == groups
