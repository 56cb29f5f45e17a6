"""What is wrong with an announcement is said before anything is queued, all of it, with what would be right."""

from typing import Any

import pytest

from bot.broadcasts import LONGEST
from bot.composing import TEMPLATES, Words, checked
from bot.errors import Refused
from bot.rights import ROLES
from knowledge.vocabulary import LANGUAGES
from tests.bot.announcing import EXAMPLES, announced, know, own

LONG = "x" * 501
SESSIONS = (
    "s-registration, s-opening, s1, break-morning, s2, wg1, lunch, wg2, s3, break-afternoon, s4, closing"
)
ROOMS = "registration, room-a, room-b, room-c, room-d, expo, cafeteria"


def refusal(words: Words) -> list[str]:
    with pytest.raises(Refused) as caught:
        checked(words, know())
    return str(caught.value).splitlines()


# Templates


@pytest.mark.parametrize(
    ("template", "slots", "wrong"),
    [
        ("room_change", {"session": None}, "slot session: it is missing; give a session's id, such as s3"),
        ("room_change", {"session": "s9"}, f"slot session: “s9” is not a session; one of: {SESSIONS}"),
        ("room_change", {"room": "Z9"}, f"slot room: “Z9” is not a room; one of: {ROOMS}"),
        ("room_change", {"room": ["room-d"]}, f"slot room: “['room-d']” is not a room; one of: {ROOMS}"),
        (
            "room_change",
            {"before": "room-d"},
            "slot before: it is the new room; name the room where people would look, or leave it out",
        ),
        (
            "room_change",
            {"roof": "x"},
            "slot roof: room_change has no such slot; it has: session, room, before, time, was, way",
        ),
        (
            "time_change",
            {"time": "15:00"},
            "slot time: “15:00” is not a time; give it with its zone, such as 2022-09-13T14:30+07:00",
        ),
        (
            "time_change",
            {"time": "2022-09-13T15:00"},
            "slot time: “2022-09-13T15:00” is not a time; give it with its zone, such as 2022-09-13T14:30+07:00",
        ),
        (
            "delay",
            {"minutes": 0},
            "slot minutes: “0” is not a number of minutes; give a whole number from 1 to 1440",
        ),
        (
            "delay",
            {"minutes": True},
            "slot minutes: “True” is not a number of minutes; give a whole number from 1 to 1440",
        ),
        (
            "delay",
            {"minutes": "15"},
            "slot minutes: “15” is not a number of minutes; give a whole number from 1 to 1440",
        ),
        (
            "lunch",
            {"until": "2022-09-13T11:00+07:00"},
            "slot until: it is not after the beginning; give a later time",
        ),
        (
            "lost_property",
            {"what": {"fr": "un parapluie"}},
            "slot what: the English words are missing; give the words in English, or in English and other languages",
        ),
        (
            "lost_property",
            {"what": 7},
            "slot what: the English words are missing; give the words in English, or in English and other languages",
        ),
        (
            "lost_property",
            {"what": {"en": "x", "de": "y"}},
            "slot what: “de” is not a language; one of: en, fr, ru, zh",
        ),
        (
            "lost_property",
            {"what": " "},
            "slot what: the words in en are empty; write them, or leave the language out",
        ),
        ("lost_property", {"what": LONG}, "slot what: the words in en have 501 characters; 500 is the most"),
        (
            "lost_property",
            {"what": {"en": "x", "fr": ""}},
            "slot what: the words in fr are empty; write them, or leave the language out",
        ),
        (
            "lost_property",
            {"what": "a\x00"},
            "slot what: a sign of the words in en cannot be shown; type them again",
        ),
        (
            "survey",
            {"url": "example.org"},
            "slot url: “example.org” is not a web address; give it whole, such as https://example.org/page",
        ),
        (
            "survey",
            {"url": "javascript:alert(1)"},
            "slot url: “javascript:alert(1)” is not a web address; give it whole, such as https://example.org/page",
        ),
        (
            "survey",
            {"url": "https://[x"},
            "slot url: “https://[x” is not a web address; give it whole, such as https://example.org/page",
        ),
        (
            "reminder",
            {"session": None},
            "slot what: it is missing; say of what this reminds, or name a session",
        ),
    ],
)
def test_a_slot_that_is_wrong_is_refused(template: str, slots: dict[str, Any], wrong: str) -> None:
    assert refusal(Words(template, {**EXAMPLES[template], **slots})) == [wrong]


def test_all_that_is_wrong_is_said_at_once() -> None:
    words = Words("room_change", {"session": "s9", "time": "noon", "roof": 1}, {"en": "Hello"})
    assert [line.partition(";")[0].partition(" is not")[0] for line in refusal(words)] == [
        "the template room_change has its own words",
        "slot roof: room_change has no such slot",
        "slot session: “s9”",
        "slot room: it is missing",
        "slot time: “noon”",
    ]


def test_a_template_that_there_is_not_is_refused() -> None:
    assert refusal(Words("party")) == [f"“party” is not a template; one of: {', '.join(TEMPLATES)}"]


def test_a_template_is_about_the_session_in_its_slot() -> None:
    assert announced("room_change").session == "s3"
    assert refusal(Words("room_change", EXAMPLES["room_change"], session="s4")) == [
        "slot session: it is s3, and the announcement is about s4; name one"
    ]


