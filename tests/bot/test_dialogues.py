import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from bot.commands import ChooseLanguage, IntroduceOneself, Statement, StateNeed
from bot.conversation import Conversation
from bot.dialogues import DIALOGUES, OPENINGS
from bot.dialogues.countries import Named, all_read, named
from bot.engine import Back, Cancel, Enter
from bot.fitting import wanted_of
from knowledge.vocabulary import LANGUAGES
from matching.text import normalise
from tests.bot.factories import Talk, a_turn
from tests.samples import sample_snapshot, wording

NEED = "we need help to keep vaccines cold on our outer islands, training for 12 technicians"
OFFERED = Statement("offer", "solar power", "THA", number="O-0001")
OFFER = "We train nurses from the subregion every year, 30 places"


def test_every_dialogue_is_listed_under_its_name_with_steps_of_different_names() -> None:
    for name, dialogue in DIALOGUES.items():
        assert dialogue.name == name
        names = [step.name for step in dialogue.steps]
        assert len(names) == len(set(names))


def test_a_word_or_a_command_opens_one_dialogue() -> None:
    assert OPENINGS.keys() <= DIALOGUES.keys()
    words = [
        word
        for opens in OPENINGS.values()
        for word in {normalise(word) or word for word in opens.get("words", ())}
    ]
    commands = [command for opens in OPENINGS.values() for command in opens.get("commands", ())]
    for opening in (words, commands):
        assert [word for word, count in Counter(opening).items() if count > 1] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", DIALOGUES)
def test_every_dialogue_opens_with_nothing_but_its_name_and_can_be_said(name: str, lang: str) -> None:
    talk = Talk(lang=lang, country=None, role="secretariat")
    assert talk.open(name)
    for saying in talk.last.says:
        card = wording().card(saying, lang, "1.0", sample_snapshot())
        assert card.heading or card.body
    assert json.loads(json.dumps(talk.conversation.to_json())) == talk.conversation.to_json()


@pytest.mark.parametrize("name", DIALOGUES)
def test_cancel_ends_every_dialogue(name: str) -> None:
    talk = Talk(role="secretariat", country=None)
    talk.open(name, {"text": NEED, "kind": "forwarded"})
    talk.do(Cancel())
    assert talk.step is None


# Countries


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Fiji", Named(("FJI",), sure=True)),
        ("Lao PDR", Named(("LAO",), sure=True)),
        ("Republic of Korea", Named(("KOR",), sure=True)),
        ("Hong Kong, China", Named(("HKG",), sure=True)),
        ("Казахстан", Named(("KAZ",), sure=True)),
        ("泰国", Named(("THA",), sure=True)),
        ("Kazahkstan", Named(("KAZ",))),
        ("Korea", Named(("KOR", "PRK"))),
        ("Samoa", Named(("WSM", "ASM"))),
        ("Austria", Named(outside="AUT")),
        ("Germny", Named(outside="DEU")),
        ("lunch", Named()),
        ("", Named()),
    ],
)
def test_a_countrys_name_means(text: str, meant: Named) -> None:
    assert named(text, sample_snapshot().vocabulary) == meant


@pytest.mark.parametrize(
    ("text", "members", "unread"),
    [
        ("Fiji, Tonga and Hong Kong, China", ["FJI", "TON", "HKG"], ()),
        ("everyone except Fiji", [], ("everyone", "except Fiji")),
        ("China but not Fiji, Tonga", ["CHN"], ("but not Fiji, Tonga",)),
        ("Fiji, Brazil, Atlantis", ["FJI"], ("Brazil", "Atlantis")),
        ("Fiji Atlantis", ["FJI"], ("Atlantis",)),
        ("non-Fiji", [], ("non-Fiji",)),
        ("tous sauf la Chine", [], ("tous", "sauf la Chine")),
        ("все, кроме Фиджи", [], ("все", "кроме Фиджи")),
        ("除斐济外", [], ("除斐济外",)),
        ("泰国和斐济", ["THA", "FJI"], ()),
        ("Фиджи и Казахстан", ["FJI", "KAZ"], ()),
        ("Lao PDR, Kazahkstan and Hong Kong, China; Austria", ["LAO", "KAZ", "HKG"], ("Austria",)),
        ("Hong Kong, China, Fiji", ["HKG", "FJI"], ()),
        ("Korea, Korea", ["KOR"], ()),
    ],
)
def test_what_is_no_name_of_a_member_is_told_apart(
    text: str, members: list[str], unread: tuple[str, ...]
) -> None:
    found, left = all_read(text, sample_snapshot().vocabulary)
    assert [name.members[0] for name in found] == members
    assert left == unread


