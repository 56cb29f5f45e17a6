"""Questions that wait, their answers, and what of these everybody gets."""

from datetime import timedelta

import pytest

from adapters.wiring import load_pack
from bot import identity
from bot.commands import AskSecretariat
from bot.database import Store
from bot.participants import Actor
from bot.question_commands import (
    AnswerQuestion,
    OpenQuestions,
    PublishAnswer,
    PublishedAnswers,
    ReadAnswered,
    ReopenQuestion,
    TranslateAnswer,
    WithdrawAnswer,
)
from bot.snapshots import Snapshots, snapshot_of
from knowledge.answers import Answer
from knowledge.loaders.pack import Pack
from tests.bot.ledgers import NOW, perform, person
from tests.knowledge.packs import small_pack


def somebody(store: Store, user: str) -> Actor:
    """Keep somebody and return them."""
    own = person(store, user)
    return store.read(lambda session: identity.actor_of(session, own))


def test_an_answer_reaches_who_asked_the_same(store: Store) -> None:
    ana, ben, eve = (somebody(store, user) for user in ("ana", "ben", "eve"))
    for actor, text in (
        (ana, "Is there a prayer room?"),
        (ben, "is there a  prayer room"),
        (eve, "where can I pray"),
    ):
        perform(store, AskSecretariat(text), actor)
    assert [one.number for one in perform(store, AnswerQuestion("q-1", "On floor 2."))] == ["Q-1", "Q-2"]
    assert [one.number for one in perform(store, OpenQuestions())] == ["Q-3"]
    assert perform(store, AnswerQuestion("Q-1", "Again")) == ()
    assert perform(store, AnswerQuestion("Q-77", "Again")) == ()
    assert perform(store, AnswerQuestion("Q-" + "9" * 30, "Again")) == ()


def test_what_is_published_takes_no_others_words(store: Store) -> None:
    """The same short answer may be that of quite another question."""
    ana = somebody(store, "ana")
    for text in ("Is there a prayer room?", "where can I pray", "Is my badge free of charge?"):
        perform(store, AskSecretariat(text), ana)
    perform(store, AnswerQuestion("Q-3", "Yes."), now=NOW - timedelta(hours=1))
    perform(store, AnswerQuestion("Q-1", "Yes.", ("Q-2",)))
    assert perform(store, ReadAnswered("Q-1")).asked_too == ("where can I pray",)
    assert perform(store, ReadAnswered("Q-3")).asked_too == ()


def test_only_who_asked_can_ask_again(store: Store) -> None:
    ana, ben = (somebody(store, user) for user in ("ana", "ben"))
    perform(store, AskSecretariat("Is there a prayer room?"), ana)
    assert perform(store, ReopenQuestion("Q-1"), ana) is None, "it waits"
    perform(store, AnswerQuestion("Q-1", "Yes."))
    assert perform(store, ReopenQuestion("Q-1"), ben) is None
    again = perform(store, ReopenQuestion("Q-1", "On which floor?"), ana)
    assert (again.text, again.answer) == ("Is there a prayer room?\nOn which floor?", "Yes.")
    assert [one.number for one in perform(store, OpenQuestions())] == ["Q-1"]


ASKED = (("en", "Is there a prayer room?"), ("ru", "Есть ли молельная комната?"))


def test_what_is_published_is_an_entry_until_it_is_taken_back(store: Store) -> None:
    pack = Pack.from_files(small_pack())
    answer = perform(store, PublishAnswer("Is there a prayer room?", "On floor 2.", "en", ASKED))
    (key,) = snapshot_of(pack, store).entries.keys() - pack.entries.keys()
    entry = snapshot_of(pack, store).entries[key]
    assert (entry.body, entry.answered_at) == ({"en": "On floor 2."}, NOW)
    perform(store, TranslateAnswer(answer.number, "ru", "На втором этаже."))
    body = snapshot_of(pack, store).entries[key].body
    assert body is not None
    assert body.in_("ru") == "На втором этаже."
    assert perform(store, WithdrawAnswer(answer.number))
    assert not perform(store, WithdrawAnswer(answer.number))
    assert snapshot_of(pack, store).entries.keys() == pack.entries.keys()
    assert perform(store, PublishedAnswers()) == ()
    assert perform(store, TranslateAnswer(answer.number, "fr", "Au deuxième.")) is None


def test_what_is_published_answers_everybody(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # Letters and words alone are learnt sooner, and from the same rows in either database.
    monkeypatch.setattr("bot.snapshots.sentence_encoder", lambda: None)
    store, pack = sqlite_store, Pack.from_files(small_pack())
    load_pack(store, pack)
    snapshots = Snapshots(store, snapshot_of(pack, store))
    assert not snapshots.refresh()
    perform(store, PublishAnswer("Is there a prayer room?", "On floor 2.", "en", ASKED))
    assert snapshots.refresh()
    found = snapshots.current.answers.ask("есть ли молельная комната")
    assert isinstance(found, Answer)
    assert found.entry is not None
    assert found.entry.body == {"en": "On floor 2."}


def test_a_topic_of_the_pack_gets_its_answer(store: Store) -> None:
    pack = Pack.from_files(small_pack())
    waits = next(entry for entry in pack.entries.values() if entry.body is None)
    perform(store, PublishAnswer("Do I need a visa?", "Ask the embassy.", "en", (), waits.key))
    entry = snapshot_of(pack, store).entries[waits.key]
    assert (entry.title, entry.sensitive) == (waits.title, waits.sensitive)
    assert entry.body == {"en": "Ask the embassy."}
    assert set(waits.phrasings) <= set(entry.phrasings)
