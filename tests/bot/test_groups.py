"""Working groups: who follows, who is in them and by whose word, and what is told to whom."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from bot import group_digest
from bot.audiences import FOLLOWINGS
from bot.database import Store
from bot.group_commands import (
    AnswerJoin,
    CancelJoin,
    Count,
    CountGroups,
    FollowGroup,
    JoinGroup,
    MyGroups,
    Place,
    ReadGroup,
    TellGroup,
    UnfollowGroup,
)
from bot.ledger import CARD, ROWS, WITH_CARDS
from bot.messages import Heard, Inbound, Text
from bot.people_commands import SetRole
from bot.privacy_commands import Forget
from knowledge.loaders.pack import Pack
from knowledge.working_groups import meeting_asked
from tests.bot.ledgers import NOW, OFFICER, a_press, perform
from tests.bot.test_delegations import now, somebody, told
from tests.databases import store_on
from tests.knowledge.packs import problems, small_pack
from tests.samples import sample_snapshot
from tests.transcript import Stage, Watch

GROUP = "group-1"


def digest(store: Store, hours: int = 24) -> None:
    at = NOW + timedelta(hours=hours)

    def work(session: Session) -> None:
        due = group_digest.next_digest(session, at)
        if due is not None and due <= at:
            group_digest.send_digest(session, a_press(), at)

    store.write(work).result()


def said(store: Store) -> dict[str, str]:
    """Map each user to what they are told in digests."""
    query = select(ROWS.c.user, CARD.label("card")).select_from(WITH_CARDS).order_by(ROWS.c.id)
    found = store.read(lambda session: session.execute(query).all())
    assert len({row.user for row in found}) == len(found)
    return {row.user: row.card["body"] for row in found}


def sessions(store: Store, person: int | None) -> list[str]:
    query = FOLLOWINGS.select().where(FOLLOWINGS.c.participant_id == person)
    return [row.session for row in store.read(lambda session: session.execute(query).all())]


def test_whoever_follows_a_group_follows_its_meeting(store: Store) -> None:
    company = somebody(store, "1", "private_sector", "SGP")
    assert perform(store, FollowGroup(GROUP), company) == Place(GROUP, "follows")
    assert sessions(store, company.id) == ["wg1"]
    assert perform(store, FollowGroup(GROUP), company) == Place(GROUP, "follows")
    assert perform(store, UnfollowGroup(GROUP), company) == Place(GROUP)
    assert (sessions(store, company.id), perform(store, MyGroups(), company)) == ([], ())


def test_a_group_that_is_not_there_is_nobody_s(store: Store) -> None:
    delegate = somebody(store, "1")
    commands: list[Any] = [
        FollowGroup("x"),
        UnfollowGroup("x"),
        JoinGroup("x", "member"),
        CancelJoin("x"),
        ReadGroup("x"),
    ]
    assert [perform(store, command, delegate) for command in commands] == [None] * 5
    assert perform(store, TellGroup("x", {"en": "Hello."}, True), OFFICER) is None
    assert perform(store, AnswerJoin("x", delegate.id or 0, True), OFFICER) == "gone"


def test_the_focal_point_of_the_country_confirms_and_nobody_else(store: Store) -> None:
    delegate, focal = somebody(store, "1"), somebody(store, "2", "focal_point")
    other = somebody(store, "3", "focal_point", "TON")
    asked = told(store, JoinGroup(GROUP, "member"), delegate)
    assert [(one.participant_id, one.saying.template) for one in asked] == [(focal.id, "group/asked")]
    assert told(store, JoinGroup(GROUP, "member"), delegate) == []
    assert perform(store, AnswerJoin(GROUP, delegate.id or 0, True), other) == "gone"
    assert perform(store, MyGroups(), delegate) == (Place(GROUP, "asked", "member"),)
    assert perform(store, AnswerJoin(GROUP, delegate.id or 0, True), focal) == "confirmed"
    assert perform(store, AnswerJoin(GROUP, delegate.id or 0, True), focal) == "before"
    assert perform(store, MyGroups(), delegate) == (Place(GROUP, "in", "member"),)
    assert perform(store, CountGroups(), OFFICER)[0] == Count(GROUP, 1, 0, 0, {"KIR": 1})


def test_a_focal_point_joins_by_their_own_word(store: Store) -> None:
    assert perform(store, JoinGroup(GROUP, "member"), somebody(store, "2", "focal_point")) == "in"


def test_without_a_focal_point_the_secretariat_is_asked(store: Store) -> None:
    officer, delegate = somebody(store, "9", "secretariat"), somebody(store, "1")
    asked = told(store, JoinGroup(GROUP, "observer"), delegate)
    assert [one.participant_id for one in asked] == [officer.id]
    outcome = told(store, AnswerJoin(GROUP, delegate.id or 0, False), officer)
    assert [(one.participant_id, one.saying.values["confirmed"]) for one in outcome] == [(delegate.id, False)]
    assert perform(store, MyGroups(), delegate) == (Place(GROUP, "follows"),)


def test_a_wish_that_was_taken_back_is_not_confirmed(store: Store) -> None:
    delegate, focal = somebody(store, "1"), somebody(store, "2", "focal_point")
    perform(store, JoinGroup(GROUP, "member"), delegate)
    assert perform(store, CancelJoin(GROUP), delegate) == Place(GROUP, "follows")
    assert perform(store, AnswerJoin(GROUP, delegate.id or 0, True), focal) == "before"


def test_the_digest_comes_once_and_brings_members_what_is_theirs(store: Store) -> None:
    member = somebody(store, "2", "focal_point")
    perform(store, JoinGroup(GROUP, "member"), member)
    perform(store, FollowGroup(GROUP), somebody(store, "1", "private_sector", "SGP"))
    perform(store, FollowGroup("group-2"), somebody(store, "3"))
    perform(store, TellGroup(GROUP, {"en": "For all."}, True), OFFICER)
    perform(store, TellGroup(GROUP, {"en": "For members."}, False), OFFICER)
    digest(store, hours=1)
    assert said(store) == {}
    for _ in range(2):
        digest(store)
    texts = said(store)
    assert {user: "For members." in text for user, text in texts.items()} == {"1": False, "2": True}
    assert all("For all." in text for text in texts.values())
    shown = perform(store, ReadGroup(GROUP), member)
    assert [word.public for word in shown.news] == [False, True]


def test_who_is_forgotten_is_in_no_group(store: Store) -> None:
    member = somebody(store, "2", "focal_point")
    perform(store, JoinGroup(GROUP, "member"), member)
    perform(store, SetRole(member.id or 0, "delegate"), OFFICER)
    perform(store, Forget(), now(store, member.id or 0))
    assert perform(store, CountGroups(), OFFICER)[0] == Count(GROUP)


async def test_a_group_chat_is_told_when_the_groups_meet_and_nothing_personal(tmp_path: Path) -> None:
    with store_on("sqlite", tmp_path) as store:
        play = Stage(store, Watch(NOW))
        play.register("mele", "delegate", "FJI", "en")
        bodies = []
        for number, words in enumerate(("/ask when do we meet", "/groups", "/groups group-1 join")):
            address = play.person("mele").address
            heard = Inbound(f"g{number}", address, NOW, Text(words), chat="-100", place="group", thread="7")
            await play.assistant.receive(heard)
            await play.assistant.drain()
            play._said()
            bodies.append(play.person("mele").cards[-1][1].body)
        assert "<b>Working group 1 (sample)</b>: First meeting: Tuesday 13 September, 10:45" in bodies[0]
        assert bodies[1] == bodies[0]
        assert bodies[2] == "I will answer you in private. Please write to me in a private chat."


async def test_what_no_entry_answers_in_a_group_chat_is_queued_there(tmp_path: Path) -> None:
    with store_on("sqlite", tmp_path) as store:
        play = Stage(store, Watch(NOW))
        play.register("mele", "delegate", "FJI", "en")
        mele = play.person("mele")
        heard: list[Heard] = [Text("is dancing on the tables allowed")]
        for number in range(2):
            inbound = Inbound(f"g{number}", mele.address, NOW, heard[-1], "-100", "group", "7", "7")
            await play.assistant.receive(inbound)
            await play.assistant.drain()
            play._said()
            heard.append(mele.tap(mele.cards[-1][1].choices[-1][-1].label))
        body = mele.cards[-1][1].body
        assert body.endswith("(Q-1) and will tell you in private when they answer.")


def test_it_is_heard_when_somebody_asks_for_the_meeting_of_a_group() -> None:
    asked = [
        "When do we meet?",
        "when does working group 1 meet",
        "Quand nous réunissons-nous ?",
        "Когда мы собираемся?",
        "我们什么时候开会？",
    ]
    others = ["when is lunch", "where do I register", "quand est le déjeuner", "когда обед", "什么时候午餐"]
    assert [meeting_asked(one) for one in (*asked, *others)] == [True] * 5 + [False] * 5


# The pack

ONE = "- id: group-1\n  name: {en: Group, fr: Groupe, ru: Группа, zh: 工作组}\n  theme: THEME\n"


def with_groups(text: str) -> dict[str, bytes]:
    themes = list(Pack.from_files(small_pack()).vocabulary.themes)
    return {**small_pack(), "groups.yaml": text.replace("THEME", themes[0]).encode()}


def test_a_pack_can_do_without_groups_and_a_group_without_words() -> None:
    assert Pack.from_files(small_pack()).groups == {}
    group = Pack.from_files(with_groups(ONE)).groups["group-1"]
    assert (group.session, group.public, group.for_members) == (None, None, None)


def test_mistakes_in_a_group_are_told_with_their_place() -> None:
    wrong = ONE + "  session: nowhere\n  public: {en: Only English}\n" + ONE
    found = [(one.file, one.row, one.column) for one in problems(with_groups(wrong))]
    assert ("groups.yaml", 4, "session") in found
    assert ("groups.yaml", 6, "id") in found
    assert {column for _, _, column in found} >= {"public.fr", "public.ru", "public.zh"}


def test_the_sample_groups_are_marked_as_such() -> None:
    know = sample_snapshot()
    assert know.forum.sample_groups
    assert ["sample" in group.name.in_("en") for group in know.groups.values()] == [True, True]