# Welcome


def test_a_stranger_is_asked_for_the_country_and_it_is_kept() -> None:
    talk = Talk(country=None, role="visitor")
    assert talk.open("welcome") == ["welcome/hello"]
    assert talk.write("Fiji") == ["welcome/ready"]
    assert talk.kept.done == [IntroduceOneself("FJI")]


def test_a_mistyped_country_is_kept_only_after_a_yes() -> None:
    talk = Talk(country=None, role="visitor")
    talk.open("welcome")
    assert talk.write("Kazahkstan") == ["country/which"]
    assert talk.kept.done == []
    assert talk.tap("KAZ") == ["welcome/ready"]
    assert talk.kept.done == [IntroduceOneself("KAZ")]


def test_who_asks_instead_of_naming_a_country_is_answered() -> None:
    talk = Talk(country=None, role="visitor")
    talk.open("welcome")
    assert talk.write("what is the wifi password") == ["ask/not_published"]


def test_who_states_a_need_instead_of_naming_a_country_is_heard() -> None:
    talk = Talk(country=None, role="visitor")
    talk.open("welcome")
    talk.write(NEED)
    assert talk.step == "need/country"
    assert talk.slots["text"] == NEED


def test_a_returning_delegate_is_not_asked_again() -> None:
    assert Talk(country="FJI").open("welcome") == ["welcome/ready"]


# Language


@pytest.mark.parametrize(
    ("word", "lang"),
    [
        ("русский", "ru"),
        ("fr", "fr"),
        ("French", "fr"),
        ("中文", "zh"),
        ("англйский", "en"),
        ("chinois", "zh"),
    ],
)
def test_a_language_is_taken_by_its_name_in_any_of_them(word: str, lang: str) -> None:
    talk = Talk()
    assert talk.open("language", {"word": word}) == ["language/chosen"]
    assert talk.kept.done == [ChooseLanguage(lang)]


def test_a_language_that_is_not_spoken_here_gives_a_choice() -> None:
    talk = Talk()
    assert talk.open("language", {"word": "klingon"}) == ["language/choose"]
    assert talk.kept.done == []


# Needs and offers


def test_a_need_takes_one_text_and_two_taps() -> None:
    talk = Talk()
    assert talk.open("need") == ["need/text"]
    assert talk.write(NEED) == ["need/summary"]
    assert talk.tap("send")[0] == "need/sent"
    assert talk.kept.statement == Statement(
        kind="need",
        text=NEED,
        country="FJI",
        themes=talk.kept.statement.themes,
        sdgs=talk.kept.statement.sdgs,
        modalities=talk.kept.statement.modalities,
        people=12,
    )
    assert talk.kept.statement.themes[0] == "public_health"


def test_an_offer_takes_one_text_and_three_taps() -> None:
    talk = Talk(country="THA")
    assert talk.open("offer") == ["offer/text"]
    assert talk.write(OFFER) == ["offer/countries"]
    assert talk.tap("any") == ["offer/summary"]
    talk.kept.statements.append(OFFERED)
    assert talk.tap("send") == ["offer/sent", "matches/needs"]
    assert (talk.kept.statement.countries, talk.kept.statement.people) == ((), 30)


def test_what_is_sent_shows_partners_at_once() -> None:
    talk = Talk()
    sent = Statement("need", NEED, "FJI", themes=("public_health",), number="N-0001")
    talk.kept.statements.append(sent)
    talk.open("need", {"text": NEED})
    assert talk.tap("send") == ["need/sent", "matches/partners"]


