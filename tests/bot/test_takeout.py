"""Everything that is kept about a participant, to take along: complete, readable, and to nobody else."""

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.commands import AskSecretariat, Statement, StateNeed
from bot.database import Store
from bot.messages import Address, Attachment, Inbound, Text
from bot.ownership import owned
from bot.participants import Actor
from bot.privacy_commands import GiveConsent, MyData, TakeAlong
from bot.takeout import Kept, TakenAlong
from tests.bot.ledgers import NOW, broadcast, perform, person, rows
from tests.transcript import Stage, Watch, stage

HOUR = timedelta(hours=1)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, Watch(NOW)) as made:
        yield made


def ana(store: Store, **values: Any) -> Actor:
    known: dict[str, Any] = {"name": "Ana <Silva>", "email": "ana@forum.example", "country": "TLS"}
    known |= {"role": "delegate", "confirmed": True, **values}
    return Actor(id=person(store, "ana", **known), **known)


def taken(store: Store, actor: Actor, **how: Any) -> dict[str, str]:
    """Return the files of the copy by their names."""
    result: TakenAlong = perform(store, TakeAlong(), actor, **how)
    assert result.file is not None
    return files(result.file)


def files(file: Attachment) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_a_copy_has_every_table_that_knows_whose_its_rows_are(store: Store) -> None:
    actor = ana(store)
    data = json.loads(taken(store, actor)["my-data.json"])
    tables = {table.name for table, column in owned() if column.name == "participant_id"}
    assert set(data) == tables | {"participant", "inbox", "audit_entry"}


def test_a_copy_holds_what_was_said_on_both_sides(store: Store) -> None:
    actor = ana(store)
    perform(store, StateNeed(Statement("need", "Cold rooms for vaccines", "TLS")), actor)
    perform(store, AskSecretariat("Who signs?"), actor)
    perform(store, GiveConsent(), actor)
    broadcast(store, "Lunch is served.")
    data = json.loads(taken(store, actor)["my-data.json"])
    assert [row["text"] for row in (*data["need"], *data["question"])] == [
        "Cold rooms for vaccines",
        "Who signs?",
    ]
    assert data["participant"][0]["email"] == "ana@forum.example"
    assert [row["card"]["body"] for row in data["delivery"]] == ["en: Lunch is served."]
    assert [entry["action"] for entry in data["audit_entry"]] == ["give_consent", "take_along"]


def test_the_page_is_in_their_language_and_shows_their_words_as_words(store: Store) -> None:
    actor = ana(store, language="fr")
    perform(store, AskSecretariat("<script>alert(1)</script>"), actor)
    page = taken(store, actor)["my-data.html"]
    assert '<html lang="fr">' in page
    assert "<h2>Questions posées</h2>" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page
    assert "Ana &lt;Silva&gt;" in page


def test_a_copy_is_of_one_person_only(store: Store) -> None:
    actor = ana(store)
    ben = Actor(id=person(store, "ben", name="Ben Ono", role="delegate"), role="delegate", name="Ben Ono")
    perform(store, AskSecretariat("Where is my badge?"), ben)
    everything = "".join(taken(store, actor).values())
    assert [word for word in ("Ben Ono", "my badge") if word in everything] == []


def test_a_copy_can_be_had_once_an_hour(store: Store) -> None:
    actor = ana(store)
    taken(store, actor)
    again = perform(store, TakeAlong(), actor, now=NOW + HOUR - timedelta(seconds=1))
    assert again == TakenAlong(None, NOW + HOUR)
    assert taken(store, actor, now=NOW + HOUR)


def test_an_earlier_copy_is_not_in_the_next_one(play: Stage) -> None:
    asyncio.run(play.hear("ana", "/mydata"))
    (card,) = [row.card for row in rows(play.store) if row.card and "attachment" in row.card]
    play.watch.now += HOUR
    asyncio.run(play.hear("ana", "/mydata"))
    *_, row = rows(play.store)
    assert row.card is not None
    copy = json.loads(files(Attachment.from_json(row.card["attachment"]))["my-data.json"])
    assert [set(kept["card"]) & {"attachment"} for kept in copy["delivery"]] == [set()]
    assert card["attachment"]["name"] == "my-data-20220913.zip"


def test_a_copy_does_not_say_whether_an_address_is_registered(play: Stage) -> None:
    play.register("dg", "delegate", "FJI", "en", email="dg@forum.example")
    seen = []
    for stranger, address in (("a", "dg@forum.example"), ("b", "nobody@forum.example")):
        asyncio.run(play.hear(stranger, f"/link {address}"))
        asyncio.run(play.hear(stranger, "/mydata"))
        sent = [row for row in rows(play.store) if row.user == stranger and row.card]
        (held,) = [row.card for row in sent if row.card and "attachment" in row.card]
        copy = json.loads(files(Attachment.from_json(held["attachment"]))["my-data.json"])
        seen.append({name: len(found) for name, found in copy.items()})
    assert rows(play.store)[0].card is not None
    assert seen[0] == seen[1]


def test_a_copy_never_goes_to_a_group(play: Stage) -> None:
    asked = Inbound(
        "1", Address("telegram", "ana"), NOW, Text("/mydata"), chat="-100", place="group", message="m1"
    )
    asyncio.run(play.assistant.receive(asked))
    (row,) = rows(play.store)
    assert row.card is not None
    assert ("attachment" in row.card, row.chat) == (False, "-100")


def test_the_short_form_counts(store: Store) -> None:
    actor = ana(store)
    perform(store, AskSecretariat("Who signs?"), actor)
    assert perform(store, MyData(), actor) == Kept(
        name="Ana <Silva>",
        email="ana@forum.example",
        country="TLS",
        role="delegate",
        language=None,
        visible_to="nobody",
        consented=None,
        channels=("telegram",),
        counts={"need": 0, "offer": 0, "question": 1, "following": 0, "delivery": 0},
    )
