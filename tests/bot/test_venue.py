"""Where the building stands is shown after the words about it, where the pack says so."""

from dataclasses import replace

import pytest

from adapters.slack.render import Renderer
from adapters.terminal import to_lines
from adapters.webchat.pages import Pages
from bot.assistant import Line
from bot.dialogue import Move, Turn
from bot.dialogues.ask import answer, pass_on
from bot.maps import MAPS, on_map
from bot.messages import Card
from knowledge.forum import Coordinates
from knowledge.vocabulary import LANGUAGES
from tests.bot.factories import MORNING, a_person, a_turn
from tests.samples import snapshot_at, wording

PLACE = Coordinates(10.5, -20.25)
KNOW = snapshot_at(PLACE)
ON_MAP = "https://www.openstreetmap.org/?mlat=10.50000&mlon=-20.25000#map=17/10.50000/-20.25000"
ASKED = {
    "en": "where is the building",
    "fr": "où est le bâtiment",
    "ru": "где здание",
    "zh": "会场",
}
TITLES = {
    "en": ("United Nations Conference Centre (UNCC)", "Bangkok, Thailand", "Map"),
    "fr": ("Centre de conférence des Nations Unies (UNCC)", "Bangkok, Thaïlande", "Carte"),
    "ru": ("Конференционный центр Организации Объединённых Наций (UNCC)", "Бангкок, Таиланд", "Карта"),
    "zh": ("联合国会议中心（UNCC）", "泰国曼谷", "地图"),
}


def there(turn: Turn) -> Turn:
    """Return *turn* with a pack that says where the venue stands."""
    return replace(turn, know=KNOW)


def cards(move: Move, lang: str = "en") -> list[Card]:
    return [wording().card(saying, lang, "c1", KNOW) for saying in move.says]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_words_stay_as_they_are_and_the_building_follows(lang: str) -> None:
    turn = a_turn(person=a_person(lang=lang))
    words, building = cards(answer(there(turn), ASKED[lang]), lang)
    assert [words] == cards(answer(turn, ASKED[lang]), lang)
    assert words.coordinates is None
    label = building.fields[0].label
    assert (building.heading, building.body, label) == TITLES[lang]
    assert building.coordinates == PLACE


def test_who_asks_for_the_way_is_shown_the_building_and_who_asks_for_lunch_is_not() -> None:
    for question, number in (("how to get there", 2), ("what is the theme of the forum", 1)):
        assert len(answer(there(a_turn()), question).says) == number


def test_where_words_are_not_published_yet_the_building_is_shown_all_the_same() -> None:
    entry = replace(KNOW.entries["getting_there"], body=None)
    turn = there(a_turn())
    queued = pass_on(turn, "how to get there", entry)
    assert queued.then is not None
    words, building = queued.then(turn, "Q-1").says
    assert (words.template, building.coordinates) == ("ask/not_published", PLACE)


@pytest.mark.parametrize(
    ("place", "marked"),
    [
        (Coordinates(0.0000001, -0.5), "mlat=0.00000&mlon=-0.50000#map=17/0.00000/-0.50000"),
        (Coordinates(-90, 180), "mlat=-90.00000&mlon=180.00000#map=17/-90.00000/180.00000"),
    ],
)
def test_a_map_is_led_to_by_its_address_alone(place: Coordinates, marked: str) -> None:
    assert on_map(place) == f"https://www.openstreetmap.org/?{marked}"


def test_every_channel_without_maps_of_its_own_leads_to_one() -> None:
    _, card = cards(answer(there(a_turn()), ASKED["en"]))
    [section] = [block for block in Renderer([MAPS]).to_blocks(card) if "fields" in block]
    escaped = ON_MAP.replace("&", "&amp;")
    assert section["fields"][0]["text"] == f"*Map*\n<{escaped}>"
    assert ON_MAP in to_lines(card).plain
    assert f'href="{escaped}"' in Pages().line(Line(1, MORNING, card=card), {"choices_label": "Choices"})