def test_contacts_never_reach_the_statement() -> None:
    talk = Talk()
    talk.open("need", {"text": f"{NEED}. Call +66 81 234 5678 or write to dg@ministry.gov.xx"})
    talk.tap("send")
    assert talk.kept.statement.text == f"{NEED}. Call […] or write to […]"


def test_words_that_are_only_a_contact_are_asked_for_again() -> None:
    talk = Talk()
    talk.open("need")
    assert talk.write("call me +66 81 234 5678") == ["need/text"]
    assert talk.slots["masked"] == ["telephone"]


@pytest.mark.parametrize("text", ["vaccines", "疫苗", "we can train 20 nurses", "where is the cafeteria"])
def test_words_that_may_be_no_need_are_asked_about(text: str) -> None:
    talk = Talk()
    talk.open("need", {"text": text})
    assert talk.step == "need/kind"


def test_what_is_no_need_goes_where_it_belongs_with_its_words() -> None:
    talk = Talk()
    talk.open("need", {"text": "we can train 20 nurses"})
    talk.tap("offer")
    assert talk.step == "offer/countries"
    assert talk.slots["text"] == "we can train 20 nurses"


def test_an_edited_message_changes_the_draft_and_keeps_what_was_chosen() -> None:
    talk = Talk()
    talk.open("need", {"text": NEED}, message="m1")
    talk.tap("theme")
    talk.tap("green_economy")
    assert talk.write(NEED.replace("12", "20"), message="m1", edited=True) == ["need/summary"]
    assert talk.slots["people"] == 20
    assert talk.slots["themes"] == ["green_economy"]
    assert talk.slots["updated"] is True


def test_an_edit_counts_at_every_step() -> None:
    talk = Talk()
    talk.open("need", {"text": NEED}, message="m1")
    talk.tap("seen_by")
    assert talk.write(NEED.replace("12", "20"), message="m1", edited=True) == ["need/summary"]


def test_back_from_a_choice_returns_to_the_draft() -> None:
    talk = Talk()
    talk.open("need", {"text": NEED})
    talk.tap("theme")
    assert talk.do(Back()) == ["need/summary"]
    assert talk.slots["themes"][0] == "public_health"


def test_a_theme_can_be_typed() -> None:
    talk = Talk()
    talk.open("need", {"text": NEED})
    talk.tap("theme")
    talk.write("early warning")
    assert talk.slots["themes"] == ["disaster_risk"]


def test_a_visitor_is_asked_for_the_country_inside() -> None:
    talk = Talk(country=None, role="visitor")
    talk.open("need", {"text": NEED})
    assert talk.step == "need/country"
    assert talk.write("Fiji") == ["need/summary"]
    assert talk.kept.done == [IntroduceOneself("FJI")]
    talk.tap("send")
    assert talk.kept.statement.country == "FJI"


def test_who_says_more_instead_of_the_country_is_heard() -> None:
    talk = Talk(country=None, role="visitor")
    talk.open("need", {"text": "vaccines", "sure": True})
    assert talk.write(NEED) == ["country/ask"]
    assert talk.slots["text"] == NEED


def test_the_media_cannot_state_needs() -> None:
    assert Talk(role="media").open("need", {"text": NEED}) == ["shared/not_allowed"]


def test_a_form_that_leaves_nothing_open_is_sent_at_once() -> None:
    talk = Talk()
    form = {"text": NEED, "theme": "energy", "readers": "all", "submitted": True}
    assert talk.open("need", form)[0] == "need/sent"
    assert (talk.kept.statement.themes, talk.kept.statement.readers) == (("energy",), "all")


def test_an_offers_countries_are_settled_one_by_one() -> None:
    talk = Talk(country="THA")
    talk.open("offer", {"text": OFFER})
    talk.write("Korea and Samoa")
    assert talk.slots["groups"] == [["KOR", "PRK"], ["WSM", "ASM"]]
    talk.tap("KOR")
    assert talk.slots["groups"] == [["PRK"], ["WSM", "ASM"]]
    talk.write("Austria")
    assert talk.slots["outside"] == ["AUT"]
    talk.tap("done")
    talk.tap("send")
    assert talk.kept.statement.countries == ("KOR",)


