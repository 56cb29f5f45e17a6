"""Every conversation again, by each platform's own door: what is told there is what the transcript says."""

import itertools
import re
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio

from bot.broadcasts import SOUNDING
from bot.limits import FREE_CHANNELS
from bot.markup import plain
from knowledge.vocabulary import LANGUAGES
from tests import PATIENCE
from tests.platforms import Platform, opened
from tests.samples import wording
from tests.test_transcripts import TRANSCRIPTS
from tests.transcript import replayed

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANNELS = ("telegram", "slack", "web", "terminal")
WRITTEN = {path.stem: path.read_text("utf-8") for path in TRANSCRIPTS}
BEFORE = re.compile(r"((?:\w*< (?:\(\w+\) )?)?\s*)(.*)")
"""What stands before the words of a line."""
BOUNDED = set(CHANNELS) - FREE_CHANNELS
APART = {
    "remind": SOUNDING,
    "limits": BOUNDED,
    "anywhere": BOUNDED,
    "forgetme_both": {"telegram"},
    "group_topic": set(CHANNELS) - {"slack"},
}
"""
Conversations about what only these channels have: messages without a sound, limits for strangers, topics of a
group; and that of somebody who writes on two channels, which are named.
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=CHANNELS)
async def platform(request: pytest.FixtureRequest) -> AsyncIterator[Platform]:
    async with opened(request.param) as platform:
        yield platform


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a busy machine answer within the request, too, for as long as a turn takes."""
    monkeypatch.setattr("bot.assistant.PATIENCE", PATIENCE)


@pytest.mark.parametrize("name", [path.stem for path in TRANSCRIPTS])
async def test_a_conversation_is_told_alike_on_every_channel(
    name: str, platform: Platform, tmp_path: Path
) -> None:
    transcript = WRITTEN[name]
    if platform.channel not in APART.get(name, CHANNELS):
        pytest.skip("it is about what this channel cannot do")
    said = await replayed(transcript, tmp_path, door=platform)
    assert neutral(said) == neutral(transcript)


@cache
def names() -> re.Pattern[str]:
    """Return what finds the name of a channel, as it stands in a sentence."""
    words = {"telegram", "slack", "web", "terminal"}
    for lang in LANGUAGES:
        translated = wording().translated(lang)
        called = ("the browser chat", "the terminal", "web", "terminal")
        words |= {translated.one("channel", name) for name in called}
    return re.compile(
        "|".join(rf"\b{name}\b" for name in sorted(words, key=len, reverse=True)), re.IGNORECASE
    )


@cache
def varied() -> dict[str, str]:
    """Return what is said in other words where a channel opens no links, and what it is on all of them."""
    words: dict[str, str] = {}
    for lang, opens in itertools.product(LANGUAGES, (True, False)):
        told = plain(wording().text("link/sent", lang, minutes=20, opens=opens))
        words |= {line: f"({lang}, {number})" for number, line in enumerate(told.split("\n"))}
    return words


@cache
def own() -> re.Pattern[str]:
    """Return what finds the lines that only some channels have: of what keeps their messages, and a page's end."""
    outside = "%(channel)s is a service outside the United Nations; the browser chat is not."
    lines = [wording().translated(lang).one(None, outside) for lang in LANGUAGES]
    lines += [wording().text("forgetme/ended", lang) for lang in LANGUAGES]
    return re.compile("|".join(re.escape(line).replace(re.escape("%(channel)s"), ".*") for line in lines))


@cache
def kept() -> re.Pattern[str]:
    """Return what finds how many messages are kept: of the browser's those of both sides."""
    labels = "|".join(re.escape(wording().translated(lang).one(None, "Messages")) for lang in LANGUAGES)
    return re.compile(rf"(?<=  )({labels}): \d+")


def neutral(transcript: str) -> str:
    """Return *transcript* without the name of the channel on which it happens, and without what only some have."""
    lines = []
    for line in transcript.splitlines():
        before, words = BEFORE.fullmatch(line).groups()  # type: ignore[union-attr]
        if not own().search(words):
            lines.append(before.replace("(edit) ", "") + varied().get(words, words))
    return kept().sub("(some messages)", names().sub("(channel)", "\n".join(lines)))
