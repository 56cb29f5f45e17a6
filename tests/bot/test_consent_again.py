"""Whoever agreed to earlier words is asked for today's: after their answer, once a day, and never in between."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.consent import CONSENT_VERSION, is_outdated
from bot.database import Store
from bot.participants import Actor
from bot.privacy_commands import GiveConsent
from bot.store import KnownAddress, Participant
from tests.bot.ledgers import NOW, perform
from tests.transcript import ME, Stage, Watch

ASKED = "< These words have changed since you agreed to them."
DAY = timedelta(hours=25)


@pytest.fixture
def stage(store: Store) -> Stage:
    stage = Stage(store, Watch())
    stage.register(ME, "delegate", "TON", "en")
    agree(store, "0")
    return stage


def agree(store: Store, version: str) -> None:
    own = store.read(lambda session: session.exec(select(Participant)).one()).id
    mele = Actor(own, "delegate", "TON", "en", confirmed=True)
    perform(store, GiveConsent(version=version), mele)


def agreed(store: Store) -> str | None:
    return store.read(lambda session: session.exec(select(Participant)).one()).consented


async def test_the_answer_comes_first_and_the_question_after_it(stage: Stage) -> None:
    said = await stage.hear(ME, "/menu")
    assert not said[0].startswith(ASKED)
    assert ASKED in said
    assert any(line.endswith("[I do not agree]") for line in said)


async def test_it_is_asked_once_a_day_until_it_is_answered(stage: Stage) -> None:
    await stage.hear(ME, "/menu")
    assert ASKED not in await stage.hear(ME, "/now")
    stage.pass_time(DAY)
    await stage.hear(ME, "/need")
    assert ASKED in await stage.hear(ME, "cancel")


async def test_whoever_agrees_goes_on_as_before_and_is_asked_no_more(stage: Stage) -> None:
    await stage.hear(ME, "/menu")
    assert (await stage.hear(ME, "[I agree]"))[0] == "< (edit) Thank you. Everything stays as it was."
    assert agreed(stage.store) == CONSENT_VERSION
    stage.pass_time(DAY)
    assert ASKED not in await stage.hear(ME, "/menu")


async def test_whoever_reads_more_is_still_asked(stage: Stage) -> None:
    await stage.hear(ME, "/menu")
    more = await stage.hear(ME, "[Read more]")
    assert more[0] == ASKED.replace("< ", "< (edit) ")
    assert "[Read more]" not in "".join(more)
    await stage.hear(ME, "[I agree]")
    assert agreed(stage.store) == CONSENT_VERSION


async def test_whoever_does_not_agree_is_linked_nowhere(stage: Stage) -> None:
    await stage.hear(ME, "/menu")
    (said,) = await stage.hear(ME, "[I do not agree]")
    assert said.startswith("< (edit) I stop here")
    assert agreed(stage.store) is None
    assert stage.store.read(lambda session: session.exec(select(KnownAddress)).all()) == []


async def test_nobody_is_asked_while_a_dialogue_waits_or_is_left_unfinished(stage: Stage) -> None:
    assert ASKED not in await stage.hear(ME, "/need")
    assert ASKED not in await stage.hear(ME, "we need solar pumps for three schools")
    assert ASKED not in await stage.hear(ME, "/now")


async def test_nobody_is_asked_beside_help_in_an_emergency(stage: Stage) -> None:
    assert ASKED not in await stage.hear(ME, "I need a doctor")
    assert ASKED in await stage.hear(ME, "/menu")


@pytest.mark.parametrize("version", [CONSENT_VERSION, None])
async def test_nobody_else_is_asked(store: Store, version: str | None) -> None:
    stage = Stage(store, Watch())
    stage.register(ME, "delegate", "TON", "en")
    if version:
        agree(store, version)
    assert ASKED not in await stage.hear(ME, "/menu")


def test_a_visitor_agreed_to_nothing() -> None:
    assert not is_outdated(Actor(consented="0"))
    assert is_outdated(Actor(consented="0", confirmed=True))


def test_a_first_agreement_is_told_from_a_later_one(store: Store) -> None:
    stage = Stage(store, Watch())
    stage.register(ME, "delegate", "TON", "en")
    own = store.read(lambda session: session.exec(select(Participant)).one()).id
    mele = Actor(own, "delegate", "TON", "en", confirmed=True)
    assert perform(store, GiveConsent(version="0"), mele) is True
    assert perform(store, GiveConsent(), mele, NOW + DAY) is False
