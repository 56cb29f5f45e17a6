"""What the words of a reminder are: a topic at a place, for which there is a template, or words for certain people."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.dialogues.countries import mentioned
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import LANGUAGES, Vocabulary

Calls = tuple[str, str]
"""The names of a topic and what stands between it and its place, each as alternatives of a pattern."""
TOPICS: Mapping[str, tuple[Calls, ...]] = {
    "group_photo": (
        ("group photo|group picture", r"(?:at|in|on)\s"),
        ("photo de groupe", r"(?:à|au|dans|sur|devant)\s"),
        ("групповое фото|общее фото", r"(?:в|на|у)\s"),
        ("合影|集体照", "在"),
    ),
    "lunch": (
        ("lunch", r"(?:at|in|on)\s"),
        ("déjeuner", r"(?:à|au|dans)\s"),
        ("обед", r"(?:в|на)\s"),
        ("午餐", "在"),
    ),
    "bus": (
        ("bus|shuttle|shuttle bus", r"(?:from|at|outside)\s"),
        ("bus|navette", r"(?:à|au|de|depuis|devant)\s"),
        ("автобус", r"(?:от|из|с|у)\s"),
        ("班车|大巴", "从|在"),
    ),
}
"""How people call what there is a template for; each happens at a place."""
TOPIC = {
    template: tuple(
        re.compile(rf"(?:{names})(?:\s*(?:{ats})\s*(?P<place>.+))?", re.IGNORECASE) for names, ats in calls
    )
    for template, calls in TOPICS.items()
}
ARTICLE = re.compile(r"(?:the|la|le|les|l['’])\s*", re.IGNORECASE)
PLACE = re.compile(
    r"(?:the )?(?:[a-z'’-]+ ){0,2}"
    r"(?:building|cafeteria|canteen|courtyard|desk|door|entrance|exit|foyer|garden|gate|hall|"
    r"hotel|lawn|lobby|park|patio|plaza|restaurant|room|square|stairs|staircase|station|steps|stop|terrace)s?"
    r"(?: (?:[a-z]|\d{1,3}))?",
    re.IGNORECASE,
)
"""A place that is no room of the pack, in English as all its readers get it: its noun comes last, or a number does."""

AUDIENCES = re.compile(
    r"delegates?|délégués?|делегат\w*|代表|focal points?|points? foca(?:l|ux)|координатор\w*|联络人|"
    r"partners?|partenaires?|партн[её]р\w*|合作伙伴|private sector|secteur privé|частн\w+ сектор\w*|私营部门|"
    r"media|press|journalists?|médias?|presse|journalistes?|сми|пресс\w+|журналист\w*|媒体|记者|"
    r"visitors?|visiteurs?|посетител\w*|访客|secretariat|secrétariat|секретариат\w*|秘书处",
    re.IGNORECASE,
)
"""How people call those with a role."""
ONLY = r"only|just|seulement|uniquement|только|仅限?|只限?"
HEAD = re.compile(r"[^\n:：]{1,60}(?=[:：])")
ADDRESSED = re.compile(
    rf"(?:please )?(?:tell|inform|remind|ask|for|to|{ONLY}|informer|dire à|pour|для|сообщите|通知|告诉)"
    r"(?=\W|[\u4e00-\u9fff])(?P<whom>.{1,60})",
    re.IGNORECASE,
)
ALONE = re.compile(
    rf"(?P<before>(?:[\w’'-]+ ){{1,3}})(?:{ONLY})\b|\b(?:{ONLY}) (?P<behind>(?:[\w’'-]+ ?){{1,3}})",
    re.IGNORECASE,
)
BEGINS_WITH_ONLY = re.compile(rf"(?:{ONLY})(?=\W|[\u4e00-\u9fff])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Topic:
    """A *template*, and the *place* of what it tells of: a room's id or English words, None where none is named."""

    template: str
    place: str | None = None


def topic_of(words: str, know: Snapshot) -> Topic | None:
    """Return the topic where *words* name it alone, or it and its place; None where they say anything else."""
    for template, patterns in TOPIC.items():
        for number, pattern in enumerate(patterns):
            found = pattern.fullmatch(words.strip().rstrip(".。"))
            if found is None:
                continue
            if found["place"] is None:
                return Topic(template)
            if place := _place(found["place"].strip(), know, english=number == 0):
                return Topic(template, place)
    return None


def _place(words: str, know: Snapshot, *, english: bool) -> str | None:
    bare = ARTICLE.sub("", words, count=1) if ARTICLE.match(words) else words
    for name in (words, bare):
        if keys := know.room_names.exact(name):
            return keys[0] if len(keys) == 1 else None
    return words if english and PLACE.fullmatch(words) else None


def names_an_audience(words: str, know: Snapshot) -> bool:
    """Tell whether *words* say for whom they are: "delegates only: ...", "tell Fiji ...", "only for the press"."""
    words = words.strip()
    if BEGINS_WITH_ONLY.match(words):
        return True
    parts = [found[0] for found in (HEAD.match(words),) if found]
    parts += [found["whom"] for found in (ADDRESSED.match(words),) if found]
    parts += [found["before"] or found["behind"] for found in ALONE.finditer(words)]
    return any(_names_people(part, know.vocabulary) for part in parts)


def _names_people(words: str, vocabulary: Vocabulary) -> bool:
    if re.search(rf"(?<!\w)(?:{AUDIENCES.pattern})(?!\w)", words, re.IGNORECASE):
        return True
    whole = words.strip()
    named = whole.lower() not in LANGUAGES and vocabulary.country_names.exact(
        whole
    )  # "fr:" begins French words
    return bool(named or mentioned(words, vocabulary))
