"""Somebody is introduced to whom they found in the directory: by a profile, or by a good practice."""

import pytest

from bot import invitations
from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.errors import Refused
from bot.introduction_commands import (
    AskIntroduction,
    Introduced,
    Invitation,
    MuteTheme,
    MyIntroductions,
    OwnEntry,
    ReadIntroduction,
)
from bot.participants import Actor
from bot.practice_commands import CheckPractice, RefusePractice, SubmitPractice, WithdrawPractice
from bot.privacy_commands import ObjectToMatching
from bot.profile_commands import CheckProfile, KeepProfile, Profile, WithdrawProfile
from tests.bot.ledgers import NOW, OFFICER, perform, person
from tests.bot.pairs import agree, by_itself, decline, need, seen

NURSES = Profile("We train nurses.", ("public_health",), ("training",))
DENGUE = SubmitPractice("Dengue watch", "40 nurses report dengue.", "", "public_health", "training")
BY_INDIA = "clews-pacific"
"""A practice of the sample's catalogue, and one of the bodies that it names."""
ITEC = "Development Partnership Administration, Ministry of External Affairs of India (ITEC Programme)"


def an_actor(store: Store, user: str, role: str = "delegate", country: str = "FJI", **more: str) -> Actor:
    known = {"role": role, "country": country, "confirmed": True, "consented": CONSENT_VERSION}
    return Actor(id=person(store, user, name=user, **known, **more), **known)


def ask(store: Store, actor: Actor, about: str, fits: str = "") -> Introduced:
    found: Introduced = perform(store, AskIntroduction(about, ("name",), fits), actor)
    return found


def listed(store: Store, user: str = "ana", profile: Profile = NURSES, role: str = "delegate") -> Actor:
    actor = an_actor(store, user, role, "THA")
    perform(store, KeepProfile(profile), actor)
    return actor


def told(store: Store, user: str = "ana", *, published: bool = True) -> Actor:
    actor = an_actor(store, user, country="THA")
    perform(store, DENGUE, actor)
    if published:
        perform(store, CheckPractice("P-0001"), OFFICER)
    return actor


@pytest.mark.parametrize(("write", "number"), [(listed, "D-0001"), (told, "P-0001")])
def test_who_wrote_it_is_asked_and_nothing_is_shown_until_both_agree(
    store: Store, write: object, number: str
) -> None:
    ana, mele = write(store), an_actor(store, "mele")  # type: ignore[operator]
    fits = need(store, mele, "Nurses who report dengue", themes=("climate_change",))
    found = ask(store, mele, number.lower().replace("000", ""), fits)
    assert (found.theirs, found.own, found.state, found.shown) == (number, fits, "waiting", {})
    asked: Invitation = perform(store, ReadIntroduction(found.number), ana)
    assert (asked.introduced.own, asked.introduced.theirs, asked.introduced.shown) == (number, fits, {})
    assert (asked.role, asked.region, asked.themes) == ("delegate", "PAC", ("climate_change",))
    assert agree(store, ana, found.number).shown == {"name": "mele"}
    assert ask(store, mele, number).number == found.number


@pytest.mark.parametrize("number", ["D-0001", "P-0001", "D-0002", "P-0009", "D-x", "D-9999999999"])
def test_nobody_is_asked_about_what_the_actor_does_not_find(store: Store, number: str) -> None:
    listed(store, "firm", role="private_sector")  # which nobody checked yet
    told(store, published=False)
    with pytest.raises(Refused, match="nobody can be asked"):
        ask(store, an_actor(store, "mele"), number)


def test_a_profile_for_governments_is_no_way_to_its_author_for_others(store: Store) -> None:
    listed(store, profile=Profile("We train nurses.", seen_by="governments"))
    with pytest.raises(Refused, match="nobody can be asked"):
        ask(store, an_actor(store, "firm", "partner"), "D-0001")
    assert ask(store, an_actor(store, "mele"), "D-0001").state == "waiting"


