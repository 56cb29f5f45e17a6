"""Good practices that participants tell of: read by the secretariat first, then part of the catalogue."""

import pytest

from bot.changes import Overlay
from bot.consent import CONSENT_VERSION
from bot.database import Store
from bot.dialogues.practice import title_of
from bot.errors import Refused
from bot.participants import Actor
from bot.practice_commands import (
    CheckPractice,
    MyPractices,
    RefusePractice,
    SubmitPractice,
    Submitted,
    WaitingPractices,
    WithdrawPractice,
)
from bot.privacy_commands import Forget
from knowledge.catalogue import Teller
from knowledge.seeking import find, in_words
from knowledge.snapshot import Snapshot
from tests.bot.ledgers import perform, person
from tests.samples import sample_snapshot

DENGUE = SubmitPractice(
    "Dengue watch by tablet",
    "We trained 40 nurses to report dengue.",
    "Tablets.",
    "public_health",
    "training",
    ("FJI",),
)


def an_actor(store: Store, user: str, role: str = "delegate", country: str | None = "FJI") -> Actor:
    known = {"role": role, "country": country, "confirmed": True, "consented": CONSENT_VERSION}
    return Actor(id=person(store, user, organisation="Blue Harbour", **known), **known)


def known_to(store: Store, overlay: Overlay | None = None) -> Snapshot:
    know = sample_snapshot()
    return store.read(lambda session: (overlay or Overlay()).of(session, know))


def found(store: Store) -> list[str]:
    know = known_to(store)
    return [one.id for one in find(in_words("practice", "dengue", know), know) if one.id.startswith("P-")]


def test_it_is_found_once_the_secretariat_has_published_it(store: Store) -> None:
    ana, officer = an_actor(store, "ana"), an_actor(store, "officer", "secretariat")
    sent: Submitted = perform(store, DENGUE, ana)
    assert (sent.number, sent.state, found(store)) == ("P-0001", "waiting", [])
    assert [one.number for one in perform(store, WaitingPractices(), officer)] == ["P-0001"]
    assert perform(store, CheckPractice("p-1"), officer).fresh is True
    assert perform(store, CheckPractice("P-0001"), officer).fresh is False
    assert (found(store), perform(store, WaitingPractices(), officer)) == (["P-0001"], ())


def test_what_is_refused_is_found_no_more_and_says_why_until_it_is_published(store: Store) -> None:
    ana, officer = an_actor(store, "ana"), an_actor(store, "officer", "secretariat")
    perform(store, DENGUE, ana)
    perform(store, CheckPractice("P-0001"), officer)
    assert perform(store, RefusePractice("P-0001", "Where was it?"), officer).fresh is True
    (mine,) = perform(store, MyPractices(), ana)
    assert (mine.state, mine.refusal, found(store)) == ("refused", "Where was it?", [])
    assert perform(store, CheckPractice("P-0001"), officer).submitted.refusal == ""
    assert found(store) == ["P-0001"]


def test_the_very_same_sent_once_more_keeps_its_number(store: Store) -> None:
    ana = an_actor(store, "ana")
    assert [perform(store, DENGUE, ana).number for _ in range(2)] == ["P-0001", "P-0001"]


def test_only_who_told_of_it_takes_it_back_and_its_number_is_never_given_again(store: Store) -> None:
    ana, mele = an_actor(store, "ana"), an_actor(store, "mele")
    officer = an_actor(store, "officer", "secretariat")
    perform(store, DENGUE, ana)
    perform(store, CheckPractice("P-0001"), officer)
    assert [perform(store, WithdrawPractice("P-0001"), one) for one in (mele, ana, ana)] == [
        False,
        True,
        False,
    ]
    assert found(store) == []
    assert perform(store, DENGUE, ana).number == "P-0002"
    assert perform(store, CheckPractice("P-0001"), officer).submitted is None


def test_who_is_forgotten_leaves_none(store: Store) -> None:
    ana, officer = an_actor(store, "ana"), an_actor(store, "officer", "secretariat")
    perform(store, DENGUE, ana)
    perform(store, CheckPractice("P-0001"), officer)
    perform(store, Forget(), ana)
    assert found(store) == []


@pytest.mark.parametrize(
    ("role", "country", "teller"),
    [
        ("delegate", "FJI", Teller("FJI")),
        ("partner", None, Teller(None, "Blue Harbour")),
        ("private_sector", "SGP", Teller("SGP", "Blue Harbour", private=True)),
    ],
)
def test_others_see_whose_it_is_and_never_who_told_of_it(
    store: Store, role: str, country: str | None, teller: Teller
) -> None:
    assert perform(store, DENGUE, an_actor(store, "ana", role, country)).practice.told_by == teller


def test_an_unknown_theme_is_refused(store: Store) -> None:
    with pytest.raises(Refused, match="no theme nothing"):
        perform(store, SubmitPractice("Title", "Text", "", "nothing", "training"), an_actor(store, "ana"))


def test_the_catalogue_is_built_once_for_what_is_published(store: Store) -> None:
    ana, officer = an_actor(store, "ana"), an_actor(store, "officer", "secretariat")
    overlay, know = Overlay(), sample_snapshot()
    assert known_to(store, overlay) is know
    perform(store, DENGUE, ana)
    assert known_to(store, overlay) is know
    perform(store, CheckPractice("P-0001"), officer)
    over = known_to(store, overlay)
    assert (known_to(store, overlay) is over, over.answers is know.answers) == (True, True)
    assert set(over.catalogue.practices) - set(know.catalogue.practices) == {"P-0001"}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("We trained nurses. It worked.", "We trained nurses"),
        ("我们培训了护士。效果很好。", "我们培训了护士"),
        ("one word " * 30, "one word " * 8 + "one…"),
        ("x" * 200, "x" * 79 + "…"),
    ],
)
def test_the_title_is_the_first_sentence_cut_between_words(text: str, title: str) -> None:
    assert title_of(text) == title