def test_any_announcement_may_be_about_a_session_that_there_is() -> None:
    assert checked(Words("lunch", EXAMPLES["lunch"], session="s3"), know()).session == "s3"
    assert refusal(Words("lunch", EXAMPLES["lunch"], session="s9")) == [
        f"session: “s9” is not a session; one of: {SESSIONS}"
    ]


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        (
            "room_change",
            {"before": "room-b", "time": "2022-09-13T14:30:00+07:00", "was": "2022-09-13T14:30:00+07:00"},
        ),
        ("time_change", {"was": "2022-09-13T14:30:00+07:00", "room": "room-b"}),
        ("delay", {"time": "2022-09-13T14:45:00+07:00", "room": "room-b"}),
        ("cancellation", {"time": "2022-09-13T13:30:00+07:00"}),
        ("reminder", {"time": "2022-09-13T14:30:00+07:00", "place": "room-b"}),
    ],
)
def test_what_follows_from_the_session_is_filled_in(template: str, filled: dict[str, Any]) -> None:
    assert announced(template).slots == {**EXAMPLES[template], **filled}


def test_what_was_said_is_not_replaced() -> None:
    words = announced("time_change", was="2022-09-13T14:00+07:00", room="room-c")
    assert (words.slots["was"], words.slots["room"]) == ("2022-09-13T14:00+07:00", "room-c")


def test_a_change_to_the_room_that_the_programme_has_already_names_no_other() -> None:
    assert "before" not in announced("room_change", room="room-b").slots


# Own text


def test_all_languages_of_own_text_are_checked_with_their_lines() -> None:
    words = own(None, en="Hello {{ name }}", fr="Bonjour\n{{ loop }}\n<u>x", ru=" ", de="Hallo")
    assert [line.partition(";")[0] for line in refusal(words)] == [
        "en, line 1: “name” is not known of everyone",
        "fr, line 2: “loop” is not possible here",
        "fr, line 3: “<u>” is not possible here",
        "ru: the text is empty",
        "de: “de” is not a language",
    ]


def test_own_text_needs_english() -> None:
    assert refusal(own(None, fr="Bonjour")) == [
        "en: the English text is missing; it stands in for the languages without one"
    ]


def test_nothing_to_say_is_refused() -> None:
    assert refusal(Words()) == ["en: the English text is missing; it stands in for the languages without one"]


def test_own_text_has_no_slots() -> None:
    assert refusal(Words(None, {"room": "room-d"}, {"en": "Hello"})) == [
        "own text has no slots; leave them out, or name a template"
    ]


def test_fields_of_a_session_need_a_session() -> None:
    assert refusal(own(None, en="Hello\nin {{ session.room }}")) == [
        "en, line 2: “session.room” needs a session; say which session the announcement is about"
    ]
    assert refusal(own("s9", en="in {{ session.room }}")) == [
        f"session: “s9” is not a session; one of: {SESSIONS}"
    ]


@pytest.mark.parametrize(
    ("test", "wrong"),
    [
        (
            "role == 'boss'",
            f"“boss” is not a role; one of: {', '.join(ROLES)}",
        ),
        ("country == 'Turkey'", "“Turkey” is not how a country is written here; it is written Türkiye"),
        (
            "country == '???'",
            "“???” is not how a country is written here; use its United Nations name",
        ),
    ],
)
def test_a_comparison_that_can_never_be_true_is_refused(test: str, wrong: str) -> None:
    assert refusal(own(None, en=f"\n{{% if {test} %}}x{{% else %}}y{{% endif %}}")) == [
        f"en, line 2: {wrong}"
    ]


def test_countries_are_compared_as_the_language_of_the_text_writes_them() -> None:
    french = {"en": "x", "fr": "{% if country == 'Turkey' or country == 'Türkiye' %}y{% else %}z{% endif %}"}
    assert len(refusal(Words(texts=french))) == 1
    for lang in LANGUAGES:
        name = know().vocabulary.world_name("FRA", lang)
        assert checked(
            own(None, **{"en": "x", lang: f"{{% if country == '{name}' %}}y{{% else %}}z{{% endif %}}"}),
            know(),
        )


def test_a_country_that_is_no_member_may_be_compared_too() -> None:
    assert checked(own(None, en="{% if country == 'Iceland' %}x{% else %}y{% endif %}"), know())


def test_nobody_is_sent_an_empty_message() -> None:
    assert refusal(own(None, en="{% if role == 'media' %}x{% endif %}")) == [
        "en, line 1: for some readers nothing is left of the text; say something to everyone, or add {% else %}"
    ]


def test_text_is_as_long_as_the_longest_that_anyone_reads() -> None:
    assert checked(own(None, en="x" * LONGEST), know())
    assert checked(own(None, en="{% if name %}" + "x" * LONGEST + "{% else %}y{% endif %}"), know())
    assert refusal(own(None, en="x" * (LONGEST + 1))) == [
        f"en, line 1: the text may have {LONGEST + 1} characters; {LONGEST} is the most"
    ]
    assert refusal(own("s3", en="{{ session.title }}", fr="{{ role }}" + "x" * LONGEST)) == [
        f"fr, line 1: the text may have {LONGEST + 100} characters; {LONGEST} is the most"
    ]