@pytest.mark.parametrize(("write", "number"), [(listed, "D-0001"), (told, "P-0001")])
def test_nobody_is_introduced_to_themselves_or_to_who_objects(
    store: Store, write: object, number: str
) -> None:
    ana = write(store)  # type: ignore[operator]
    with pytest.raises(OwnEntry):
        ask(store, ana, number)
    perform(store, ObjectToMatching(), ana)
    with pytest.raises(Refused, match="nobody can be asked"):
        ask(store, an_actor(store, "mele"), number)


@pytest.mark.parametrize(("write", "number"), [(listed, "D-0001"), (told, "P-0001")])
def test_who_mutes_its_theme_is_not_asked_and_nobody_learns_it(
    store: Store, write: object, number: str
) -> None:
    ana, mele = write(store), an_actor(store, "mele")  # type: ignore[operator]
    perform(store, MuteTheme("public_health"), ana)
    assert ask(store, mele, number).state == "waiting"
    assert perform(store, MyIntroductions(), ana) == ()
    perform(store, MuteTheme("public_health", muted=False), ana)
    assert by_itself(store) == [(ana.id, "introduction/asked")]


def test_who_said_no_is_not_asked_again_and_a_refusal_looks_like_silence(store: Store) -> None:
    ana, mele = listed(store), an_actor(store, "mele")
    number = ask(store, mele, "D-0001").number
    before = seen(store, mele)
    decline(store, ana, number)
    assert seen(store, mele) == before
    over = before.expires_at
    assert by_itself(store, over) == [(mele.id, "introduction/no_answer")]
    again: Introduced = perform(store, AskIntroduction("D-0001"), mele, over)
    assert again.state == "waiting"
    assert [one.number for one in perform(store, MyIntroductions(), ana, over)] == [number]


def test_a_profile_or_practice_counts_among_what_is_asked_of_one(store: Store) -> None:
    ana, mele = listed(store), an_actor(store, "mele")
    perform(store, DENGUE, ana)
    perform(store, CheckPractice("P-0001"), OFFICER)
    needs = [need(store, ana, f"Rooms {place}") for place in range(invitations.ASKED_AT_ONCE - 1)]
    for about in (*needs, "D-0001", "P-0001"):
        ask(store, mele, about)
    assert [one.own for one in perform(store, MyIntroductions(), ana)] == [*needs, "D-0001"]


def test_what_is_taken_back_or_hidden_ends_what_was_asked_about_it(store: Store) -> None:
    ana, firm, mele = listed(store), listed(store, "firm", role="private_sector"), an_actor(store, "mele")
    perform(store, CheckProfile("D-0002", shown=True), OFFICER)
    for place in range(2):
        perform(store, SubmitPractice("Dengue", f"Nurses {place}.", "", "public_health", "training"), ana)
        perform(store, CheckPractice(f"P-000{place + 1}"), OFFICER)
    for about in ("D-0001", "D-0002", "P-0001", "P-0002"):
        ask(store, mele, about)
    assert len(perform(store, MyIntroductions(), firm)) == 1
    perform(store, WithdrawProfile(), ana)
    perform(store, CheckProfile("D-0002", shown=False), OFFICER)
    perform(store, WithdrawPractice("P-0001"), ana)
    perform(store, RefusePractice("P-0002", "It was told twice."), OFFICER)
    assert [one.state for one in perform(store, MyIntroductions(), mele)] == ["over"] * 4
    assert by_itself(store, NOW) == []


def test_of_the_bodies_that_a_practice_names_the_least_busy_of_their_people_is_asked(store: Store) -> None:
    mele = an_actor(store, "mele")
    with pytest.raises(Refused, match=f"nobody of {BY_INDIA}"):
        ask(store, mele, BY_INDIA)
    one, two = (an_actor(store, user, "partner", "IND", organisation=ITEC) for user in ("one", "two"))
    an_actor(store, "three", "partner", "IND", organisation="JICA")
    for asker in (mele, an_actor(store, "ana")):
        ask(store, asker, BY_INDIA)
    for actor in (one, two):
        (found,) = perform(store, MyIntroductions(), actor)
        assert (found.own, found.theirs) == (BY_INDIA, "")
