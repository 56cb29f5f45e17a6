"""Announcements with quiet defaults, and what their readers see."""

from typing import Any

from bot.composing import Reader, Words, card, checked
from bot.markup import plain
from bot.messages import Card
from knowledge.snapshot import Snapshot
from tests.samples import wording, words_only_snapshot

PHOTO = "2022-09-13T14:15+07:00"
STAIRS = {"en": "main stairs", "fr": "grand escalier", "ru": "главная лестница", "zh": "主楼梯"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "room_change": {"session": "s3", "room": "room-d"},
    "time_change": {"session": "s3", "time": "2022-09-13T15:00+07:00"},
    "delay": {"session": "s3", "minutes": 15},
    "cancellation": {"session": "wg2"},
    "lunch": {"time": "2022-09-13T12:00+07:00", "place": "cafeteria", "until": "2022-09-13T13:30+07:00"},
    "group_photo": {"time": PHOTO, "place": STAIRS},
    "bus": {"time": "2022-09-13T17:15+07:00", "place": {"en": "main entrance"}, "to": {"en": "hotels"}},
    "evacuation": {"place": {"en": "the car park"}},
    "lost_property": {"what": {"en": "a black umbrella"}, "place": "registration"},
    "document": {"title": {"en": "Draft outcome"}, "url": "https://example.org/a?b=1&c=2"},
    "survey": {"url": "https://example.org/survey", "minutes": 5},
    "thanks": {"more": {"en": "Have a safe journey home."}},
    "reminder": {"session": "s3", "minutes": 10},
}


def know() -> Snapshot:
    return words_only_snapshot()


def announced(template: str, **slots: Any) -> Words:
    return checked(Words(template, {**EXAMPLES[template], **slots}), know())


def own(session: str | None = None, **texts: str) -> Words:
    return Words(texts=texts, session=session)


def seen(words: Words, lang: str = "en", reader: Reader | None = None, **changes: Any) -> Card:
    return card(words, reader or Reader(lang), know(), wording(), "1.0", **changes)


def text(written: Card) -> str:
    fields = (f"{field.label}{written.colon}{field.value}" for field in written.fields)
    return plain("\n".join(filter(None, [written.heading, written.body, *fields, written.note])))
