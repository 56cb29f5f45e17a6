"""An announcement written out for its readers, as an officer sees it before it is sent."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.announcement_commands import FindReach, Preview, Sample
from bot.broadcasts import Announcement, Reach
from bot.dialogue import Move, Turn, perform
from bot.errors import Refused
from bot.markup import plain
from bot.messages import Card

SHOWN = 700
"""Characters of a language's text that are shown; the test message has them all."""


def write_out(
    announcement: Announcement,
    then: Callable[[Turn, Mapping[str, Any]], Move],
    refused: Callable[[Turn, Refused], Move],
) -> Move:
    """
    Have *announcement* written out, and let *then* decide with what a preview shows, as JSON values.

    *people* is how many get it, *channels* and *langs* how many in each, *texts* what is read in each language;
    *english* are the languages whose readers get the English words; *unreachable* and *muted* are numbers.
    """

    def written_out(reach: Reach) -> Move:
        shown = Preview(announcement)
        return perform(shown, lambda turn, samples: then(turn, _kept(announcement, reach, samples)), refused)

    return perform(FindReach(announcement.audience), lambda _turn, reach: written_out(reach), refused)


def _kept(announcement: Announcement, reach: Reach, samples: tuple[Sample, ...]) -> dict[str, Any]:
    channels: dict[str, int] = {}
    langs: dict[str, int] = {}
    for (channel, lang), count in reach.counts.items():
        channels[channel] = channels.get(channel, 0) + count
        langs[lang] = langs.get(lang, 0) + count
    texts: dict[str, str] = {}
    for sample in samples:
        texts.setdefault(sample.lang, written(sample.card))
    words = announcement.words
    return {
        "people": reach.recipients,
        "channels": channels,
        "langs": langs,
        "texts": texts,
        "english": [] if words.template else [lang for lang in langs if lang not in words.texts],
        "unreachable": len(reach.unreachable),
        "muted": reach.muted,
    }


def written(card: Card) -> str:
    """Return what is read on *card*, without its buttons; a long body is cut, what stands under it is not."""
    body = plain(card.body)
    body = body if len(body) <= SHOWN else f"{body[: SHOWN - 1].rstrip()}…"
    fields = (plain(f"{part.label}{card.colon}{part.value}") for part in card.fields)
    return "\n".join(filter(None, [plain(card.heading), body, *fields, plain(card.note)]))
