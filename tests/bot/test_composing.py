"""Announcements as their readers see them: own text, what stands around the words, and how they are kept."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts import LONGEST
from bot.composing import TEMPLATES, Reader, Words, card, checked, is_personal, nudge
from bot.errors import Refused
from bot.markup import plain, spans
from bot.messages import Attachment, Card
from knowledge.forum import Programme
from knowledge.vocabulary import LANGUAGES
from tests.bot.announcing import announced, know, own, seen, text
from tests.samples import wording

AT_1407 = datetime(2022, 9, 13, 7, 7, tzinfo=UTC)

# Own text


def test_own_text_is_said_in_the_readers_language() -> None:
    words = checked(
        own(en="The bus leaves at <b>17:00</b>.\n\nGate 2", fr="Le bus part à <b>17 h</b>."), know()
    )
    assert text(seen(words, "fr")) == "Annonce du secrétariat\nLe bus part à 17 h."
    assert [span.text for span in spans(seen(words).body) if span.bold] == ["17:00"]
    assert plain(seen(words).body) == "The bus leaves at 17:00.\n\nGate 2"


@pytest.mark.parametrize(
    ("lang", "note"),
    [
        ("fr", "(publié en anglais seulement)"),
        ("ru", "(опубликовано только на английском языке)"),
        ("zh", "（仅以英文发布）"),
    ],
)
def test_a_language_without_text_gets_the_english_one_and_is_told(lang: str, note: str) -> None:
    written = seen(own(en="The bus leaves at 17:00."), lang)
    assert (written.body, written.note) == ("The bus leaves at 17:00.", note)


def test_words_of_a_slot_that_are_there_in_english_only_are_said_to_be() -> None:
    words = announced("lost_property", what={"en": "a black umbrella", "fr": "un parapluie noir"})
    assert [seen(words, lang).note for lang in ("en", "fr", "ru")] == [
        "",
        "",
        "(некоторые сведения только на английском языке)",
    ]


def test_own_text_may_use_the_fields_of_its_reader_and_its_session() -> None:
    english = (
        "{{ name|default('Colleague') }} ({{ role }}, {{ country|default('-') }}): {{ session.title }}, "
        "{{ session.room }}, {{ session.floor }}, {{ session.day }}, {{ session.start }} to {{ session.end }}"
    )
    words = checked(own("s3", en=english), know())
    reader = Reader("en", "A <b> & | [C]", "TUR", "focal_point")
    written = seen(words, reader=reader)
    assert plain(written.body) == (
        "A <b> & | [C] (focal point, Türkiye): Session 3: Better access to available support and resources, Room B, "
        "first floor, Tuesday 13 September, 14:30, Bangkok time to 15:30, Bangkok time"
    )
    assert plain(seen(words).body).startswith("Colleague (visitor, -): ")


def test_fields_are_in_the_language_of_the_text_they_stand_in() -> None:
    words = checked(
        own("s3", en="{{ country|default('x') }}, {{ role }}", ru="{{ country|default('x') }}, {{ role }}"),
        know(),
    )
    found = [seen(words, reader=Reader(lang, None, "FRA", "media")).body for lang in ("en", "ru", "zh")]
    assert found == ["France, media", "Франция, СМИ", "France, media"]


def test_conditions_compare_the_role_and_the_country() -> None:
    words = checked(
        own(en="{% if country == 'Fiji' %}Bula{% elif role == 'media' %}Press{% else %}Hello{% endif %}"),
        know(),
    )
    readers = (Reader("en", None, "FJI"), Reader("en", role="media"), Reader("en"))
    assert [seen(words, reader=reader).body for reader in readers] == ["Bula", "Press", "Hello"]


def test_own_text_about_the_room_of_a_session_offers_the_way() -> None:
    assert [choice.id for _, choice in seen(own("s3", en="In {{ session.room }}")).numbered()] == [
        "/where room-b"
    ]
    assert seen(own("s3", en="Late")).choices == ()


@pytest.mark.parametrize(
    ("english", "personal"),
    [
        ("Hello", False),
        ("In {{ session.room }}", False),
        ("{{ name|default('x') }}", True),
        ("{% if role == 'media' %}x{% endif %}", True),
        ("{% if country %}x{% endif %}", True),
    ],
)
def test_text_that_uses_its_readers_own_fields_is_personal(english: str, *, personal: bool) -> None:
    assert is_personal(own("s3", en=english)) is personal
    assert is_personal(own("s3", en="Hello", fr=english)) is personal


def test_templates_are_the_same_for_every_reader_of_a_language() -> None:
    assert [name for name in TEMPLATES if is_personal(announced(name))] == []


# What stands around it


@pytest.mark.parametrize("words", [own(en="The bus leaves at 17:00."), Words("thanks", {})])
def test_a_correction_is_marked_with_its_time(words: Words) -> None:
    notes = [seen(words, lang, corrected=AT_1407).note.splitlines()[-1] for lang in LANGUAGES]
    assert notes == ["corrected 14:07", "corrigé à 14\u00a0h\u00a007", "исправлено в 14:07", "14:07更正"]


def test_a_withdrawn_announcement_says_only_that() -> None:
    plan = Attachment("plan.png", "image/png", b"x", "A plan")
    written = seen(
        announced("room_change"), withdrawn=AT_1407, number="B-0003", confirmable=True, attachment=plan
    )
    assert written == Card("1.0", "en", body="This announcement was withdrawn at 14:07.")


def test_an_attachment_travels_with_the_words() -> None:
    plan = Attachment("plan.png", "image/png", b"x", "A plan of the second floor")
    assert seen(announced("room_change"), attachment=plan).attachment == plan


def test_the_button_ok_needs_a_number_and_somebody_who_asks_for_it() -> None:
    words = own(en="Hello")
    assert [seen(words, number="B-0003").choices, seen(words, confirmable=True).choices] == [(), ()]
    assert [choice.id for _, choice in seen(words, number="B-0003", confirmable=True).numbered()] == [
        "/ok B-0003"
    ]


def test_a_rehearsal_is_marked() -> None:
    assert seen(own(en="Hello"), rehearsal=True).note == "(rehearsal clock)"
    assert seen(announced("room_change"), rehearsal=True).note == "(sample programme)\n(rehearsal clock)"


def test_a_safety_message_says_once_that_the_assistant_is_no_alarm() -> None:
    alarm = "This assistant is not the building's alarm: follow the staff and the signs."
    assert seen(own(en="Stay inside."), safety=True).note == alarm
    whole = seen(announced("evacuation"), safety=True)
    assert (whole.body.count(alarm), alarm in whole.note) == (1, False)


def test_a_nudge_repeats_the_announcement_and_asks_to_confirm_it() -> None:
    words = own(en="Bring your <b>passport</b> & badge.\n\nGate [2] | 3")
    written = nudge(words, Reader("en"), know(), wording(), "1.0", number="B-0003")
    assert (written.heading, plain(written.body)) == (
        "Please confirm that you have read this:",
        "Announcement from the secretariat\nBring your passport & badge.\n\nGate [2] | 3",
    )
    assert [choice.id for _, choice in written.numbered()] == ["/ok B-0003"]


@pytest.mark.parametrize(
    ("lang", "thanks"),
    [
        ("en", "Thank you: noted."),
        ("fr", "Merci, c’est noté."),
        ("ru", "Спасибо, отмечено."),
        ("zh", "谢谢，已记录。"),
    ],
)
def test_a_confirmation_is_thanked_for(lang: str, thanks: str) -> None:
    assert wording().text("broadcast/confirmed", lang) == thanks


def test_a_session_that_is_gone_is_said_rather_than_guessed() -> None:
    empty = replace(know(), programme=Programme())
    with pytest.raises(Refused, match="session s3 is not in the programme any more"):
        card(announced("room_change"), Reader("en"), empty, wording(), "1.0")


# Keeping it


@pytest.mark.parametrize("template", TEMPLATES)
def test_words_come_back_from_json_as_they_went(template: str) -> None:
    words = announced(template)
    assert Words.from_json(words.to_json()) == words
    assert checked(words, know()) == words


def test_own_text_comes_back_from_json_as_it_went() -> None:
    words = checked(own("s3", en="In {{ session.room }}", ru="{{ session.room }}"), know())
    assert Words.from_json(words.to_json()) == words


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_any_own_text_is_either_refused_or_shown(typed: str, lang: str) -> None:
    try:
        words = checked(own("s3", **{"en": "x", lang: typed}), know())
    except Refused:
        return
    assert len(plain(seen(words, lang).body)) <= LONGEST