def test_exact_names_need_no_confirmation() -> None:
    talk = Talk(country="THA")
    talk.open("offer", {"text": OFFER})
    assert talk.write("Fiji and Tonga") == ["offer/summary"]
    assert talk.slots["countries"] == ["FJI", "TON"]


def test_words_that_are_no_names_of_countries_are_asked_about() -> None:
    talk = Talk(country="THA")
    talk.open("offer", {"text": OFFER})
    assert talk.write("Fiji, Atlantis, Austria, but not Tonga") == ["offer/countries"]
    found = {name: talk.slots[name] for name in ("countries", "unread", "outside")}
    assert found == {"countries": ["FJI"], "unread": ["Atlantis", "but not Tonga"], "outside": ["AUT"]}
    talk.tap("done")
    talk.tap("send")
    assert talk.kept.statement.countries == ("FJI",)


# Questions


def test_an_unknown_question_is_queued_with_its_words() -> None:
    talk = Talk()
    talk.open("ask", {"question": "how many elephants live in the garage"})
    assert [getattr(command, "text", "") for command in talk.kept.done] == [
        "how many elephants live in the garage"
    ]


def test_the_second_unknown_question_in_a_row_offers_a_person() -> None:
    talk = Talk()
    talk.open("ask", {"question": "how many elephants live in the garage", "unknown_before": 1})
    assert talk.last.says[0].values["again"] is True


def test_a_topic_without_published_answer_is_queued_under_its_key() -> None:
    talk = Talk()
    talk.open("ask", {"question": "wifi password"})
    assert [getattr(command, "topic", None) for command in talk.kept.done] == ["wifi"]


def test_the_queue_is_for_the_secretariat_only() -> None:
    for name in ("questions", "answer"):
        talk = Talk(role="delegate")
        assert talk.open(name, {"number": "Q-1"}) == ["shared/only_secretariat"]
        assert talk.kept.done == []


# Partners


def test_several_needs_are_asked_about_and_a_number_settles_it() -> None:
    talk = Talk()
    talk.kept.statements += [
        Statement("need", NEED, "FJI", themes=("public_health",), number=f"N-000{n}") for n in (1, 2)
    ]
    assert talk.open("matches") == ["matches/which"]
    assert talk.open("matches", {"number": "n-0002"}) == ["matches/partners"]
    assert talk.last.says[0].values["number"] == "N-0002"


def test_every_suggestion_is_given_a_reason_that_says_something() -> None:
    talk = Talk()
    talk.kept.statements.append(
        Statement("need", NEED, "FJI", themes=("public_health",), modalities=("training",), number="N-0001")
    )
    talk.open("matches")
    values = talk.last.says[0].values
    for found in (*values["providers"], *values["practices"]):
        assert found["reasons"]
        assert all(reason.values or reason.kind not in ("text", "practice") for reason in found["reasons"])


def test_opening_a_dialogue_never_changes_the_conversation_it_was_given() -> None:
    conversation = Conversation()
    talk = Talk()
    talk.engine.advance(conversation, Enter("need"), a_turn(), talk.kept)
    assert conversation == Conversation()
    assert not [command for command in talk.kept.done if isinstance(command, StateNeed)]


def test_a_deadline_without_a_year_counts_from_the_day_at_the_forum() -> None:
    talk = Talk()
    late = datetime(2022, 12, 31, 18, 0, tzinfo=UTC)
    talk.open("need", {"text": "we need 12 nurses within a month"}, now=late)
    assert talk.slots["deadline"] == "2023-01"


def test_a_need_asks_for_the_experience_of_whom_it_names_and_not_for_its_own_country() -> None:
    talk = Talk(country="TLS")
    talk.open("need", {"text": "Timor-Leste wants to learn from Fiji how to train nurses"})
    talk.tap("send")
    wanted = wanted_of(talk.kept.statement, sample_snapshot())
    assert wanted.model_countries == {"FJI"}
    assert "Leste" not in wanted.texts["text"]
