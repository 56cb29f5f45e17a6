"""Free text tells what is needed, for whom, in which form, by when and for how many."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.snapshot import Snapshot
from knowledge.understand import Understanding, mask_contacts

VACCINES = "we need help to keep vaccines cold on our outer islands, power cuts every day, training for 12 technicians"


def test_a_need_in_plain_words_is_understood(snapshot: Snapshot) -> None:
    assert snapshot.understand(VACCINES) == Understanding(
        kind="need",
        themes=("public_health", "energy"),
        sdgs=(3, 7),
        modalities=("training", "equipment_inkind"),
        people=12,
    )


def test_nothing_in_it_gives_nothing(snapshot: Snapshot) -> None:
    assert snapshot.understand("") == Understanding()
    assert snapshot.understand("🙂") == Understanding()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("we need nurses", "need"),
        ("looking for partners in fisheries", "need"),
        ("Besoin d'appui pour nos hôpitaux", "need"),
        ("нуждаемся в специалистах", "need"),
        ("我们需要专家", "need"),
        ("can you help us with wells?", "need"),
        ("who can train our customs officers?", "need"),
        ("we can give training to nurses", "offer"),
        ("nous proposons des bourses", "offer"),
        ("предлагаем обучение", "offer"),
        ("我们提供奖学金", "offer"),
        ("we offer help to countries that need it", "offer"),
        ("we need partners who can train nurses", "need"),
        ("we want to see how shelters are built", "need"),
        ("хотели бы изучить, как у вас борются с коррупцией", "need"),
        ("kami butuh bidan", "need"),
        ("เราต้องการพยาบาล", "need"),
        ("chúng tôi cần bác sĩ", "need"),
        ("हमें डॉक्टर चाहिए", "need"),
        ("we have spare pumps to donate", "offer"),
        ("可以为渔民培训", "offer"),
        ("kami siap berbagi pengalaman", "offer"),
        ("I would like to know where the room is", "question"),
        ("do we have to write our need in English", "question"),
        ("ห้องประชุมอยู่ชั้นไหน", "question"),
        ("di mana ruang B", "question"),
        ("where is room B", "question"),
        ("the session starts at nine?", "question"),
        ("会议室在哪里", "question"),
        ("thank you", "other"),
    ],
)
def test_need_offer_and_question_are_told_apart(snapshot: Snapshot, text: str, kind: str) -> None:
    assert snapshot.understand(text).kind == kind


@pytest.mark.parametrize(
    ("text", "countries", "models"),
    [
        ("Fiji needs nurses", ("FJI",), ()),
        ("we want to learn from Singapore", (), ("SGP",)),
        ("water reuse as in Israel for Tonga", ("TON",), ("ISR",)),
        ("lessons from Thailand and Viet Nam", (), ("THA", "VNM")),
        ("we need Korean experts", (), ("KOR",)),
        ("Singapore's experience for Nepal", ("NPL",), ("SGP",)),
        ("we are from Mongolia and need help", ("MNG",), ()),
        ("comme en Thaïlande, pour le Cambodge", ("KHM",), ("THA",)),
        ("опыт Казахстана для Кыргызстана", ("KGZ",), ("KAZ",)),
        ("老挝希望学习中国的经验", ("LAO",), ("CHN",)),
        ("Thailand offers courses for Lao PDR and Cambodia", ("LAO", "KHM"), ()),
        ("we offer places to nurses from Fiji", ("FJI",), ()),
        ("a hospital in Suva needs oxygen", ("FJI",), ()),
        ("training in French on our islands", (), ()),
    ],
)
def test_who_benefits_is_told_from_whom_to_learn(
    snapshot: Snapshot, text: str, countries: tuple[str, ...], models: tuple[str, ...]
) -> None:
    understood = snapshot.understand(text)
    assert (understood.countries, understood.model_countries) == (countries, models)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("training for 12 technicians", 12),
        ("twelve nurses", 12),
        ("20 young women farmers", 20),
        ("5 thousand farmers", 5000),
        ("1,200 teachers", 1200),
        ("15 специалистов", 15),
        ("培训30名技术人员", 30),
        ("2万名农民", 20000),
        ("二十五名护士", 25),
        ("一百二十位教师", 120),
        ("两个国家的人", None),
        ("25 infirmières", 25),
        ("in 2027 our nurses", None),
        ("40 villages", None),
        ("room 12. people wait", None),
        ("10 000 farmers", 10000),
        ("20-25 nurses", 25),
        ("from 20 to 25 nurses", 25),
        ("twenty-five midwives", 25),
        ("two dozen engineers", 24),
        ("we lack teachers, at least a dozen", 12),
        ("20 civil servants", 20),
        ("2 groups of 15", 30),
        ("两组，每组15人", 30),
        ("для двадцати студентов", 20),
        ("двадцать пять врачей", 25),
        ("พยาบาล 12 คน", 12),
        ("30 petugas", 30),
        ("dua puluh lima perawat", 25),
        ("15 bác sĩ", 15),
        ("20 डॉक्टर", 20),
        ("30 % of farmers", None),
        ("$500 for women", None),
        ("5 million dollars for farmers", None),
        ("a 2 week course for nurses", None),
        ("40 laptops for students", None),
    ],
)
def test_a_number_counts_when_it_counts_people(snapshot: Snapshot, text: str, people: int | None) -> None:
    assert snapshot.understand(text).people == people


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("six radiographers wish to learn", 6),
        ("vingt biologistes laotiens", 20),
        ("25 железнодорожников на курсы", 25),
        ("восьмерых энергетиков", 8),
        ("nurses without a refresher, can somebody train 14 of them", 14),
        ("women weavers, roughly 200", 200),
        ("8个硕士奖学金名额", 8),
        ("12 water heaters and 30 ventilators", None),
        ("400 ordinateurs et 20 холодильников", None),
        ("no dialysis machines, we ask for 4 of them", None),
    ],
)
def test_people_are_counted_by_their_trade_and_not_things(
    snapshot: Snapshot, text: str, people: int | None
) -> None:
    assert snapshot.understand(text).people == people


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("urgently needed", "urgent"),
        ("c'est très urgent", "urgent"),
        ("нужно срочно", "urgent"),
        ("尽快", "urgent"),
        ("this is not urgent", "low"),
        ("没问题，不急", "low"),
        ("some time this year", "normal"),
        ("not in a hurry", "low"),
        ("это не горит", "low"),
        ("ด่วนมาก", "urgent"),
        ("mendesak", "urgent"),
        ("by the end of this year", None),
        ("bus rapid transit", None),
        ("we need seeds", None),
    ],
)
def test_how_urgent_it_is_comes_from_words(snapshot: Snapshot, text: str, urgency: str | None) -> None:
    assert snapshot.understand(text).urgency == urgency


def test_goals_named_by_their_numbers_come_first(snapshot: Snapshot) -> None:
    assert snapshot.understand("SDG 13: coral reefs").sdgs[0] == 13
    assert snapshot.understand("ЦУР 6").sdgs == (6,)
    assert snapshot.understand("SDGs 3, 4 and 17").sdgs[:3] == (3, 4, 17)
    assert snapshot.understand("target 5.6").sdgs == (5,)
    assert snapshot.understand("SDG 45").sdgs == ()


def test_a_typing_error_in_a_long_word_does_not_hide_the_theme(snapshot: Snapshot) -> None:
    assert snapshot.understand("we need help with fisherries").themes[:1] == ("oceans_fisheries",)


def test_what_is_understood_can_be_written_as_json(snapshot: Snapshot) -> None:
    written = json.dumps(snapshot.understand(VACCINES).to_json())
    assert json.loads(written) == {
        "kind": "need",
        "themes": ["public_health", "energy"],
        "sdgs": [3, 7],
        "countries": [],
        "model_countries": [],
        "modalities": ["training", "equipment_inkind"],
        "urgency": None,
        "deadline": None,
        "people": 12,
    }


@given(text=st.text(max_size=300))
def test_any_text_is_understood_the_same_way_twice(snapshot: Snapshot, text: str) -> None:
    assert snapshot.understand(text) == snapshot.understand(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("call +66 2 288 1234 today", "call […] today"),
        ("my number 0812345678", "my number […]"),
        ("phone 02-288-1234", "phone […]"),
        ("(679) 330-9645", "[…]"),
        ("电话：010-12345678", "电话：[…]"),
        ("write to desk@example.org.", "write to […]."),
        ("name (at) gov.example", "[…]"),
        ("a@b.example or +679 330 9645", "[…] or […]"),
        ("desk at gov dot example", "[…]"),
        ("手机13800138000", "手机[…]"),
        ("โทร.081-234-5678", "โทร.[…]"),
        ("phone 22345", "phone […]"),
        ("tél : 22 34 56", "tél : […]"),
        ("8 (727) 250-12-34", "[…]"),
        ("98765 43210", "[…]"),
        ("06 12 34 56 78", "[…]"),
    ],
)
def test_telephone_numbers_and_addresses_are_hidden(text: str, masked: str) -> None:
    assert mask_contacts(text).text == masked


def test_the_kinds_of_contact_that_were_hidden_are_told() -> None:
    assert mask_contacts("a@b.example").kinds == {"email"}
    assert mask_contacts("+679 330 9645").kinds == {"telephone"}
    assert mask_contacts("no contact").kinds == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "on 2022-09-13 14:30", "13.09.2022", "from 2022-2023", "USD 10 000 000", "1,200,000 people",
        "12 technicians", "SDG 13", "2030 Agenda", "N-0001", "room B2", "10.5 million", "12000000 people",
        "100 000 - 200 000 farmers", "09.00-17.30", "12345678 USD", "DAC 12220 12240", "SSC-2021-0045",
        "13.7563, 100.5018", "mobile 250000 subscribers", "SDGs 1 2 3 4 5", "人口 69800000",
    ],
)  # fmt: skip
def test_dates_money_and_counts_are_left_as_they_stand(text: str) -> None:
    assert mask_contacts(text).text == text


@given(st.text(max_size=200))
def test_hiding_twice_changes_nothing_more(text: str) -> None:
    once = mask_contacts(text).text
    assert mask_contacts(once).text == once
