"""Words that are passed on between two who are introduced: how many, without what, and to whom not."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.database import Store
from bot.errors import Refused
from bot.question_commands import OpenQuestions
from bot.relay_commands import NoAnswerYet, Relayed, ReportIntroduced, WantsQuiet, WriteIntroduced
from bot.relaying import UNANSWERED, mask
from bot.store import Participant
from tests.bot.ledgers import perform
from tests.bot.pairs import Pair, agree, asked, decline, pair, registered
from tests.bot.test_forgetting import left_in

__all__ = ["pair"]


@pytest.fixture
def number(store: Store, pair: Pair) -> str:
    number = asked(store, pair, "name")
    agree(store, pair.mele, number, "name")
    return number


def write(store: Store, actor: object, number: str, text: str = "Hello") -> Relayed:
    done: Relayed = perform(store, WriteIntroduced(number, text), actor)  # type: ignore[arg-type]
    return done


def test_so_much_is_written_before_an_answer_and_each_answer_counts_anew(
    store: Store, pair: Pair, number: str
) -> None:
    assert [write(store, pair.ana, number).left for _ in range(UNANSWERED)] == [2, 1, 0]
    with pytest.raises(NoAnswerYet):
        write(store, pair.ana, number)
    assert write(store, pair.mele, number).left == 2
    assert write(store, pair.ana, number).left == 2


def test_of_many_messages_at_once_no_more_are_passed_on(store: Store, pair: Pair, number: str) -> None:
    def once(place: int) -> bool:
        try:
            write(store, pair.ana, number, f"Hello {place}")
        except NoAnswerYet:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(once, range(2 * UNANSWERED))) == UNANSWERED


def test_contacts_are_hidden_until_both_share_theirs(store: Store, pair: Pair, number: str) -> None:
    text = "me@tonga.example"
    assert write(store, pair.mele, number, text).masked
    agree(store, pair.ana, number, "email")
    assert write(store, pair.mele, number, text).masked
    agree(store, pair.mele, number, "email")
    assert not write(store, pair.mele, number, text).masked


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("see https://example.org/a?b=1 please", "see […] please"),
        ("t.me/tupou or @tupou", "[…] or […]"),
        ("www.health.example", "[…]"),
        ("health.gov.to/jobs", "[…]"),
        ("We need 1.5 t of rice, i.e. 30 bags at 10.30", "We need 1.5 t of rice, i.e. 30 bags at 10.30"),
        ("Rooms A, B. Come at 3.", "Rooms A, B. Come at 3."),
    ],
)
def test_links_and_accounts_are_hidden_and_other_words_are_not(text: str, hidden: str) -> None:
    assert mask(text) == hidden


def test_only_the_two_write_and_only_while_they_are_introduced(store: Store, pair: Pair, number: str) -> None:
    ben = registered(store, {"name": "Ben Lee", "country": "FJI", "email": "ben@fiji.example"})
    with pytest.raises(Refused, match="no introduction"):
        write(store, ben, number)
    decline(store, pair.mele, number)
    with pytest.raises(Refused, match="no longer"):
        write(store, pair.ana, number)


def test_nobody_is_written_to_while_they_want_quiet(store: Store, pair: Pair, number: str) -> None:
    store.write(
        lambda session: session.get_one(Participant, pair.mele.id).sqlmodel_update({"muted": "all"})
    ).result()
    with pytest.raises(WantsQuiet):
        write(store, pair.ana, number)


def test_the_words_stand_in_the_ledger_only_and_a_report_names_both(
    store: Store, pair: Pair, number: str
) -> None:
    write(store, pair.ana, number, "Something unkind")
    assert left_in(store, "Something unkind") == []  # notices are queued by the turn that tells them
    question = perform(store, ReportIntroduced(number, "They are unkind"), pair.mele)
    (queued,) = perform(store, OpenQuestions())
    assert (queued.number, queued.text) == (
        question,
        f"{number} (Mele Tupou, TON → Ana Silva, TLS): They are unkind",
    )
