"""A person's own channels: where they are written to first, and one that is lost."""

from typing import Any

import pytest

from bot.commands import Person
from bot.people_commands import MyChannels, PreferChannel, UnlinkChannel
from knowledge.vocabulary import LANGUAGES
from tests.bot.factories import Talk
from tests.samples import sample_snapshot, wording


def talk(word: str = "", channels: tuple[str, ...] = ("slack", "telegram", "web"), **person: Any) -> Talk:
    """Return what came of /channels *word*, written on Telegram."""
    found = Talk(confirmed=True)
    found.kept.person = Person(1, "Mele", None, "FJI", "delegate", channels=channels, **person)
    found.open("channels", {"word": word})
    return found


def shown(found: Talk, lang: str = "en") -> tuple[str, list[str]]:
    (saying,) = found.last.says
    card = wording().card(saying, lang, "1.0", sample_snapshot())
    return card.body, [choice.id for _, choice in card.numbered()]


def test_the_channels_are_shown_with_what_can_be_done() -> None:
    found = talk()
    assert found.kept.done == [MyChannels()]
    assert shown(found) == (
        "Also linked: Slack\nAlso linked: the browser chat\nAnnouncements and reminders come where you wrote last.",
        [
            "/channels first telegram",
            "/channels first slack",
            "/channels first web",
            "/channels unlink slack",
            "/channels unlink web",
        ],
    )


def test_the_one_that_comes_first_is_named_and_can_be_let_go() -> None:
    body, choices = shown(talk(preferred_channel="slack", channels=("slack", "telegram")))
    assert body.splitlines()[-1] == "Announcements and reminders come here first: Slack."
    assert choices == ["/channels first telegram", "/channels any", "/channels unlink slack"]


def test_who_is_on_one_channel_hears_how_to_add_another() -> None:
    body, choices = shown(talk(channels=("telegram",)))
    assert body == "No other channel is linked. To use one, write to me there and link your registration."
    assert choices == []


def test_a_channel_is_preferred_with_one_tap() -> None:
    assert talk("first slack").kept.done == [PreferChannel("slack")]
    assert talk("any").kept.done == [PreferChannel(None)]


def test_a_lost_channel_is_unlinked_with_two_taps() -> None:
    asked = talk("unlink slack")
    assert asked.kept.done == [MyChannels()]
    assert shown(asked)[1] == ["/channels unlink slack yes", "/channels"]
    assert talk("unlink slack yes").kept.done == [UnlinkChannel("slack")]


@pytest.mark.parametrize(
    "word", ["unlink telegram", "unlink telegram yes", "unlink fax yes", "first fax", "?", "unlink"]
)
def test_nothing_happens_by_other_words_nor_to_the_channel_in_use(word: str) -> None:
    found = talk(word)
    assert found.kept.done == [MyChannels()]
    assert found.last.says[0].template == "channels/mine"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("word", ["", "unlink slack", "unlink slack yes"])
def test_it_is_said_in_every_language(lang: str, word: str) -> None:
    body, _ = shown(talk(word), lang)
    assert "Slack" in body


def test_another_account_on_the_same_channel_is_shown_and_can_be_unlinked() -> None:
    body, choices = shown(talk(channels=("telegram",), several=("telegram",)))
    assert (body, choices) == ("Also linked, another account: Telegram", ["/channels unlink telegram"])
    asked = talk("unlink telegram", channels=("telegram",), several=("telegram",))
    assert "The one you write from stays." in shown(asked)[0]
    done = talk("unlink telegram yes", channels=("telegram",), several=("telegram",)).kept.done
    assert done == [MyChannels(), UnlinkChannel("telegram")]


def test_the_only_account_on_a_channel_is_not_unlinked_from_itself() -> None:
    assert "Also linked" not in shown(talk("unlink telegram", channels=("telegram",)))[0]
