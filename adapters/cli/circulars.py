"""What the options of `saphan consultations put` ask for, put together; every mistake is told at once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.cli.typed import Typed, moment, pair

if TYPE_CHECKING:
    from bot.circular_commands import Circulate
    from knowledge.snapshot import Snapshot

LATEST = timedelta(days=366)
"""A deadline that is farther away than this was mistyped."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The options as they were typed."""

    text: Sequence[str] = ()
    deadline: str | None = None
    group: str | None = None
    choice: Sequence[str] = ()
    silence_agrees: bool = False


def to_circulate(draft: Draft, know: "Snapshot", now: datetime) -> "Circulate":
    """Return the command that *draft* asks for; raises Refused with all that is wrong, a line each."""
    from bot.circular_commands import Circulate

    typed = Typed()
    texts = typed.read(_texts, draft.text)
    deadline = typed.read(_deadline, draft.deadline, know, now)
    choices = tuple(choice.strip() for choice in draft.choice)
    typed.note(*_wrong_choices(choices), *_wrong_group(draft, know))
    typed.check()
    assert texts is not None and deadline is not None  # noqa: S101, PT018 - checked
    return Circulate(texts, deadline, draft.group, choices, draft.silence_agrees)


def _texts(typed: Sequence[str]) -> dict[str, str]:
    """Return the words by language; raises Refused with all that is wrong with them."""
    from bot.errors import Refused

    pairs = [pair(text, "--text en=...") for text in typed]
    texts = dict(pairs)
    given = Counter(lang for lang, _ in pairs)
    wrong = [f"{lang}: it has {times} texts; leave one" for lang, times in given.items() if times > 1]
    if wrong := [*wrong, *_wrong_texts(texts)]:
        raise Refused(*wrong)
    return texts


def _wrong_texts(texts: dict[str, str]) -> Iterator[str]:
    from bot.broadcasts import LONGEST
    from bot.own_text import is_writable
    from knowledge.vocabulary import LANGUAGES

    if "en" not in texts:
        yield "the English text is missing; write --text en=TEXT"
    for lang, words in texts.items():
        if lang not in LANGUAGES:
            yield f"{lang[:40]}: this is not a language; one of: {', '.join(LANGUAGES)}"
        elif not words:
            yield f"{lang}: the text is empty; write it, or leave the language out"
        elif len(words) > LONGEST:
            yield f"{lang}: the text has {len(words)} characters; {LONGEST} is the most"
        elif not is_writable(words):
            yield f"{lang}: a sign of the text cannot be shown; type it again"


def _deadline(text: str | None, know: "Snapshot", now: datetime) -> datetime:
    from bot.errors import Refused

    zone, example = know.forum.time_zone, f"{know.forum.starts}T17:00"
    deadline = moment(text, "--deadline", know)
    if text is None or deadline is None:
        raise Refused(f"say until when answers count: --deadline {example} ({zone.key})")
    if _is_day(text):
        raise Refused(f"--deadline: {text} names no time; write it like {example} ({zone.key})")
    if deadline <= now:
        clock = f"{now.astimezone(zone):%Y-%m-%d %H:%M}"
        raise Refused(f"--deadline: {text} is over; it is {clock} ({zone.key}) now")
    if deadline > now + LATEST:
        raise Refused(f"--deadline: {text} is more than a year away; write it like {example}")
    return deadline


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _wrong_choices(choices: Sequence[str]) -> Iterator[str]:
    from bot.dialogues.circular import LONGEST_CHOICE, MOST_CHOICES
    from bot.own_text import is_writable

    if choices and not 2 <= len(choices) <= MOST_CHOICES:
        yield f"--choice: {len(choices)} given; from 2 to {MOST_CHOICES}, or none for answers in words"
    if len(set(choices)) < len(choices):
        yield "--choice: the same one was given twice; leave it out"
    for number, choice in enumerate(choices, 1):
        if not choice or "\n" in choice or not is_writable(choice):
            yield f"--choice: the {number}. cannot stand on a button; write it in words, in one line"
        elif len(choice) > LONGEST_CHOICE:
            yield f"--choice: “{choice[:20]}...” has {len(choice)} characters; {LONGEST_CHOICE} is the most"


def _wrong_group(draft: Draft, know: "Snapshot") -> Iterator[str]:
    if draft.group is not None and draft.group not in know.groups:
        yield f"there is no working group {draft.group[:40]}; one of: {', '.join(know.groups) or 'none'}"
    if draft.group is not None and draft.choice:
        yield "--choice and --group exclude each other; a group's members say whether they object to the note"
    if draft.group is None and draft.silence_agrees:
        yield "--silence-agrees belongs to a note to a working group; add --group group-1, or leave it out"
