"""Links and codes on paper: what they prove, whom they are for, and how long they work."""

from datetime import timedelta
from typing import Any

import pytest

from bot import links
from bot.commands import Command
from bot.database import Store
from bot.errors import NotAllowed
from bot.keys import Keys
from bot.linking import Door
from bot.links import TOKEN, Ways, plain_code
from bot.messages import Address
from bot.papers import Paper
from bot.participants import Actor
from bot.people_commands import GiveCodes, GiveLetters
from bot.records import Records
from bot.store import Participant
from tests.bot.ledgers import NOW, OFFICER, a_press, person

KEYS = Keys(b"k" * 32)
CHAT = Address("telegram", "77")


def perform(store: Store, command: Command, actor: Actor = OFFICER, keys: Keys = KEYS) -> Any:
    def work(session: Any) -> Any:
        return Records(session, actor, NOW, a_press(), door=Door(keys, Ways())).perform(command)

    return store.write(work).result()


def proves(
    store: Store, secret: str, after: timedelta = timedelta(), keys: Keys = KEYS
) -> tuple[str, tuple[int, ...]]:
    """Return what showing *secret* in a chat is worth, and whom it may mean."""
    proof = store.write(lambda session: links.show_token(session, keys, CHAT, secret, NOW + after)).result()
    return proof.verdict, tuple(one.id for one in proof.people)


def registered(store: Store, name: str, **values: Any) -> int:
    """Keep somebody who is registered and has linked no chat."""
    row = {"name": name, "country": "TON", "role": "delegate", "confirmed": True, "created_at": NOW, **values}

    def keep(session: Any) -> int:
        kept = Participant(**row)
        session.add(kept)
        session.flush()
        assert kept.id is not None
        return kept.id

    return store.write(keep).result()


@pytest.mark.parametrize("command", [GiveLetters(), GiveCodes()])
def test_everybody_who_is_registered_and_not_linked_gets_one(store: Store, command: Command) -> None:
    mele, ana = registered(store, "Mele"), registered(store, "Ana")
    person(store, "1", name="Linked", confirmed=True, role="delegate")
    person(store, "2", name="Visitor")
    papers: tuple[Paper, ...] = perform(store, command)
    assert [paper.person.id for paper in papers] == [ana, mele]
    assert len({paper.secret for paper in papers}) == 2


def test_a_letter_proves_who_its_person_is_once(store: Store) -> None:
    mele = registered(store, "Mele")
    (letter,) = perform(store, GiveLetters())
    assert TOKEN.fullmatch(letter.secret)
    assert proves(store, letter.secret) == ("right", (mele,))
    other = store.write(
        lambda session: links.show_token(session, KEYS, Address("slack", "U9"), letter.secret, NOW)
    ).result()
    assert other.verdict == "used"


def test_a_letter_that_still_works_comes_again_as_it_is(store: Store) -> None:
    registered(store, "Mele")
    first = perform(store, GiveLetters())
    assert perform(store, GiveLetters(days=5)) == first


def test_a_letter_comes_again_after_the_key_was_replaced(store: Store) -> None:
    registered(store, "Mele")
    (first,) = perform(store, GiveLetters())
    new = Keys(b"n" * 32, (KEYS.current,))
    assert perform(store, GiveLetters(), keys=new) == (first,)
    assert proves(store, first.secret, keys=new)[0] == "right"
    (other,) = perform(store, GiveLetters(), keys=Keys(b"n" * 32))
    assert other.secret != first.secret


def test_a_renewed_letter_makes_the_one_before_void(store: Store) -> None:
    registered(store, "Mele")
    (first,) = perform(store, GiveLetters())
    (second,) = perform(store, GiveLetters(renew=True))
    assert proves(store, first.secret) == ("expired", ())
    assert proves(store, second.secret)[0] == "right"


def test_a_letter_ends_on_its_day(store: Store) -> None:
    registered(store, "Mele")
    (letter,) = perform(store, GiveLetters(days=2))
    assert proves(store, letter.secret, timedelta(days=2)) == ("expired", ())
    assert proves(store, letter.secret, timedelta(days=2, seconds=-1))[0] == "right"


def test_a_used_letter_is_followed_by_a_new_one(store: Store) -> None:
    mele = registered(store, "Mele")
    (letter,) = perform(store, GiveLetters())
    proves(store, letter.secret)
    (second,) = perform(store, GiveLetters(people=(mele,)))
    assert second.secret != letter.secret


def test_a_code_proves_who_its_person_is(store: Store) -> None:
    mele = registered(store, "Mele")
    (code,) = perform(store, GiveCodes())
    assert plain_code(code.secret.lower().replace("-", " ")) == code.secret
    assert proves(store, code.secret) == ("right", (mele,))


def test_a_new_code_makes_the_one_before_void_and_leaves_the_letter(store: Store) -> None:
    registered(store, "Mele")
    (letter,) = perform(store, GiveLetters())
    (first,) = perform(store, GiveCodes())
    (second,) = perform(store, GiveCodes())
    assert proves(store, first.secret)[0] == "expired"
    assert proves(store, second.secret)[0] == "right"
    assert proves(store, letter.secret)[0] == "right"


@pytest.mark.parametrize("role", ["secretariat", "admin"])
def test_nobody_of_the_secretariat_gets_one(store: Store, role: str) -> None:
    officer = registered(store, "Officer", role=role)
    assert perform(store, GiveLetters()) == ()
    assert perform(store, GiveCodes(people=(officer,))) == ()


def test_chosen_people_get_one_linked_or_not(store: Store) -> None:
    linked = person(store, "1", name="Linked", confirmed=True, role="delegate")
    visitor = person(store, "2", name="Visitor")
    registered(store, "Mele")
    assert [paper.person.id for paper in perform(store, GiveCodes(people=(linked, visitor)))] == [linked]


def test_delegates_make_none(store: Store) -> None:
    with pytest.raises(NotAllowed):
        perform(store, GiveCodes(), Actor(id=registered(store, "Mele"), role="focal_point"))
