"""The templates of announcements, in every language."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.composing import TEMPLATES, Reader, Words, card, checked
from bot.markup import plain
from knowledge.forum import Programme
from knowledge.vocabulary import LANGUAGES, Localised
from tests.bot.announcing import EXAMPLES, PHOTO, STAIRS, announced, know, own, seen, text
from tests.samples import wording

TEMPLATE_FILES = Path(__file__).parents[2] / "bot" / "templates" / "broadcast"

# Room change, word for word

FLOORS = Localised(en="second floor", fr="2ᵉ étage", ru="второй этаж", zh="二楼")
WAY = {
    "en": "From Room B: 2 minutes, lift to the second floor.",
    "fr": "Depuis la salle B\u00a0: 2 minutes, ascenseur jusqu’au 2ᵉ étage.",
    "ru": "Из зала B: 2 минуты, лифт на второй этаж.",
    "zh": "从B厅乘电梯到二楼，约2分钟。",
}
CHANGED = {
    "en": (
        "🔔 Room change",
        "Session 3 is now in Room D, second floor (it was Room B). Same time: 14:30, Bangkok time.",
    ),
    "fr": (
        "🔔 Changement de salle",
        (
            "La séance 3 a lieu en salle D, 2ᵉ étage (et non en salle B). "
            "Même heure\u00a0: 14\u00a0h\u00a030, heure de Bangkok."
        ),
    ),
    "ru": (
        "🔔 Смена зала",
        (
            "Заседание 3 пройдёт в зале D, второй этаж (вместо зала B). "
            "Время прежнее: 14:30 по бангкокскому времени."
        ),
    ),
    "zh": ("🔔 会议室变更", "第三场会议改在二楼D厅举行（原为B厅）。时间不变：曼谷时间14:30。"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_room_change_says_the_new_room_the_old_one_and_the_time(lang: str) -> None:
    rooms = {**know().rooms, "room-d": replace(know().rooms["room-d"], floor=FLOORS)}
    pack = replace(know(), rooms=rooms)
    words = checked(Words("room_change", {**EXAMPLES["room_change"], "way": WAY}), pack)
    written = card(words, Reader(lang), pack, wording(), "1.0")
    assert (written.heading, written.body) == (CHANGED[lang][0], f"{CHANGED[lang][1]}\n{WAY[lang]}")


def test_the_way_between_rooms_is_not_invented() -> None:
    assert seen(announced("room_change")).body == CHANGED["en"][1]


def test_a_room_change_offers_the_way_and_asks_to_confirm() -> None:
    written = seen(announced("room_change"), number="B-0003", confirmable=True)
    assert [[(choice.id, choice.label) for choice in row] for row in written.choices] == [
        [("/where room-d", "Show the way"), ("/ok B-0003", "OK")]
    ]


@pytest.mark.parametrize(
    ("lang", "body"),
    [
        (
            "en",
            "New place for Lunch: Room D, second floor (it was Cafeteria). Same time: 12:00, Bangkok time.",
        ),
        (
            "fr",
            (
                "Déjeuner, nouveau lieu\u00a0: Salle D, 2e étage (auparavant\u00a0: Cafétéria). "
                "Même heure\u00a0: 12\u00a0h\u00a000, heure de Bangkok."
            ),
        ),
        (
            "ru",
            (
                "Обед: новое место — Зал D, этаж 2 (на два этажа выше входа); прежнее — Кафетерий. "
                "Время прежнее: 12:00 по бангкокскому времени."
            ),
        ),
        ("zh", "午餐改在2层（入口层往上两层）D厅举行，原为餐厅。时间不变：曼谷时间12:00。"),
    ],
)
def test_names_whose_forms_are_not_known_stand_as_they_are(lang: str, body: str) -> None:
    assert seen(announced("room_change", session="lunch"), lang).body == body


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("session", ["s3", "lunch"])
def test_no_remark_in_brackets_follows_another(session: str, lang: str) -> None:
    assert not re.search(r"[)）]\s*[(（]", seen(announced("room_change", session=session), lang).body)


def test_one_message_tells_of_a_new_room_and_a_new_time() -> None:
    both = announced("room_change", time="2022-09-13T15:00+07:00")
    assert seen(both).body == (
        "Session 3 is now in Room D, second floor (it was Room B). New time: 15:00, Bangkok time (it was 14:30)."
    )
    tomorrow = announced("room_change", time="2022-09-14T09:00+07:00")
    assert seen(tomorrow).body.endswith(
        "New time: Wednesday 14 September, 09:00, Bangkok time (it was Tuesday 13 September, 14:30)."
    )


def test_what_was_checked_stays_true_when_the_programme_has_changed() -> None:
    words = announced("room_change")
    sessions = [replace(one, room="room-d") if one.id == "s3" else one for one in know().programme]
    later = replace(know(), programme=Programme(sessions))
    assert card(words, Reader("en"), later, wording(), "1.0").body == CHANGED["en"][1]


def test_sessions_whose_names_begin_alike_are_called_by_their_whole_title() -> None:
    sessions = [
        replace(one, title=Localised(en="Session 3: Second part")) if one.id == "s4" else one
        for one in know().programme
    ]
    pack = replace(know(), programme=Programme(sessions))
    words = checked(Words("cancellation", {"session": "s4"}), pack)
    assert card(words, Reader("en"), pack, wording(), "1.0").body == (
        "Session 3: Second part is cancelled (it was planned for 15:45, Bangkok time)."
    )


# The other templates


def test_every_template_has_its_file_and_an_example() -> None:
    assert set(TEMPLATES) == set(EXAMPLES)
    assert {name for name in TEMPLATES if not (TEMPLATE_FILES / f"{name}.j2").is_file()} == set()


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        (
            "time_change",
            (
                "🔔 Time change\nNew time for Session 3: 15:00, Bangkok time (it was 14:30).\n"
                "Place: Room B, first floor.\n(sample programme)"
            ),
        ),
        (
            "delay",
            (
                "🔔 Delay\nSession 3 begins 15 minutes later: 14:45, Bangkok time.\nPlace: Room B, first floor.\n"
                "(sample programme)"
            ),
        ),
        (
            "cancellation",
            (
                "🔔 Cancellation\nWorking group 2 is cancelled (it was planned for 13:30, Bangkok time).\n"
                "(sample programme)"
            ),
        ),
        (
            "lunch",
            (
                "🔔 Lunch\nPlease come to lunch.\nPlace: Cafeteria, ground floor\nBegins: 12:00, Bangkok time\n"
                "Ends: 13:30, Bangkok time"
            ),
        ),
        (
            "group_photo",
            "🔔 Group photo\nPlease come to the group photo.\nPlace: main stairs\nTime: 14:15, Bangkok time",
        ),
        (
            "bus",
            "🔔 Bus\nDeparture: 17:15, Bangkok time.\nDeparts from: main entrance\nGoes to: hotels",
        ),
        (
            "evacuation",
            (
                "🚨 Leave the building now\nFollow the staff and the exit signs. Use the stairs, not the lifts. "
                "Leave your things.\nAssembly point: the car park.\n"
                "This assistant is not the building's alarm: follow the staff and the signs."
            ),
        ),
        (
            "lost_property",
            (
                "🔔 Lost property\nFound: a black umbrella\n"
                "Collect it here: Registration and secretariat desk, ground floor"
            ),
        ),
        (
            "document",
            "🔔 New document\n“Draft outcome” is now available.\nhttps://example.org/a?b=1&c=2",
        ),
        (
            "survey",
            (
                "🔔 Survey\nPlease tell us what you think of the forum:\nhttps://example.org/survey\n"
                "It takes about 5 minutes."
            ),
        ),
        ("thanks", "Thank you\nThank you for taking part in the forum.\nHave a safe journey home."),
        (
            "reminder",
            (
                "🔔 Reminder\nSession 3 begins in 10 minutes: Room B, first floor.\nTime: 14:30, Bangkok time\n"
                "(sample programme)"
            ),
        ),
    ],
)
def test_a_template_says_the_answer_first(template: str, shown: str) -> None:
    assert text(seen(announced(template))) == shown


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("lang", ["ru", "zh"])
def test_a_template_has_no_english_in_other_languages(template: str, lang: str) -> None:
    kinds = {slot.name: slot.kind for slot in TEMPLATES[template].slots}
    given = {name: STAIRS for name, value in EXAMPLES[template].items() if isinstance(value, dict)}
    texts = {name: STAIRS for name, kind in kinds.items() if kind == "text"}
    shown = text(seen(announced(template, **{**texts, **given}), lang))
    assert set(re.findall("[A-Za-z]+", shown.replace(str(EXAMPLES[template].get("url")), ""))) <= set("ABD")


@pytest.mark.parametrize(
    ("minutes", "body"),
    [
        (1, "Заседание 3: начало через 1 минуту. Место: Зал B, этаж 1 (на один этаж выше входа)."),
        (2, "Заседание 3: начало через 2 минуты. Место: Зал B, этаж 1 (на один этаж выше входа)."),
        (30, "Заседание 3: начало через 30 минут. Место: Зал B, этаж 1 (на один этаж выше входа)."),
    ],
)
def test_minutes_are_counted_as_the_language_does(minutes: int, body: str) -> None:
    assert seen(announced("reminder", minutes=minutes), "ru").body == body


def test_a_reminder_may_be_of_something_that_is_no_session() -> None:
    words = checked(
        Words("reminder", {"minutes": 10, "what": "Group photo", "place": STAIRS, "time": PHOTO}), know()
    )
    assert text(seen(words)) == (
        "🔔 Reminder\nGroup photo begins in 10 minutes: main stairs.\nTime: 14:15, Bangkok time"
    )


@pytest.mark.parametrize(
    ("late", "body", "note"),
    [
        (timedelta(minutes=4), "Session 3 begins in 6 minutes: Room B, first floor.", "late by 4 min"),
        (timedelta(seconds=61), "Session 3 begins in 8 minutes: Room B, first floor.", "late by 2 min"),
        (timedelta(minutes=12), "Session 3 begins now: Room B, first floor.", "late by 12 min"),
    ],
)
def test_a_late_reminder_says_so_and_counts_what_is_left(late: timedelta, body: str, note: str) -> None:
    written = seen(announced("reminder"), late=late)
    assert (written.body, written.note) == (body, f"{note}\n(sample programme)")


def test_a_time_on_another_day_than_the_forum_has_its_day() -> None:
    words = announced("bus", time="2022-09-12T18:00+07:00")
    assert seen(words).body == "Departure: Monday 12 September, 18:00, Bangkok time."


def test_times_may_come_in_any_zone_and_go_out_in_bangkok_time() -> None:
    assert seen(announced("bus", time="2022-09-13T10:15Z")).body == "Departure: 17:15, Bangkok time."


def test_words_in_a_slot_are_words_and_nothing_else() -> None:
    nasty = "<b>[/ok B-1] x</b> | y {{ name }} & ¶"
    written = seen(announced("lost_property", what=nasty))
    assert plain(written.body) == f"Found: {nasty}"
    assert [choice.id for _, choice in written.numbered()] == ["/where registration"]
    assert len(written.fields) == 1


def test_only_evacuation_is_a_safety_message() -> None:
    assert [name for name in TEMPLATES if Words(name).is_safety] == ["evacuation"]
    assert not own(en="Leave").is_safety
