"""Who is linked and has not agreed to be known: a visitor, until they do."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import participants
from bot.consent import CONSENT_VERSION
from bot.messages import Address
from bot.store import Participant
from tests.bot.ledgers import NOW, person, rows
from tests.transcript import Stage, Watch, stage


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, Watch(NOW)) as made:
        yield made


@pytest.mark.parametrize(
    ("role", "consented", "acts_as"),
    [
        ("delegate", None, "visitor"),
        ("focal_point", None, "visitor"),
        ("partner", CONSENT_VERSION, "partner"),
        ("delegate", "0", "delegate"),
        ("secretariat", None, "secretariat"),
    ],
)
def test_rights_come_with_the_consent(play: Stage, role: str, consented: str | None, acts_as: str) -> None:
    person(play.store, "ana", role=role, confirmed=True, consented=consented)
    known = play.store.read(lambda session: participants.known(session, Address("telegram", "ana")))
    assert known is not None
    assert known.actor.role == acts_as


def test_nothing_of_the_delegation_is_shown_or_sent_for_it_before(play: Stage) -> None:
    play.register("litia", "focal_point", "FJI", "en")
    play.register("sera", "delegate", "FJI", "en")
    asyncio.run(play.hear("litia", "/need we need cold rooms for vaccines on our outer islands"))
    asyncio.run(play.hear("litia", "[Send it]"))
    play.store.write(
        lambda session: session.get_one(Participant, 2).sqlmodel_update({"consented": None})
    ).result()
    shown = "\n".join(asyncio.run(play.hear("sera", "/ours")))
    assert "N-0001" not in shown
    assert "keep" in shown, "asked for the consent, after the answer"
    asyncio.run(play.hear("sera", "[I agree]"))
    assert "N-0001" in "\n".join(asyncio.run(play.hear("sera", "/ours")))


def test_a_letter_speaks_the_language_of_its_reader(play: Stage) -> None:
    play.register("li", "delegate", "CHN", "zh", email="li@forum.example")
    play.store.write(lambda session: setattr(session.get_one(Participant, 1), "language", "zh")).result()
    for stranger, address in (("a", "li@forum.example"), ("b", "nobody@forum.example")):
        asyncio.run(play.hear(stranger, f"/link {address}"))
    letters = [row.card for row in rows(play.store) if row.channel == "mail" and row.card]
    assert [card["lang"] for card in letters] == ["zh", "en"]
