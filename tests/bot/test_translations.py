"""The catalogues say in every language what the templates say in English."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from bot.dialogue import say
from bot.translations import read_translations
from bot.wording import BUTTON
from knowledge.vocabulary import LANGUAGES
from matching.partners import Reason
from tests.samples import sample_snapshot, wording

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "bot" / "templates"
PAGE = ROOT / "docs" / "translations.md"
NAMES = {"fr": "French", "ru": "Russian", "zh": "Chinese"}
UNCONFIRMED = "to be confirmed by a native reader"
MODAL = 24
DESCRIPTION = 256
TOAST = 200
VALUE = re.compile(r"%\((\w+)\)s")
QUOTED = re.compile("[«“]\u00a0?([^«“»”\u00a0]+)\u00a0?[»”]")
MARK = re.compile(r"</?[bi]>")
SAME = {
    "fr": {
        "%(begin)s–%(end)s, %(place)s.",
        "%(day)s, %(time)s",
        "%(room)s, %(floor)s",
        "%(room)s, %(floor)s.",
        "%(time)s, %(zone)s",
        "%(who)s (%(region)s)",
        "Conversation",
        "Menu",
        "Objection",
        "Objections",
        "Minutes",
        "OK",
        "Organisation",
        "Programme",
        "Programmes",
        "Source",
        "terminal",
        "web",
    },
    "ru": {
        "%(begin)s–%(end)s, %(place)s.",
        "%(country)s?",
        "%(days)s?",
        "%(day)s, %(time)s",
        "%(place)s: %(what)s",
        "%(room)s, %(floor)s",
        "%(room)s, %(floor)s.",
        "%(who)s (%(region)s)",
    },
    "zh": {"“%(text)s”"},
}
"""Sentences that are the same as in English, and are meant to be."""
NAMED = {
    "Type more names, or tap “Done”.": ("Done",),
    "Who sees it: the secretariat, and those to whom you show a need or an offer with “Who may see it”. "
    "Your contact is shown to nobody unless you agree each time.": ("Who may see it",),
}
"""Sentences that name buttons."""
FOREIGN_SIGNS = {
    "fr": r"(?<!\u00a0)[;?!»]|(?<!\u00a0):(?!\d)|«(?!\u00a0)|[“”'\"]",
    "ru": r"[“”'\"]|\s[:;?!]|Юг[-–]Юг",
    "zh": r"[,;:?!()\"']|(?<!\d)\.|[«»]",
}
"""What is wrong punctuation in a language; values, marks and commands do not count."""

in_every_language = pytest.mark.parametrize("lang", NAMES)


@cache
def templates() -> Catalog:
    """Return what `pybabel extract` finds, with the settings in babel.cfg."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog()
    for _, _, message, _, context in extract_from_dir(ROOT, methods, options):
        found.add(message, context=context)
    return found


@cache
def catalogue(lang: str) -> Catalog:
    with path(lang).open("rb") as file:
        return read_po(file, locale=lang, abort_invalid=True)


def path(lang: str) -> Path:
    return ROOT / "bot" / "locales" / lang / "LC_MESSAGES" / "saphan.po"


def messages(found: Catalog) -> list[Message]:
    return [message for message in found if message.id]


def english(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def universal() -> dict[str, list[str]]:
    return yaml.safe_load((ROOT / "bot" / "words.yaml").read_text("utf-8"))["universal"]


def said(lang: str, context: str | None, sentence: str) -> str:
    return read_translations(lang).one(context, sentence)


@in_every_language
def test_every_sentence_of_the_templates_is_in_the_catalogue_and_no_other_is(lang: str) -> None:
    wanted = {(message.context, *english(message)) for message in messages(templates())}
    there = {(message.context, *english(message)) for message in messages(catalogue(lang))}
    assert {"missing": wanted - there, "obsolete": there - wanted} == {"missing": set(), "obsolete": set()}
    assert not catalogue(lang).obsolete


@in_every_language
def test_every_sentence_is_translated_in_all_its_forms_and_shown(lang: str) -> None:
    unsaid = [m.id for m in messages(catalogue(lang)) if m.fuzzy or not all(map(str.strip, forms(m)))]
    assert unsaid == []
    assert len(read_translations(lang).messages) == len(messages(catalogue(lang)))


@in_every_language
def test_what_is_counted_has_as_many_forms_as_the_language(lang: str) -> None:
    plural = get_plural(lang)
    assert (catalogue(lang).num_plurals, catalogue(lang).plural_expr) == (
        plural.num_plurals,
        plural.plural_expr,
    )
    counted = [message for message in messages(catalogue(lang)) if message.pluralizable]
    assert {len(forms(message)) for message in counted} == {plural.num_plurals}


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "вопрос ждёт"),
        (2, "вопроса ждут"),
        (5, "вопросов ждут"),
        (11, "вопросов ждут"),
        (21, "вопрос ждёт"),
    ],
)
def test_russian_numbers_take_the_right_form(count: int, words: str) -> None:
    one, many = "%(count)s question waits for an answer.", "%(count)s questions wait for an answer."
    assert read_translations("ru").counted(None, one, many, count) == f"%(count)s {words} ответа."


@in_every_language
def test_every_form_has_the_values_of_the_english_sentence_and_nothing_else_to_fill_in(lang: str) -> None:
    for message in messages(catalogue(lang)):
        for form in forms(message):
            assert Counter(VALUE.findall(form)) == Counter(VALUE.findall(english(message)[0])), form
            assert "%(" not in form % dict.fromkeys(VALUE.findall(form), ""), form


@in_every_language
def test_every_form_has_the_marks_of_the_english_sentence(lang: str) -> None:
    for message in messages(catalogue(lang)):
        for form in forms(message):
            assert MARK.findall(form) == MARK.findall(english(message)[0])
            assert not set("<>[]|\n") & set(MARK.sub("", form)), form


@pytest.mark.parametrize(
    ("lang", "why"),
    [
        ("en", "Why: works in your region; works in your language."),
        ("fr", "Pourquoi\u00a0: travaille dans votre région\u00a0; travaille dans votre langue."),
        ("ru", "Почему подходит: работает в вашем регионе; работает на вашем языке."),
        ("zh", "理由：在您所在的区域开展工作；使用您的语言。"),
    ],
)
def test_the_reasons_of_a_suggestion_are_one_sentence(lang: str, why: str) -> None:
    provider = next(iter(sample_snapshot().catalogue.providers.values()))
    reasons = [Reason("region", (), 9.0), Reason("language", (), 3.0)]
    found = {"item": provider, "reasons": reasons, "verified": True}
    partners = say(
        "matches/partners", number="N-0001", asks=False, offers=[], providers=[found], practices=[]
    )
    assert wording().card(partners, lang, "1.0", sample_snapshot()).body.splitlines()[-1] == why


@pytest.mark.parametrize(
    ("lang", "quoted"),
    [
        ("en", "“cold rooms”"),
        ("fr", "«\u00a0cold rooms\u00a0»"),
        ("ru", "«cold rooms»"),
        ("zh", "“cold rooms”"),
    ],
)
def test_words_are_quoted_as_the_language_does(lang: str, quoted: str) -> None:
    question = say("media/purpose", text="cold rooms")
    assert wording().card(question, lang, "1.0", sample_snapshot()).body.splitlines()[-1] == quoted


@in_every_language
def test_labels_of_buttons_are_shown_whole_with_the_longest_room_too(lang: str) -> None:
    room = max((room.name.in_(lang) for room in sample_snapshot().rooms.values()), key=len)
    for message in messages(catalogue(lang)):
        if message.context == "button":
            values = {"room": room, "number": "Q-0123", "title": "x" * 34, "session": "x" * 20}
            values |= {"time": "15:45", "count": "99999", "channel": "the browser chat", "what": "x" * 24}
            assert [form for form in forms(message) if len(form % values) > BUTTON] == []


@in_every_language
def test_titles_and_buttons_of_forms_fit_where_they_land(lang: str) -> None:
    framed = [message for message in messages(catalogue(lang)) if message.context == "modal"]
    assert framed
    assert [message.string for message in framed if len(message.string) > MODAL] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("command", sorted(file.stem for file in (TEMPLATES / "commands").glob("*.j2")))
def test_descriptions_of_commands_fit_a_menu(command: str, lang: str) -> None:
    assert 0 < len(wording().text(f"commands/{command}", lang)) <= DESCRIPTION


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_answer_to_a_tap_fits_its_line(lang: str) -> None:
    assert 0 < len(wording().text("shared/old_button", lang)) <= TOAST


@in_every_language
def test_nothing_is_left_in_english_but_what_is_the_same(lang: str) -> None:
    left = {message.id for message in messages(catalogue(lang)) if message.id == message.string}
    assert left == SAME[lang]


@in_every_language
def test_punctuation_is_that_of_the_language(lang: str) -> None:
    wrong = re.compile(FOREIGN_SIGNS[lang])
    for message in messages(catalogue(lang)):
        for form in forms(message):
            assert not wrong.search(MARK.sub("", VALUE.sub("x", form))), form


@in_every_language
@pytest.mark.parametrize("sentence", NAMED)
def test_a_sentence_names_a_button_as_it_is_labelled(sentence: str, lang: str) -> None:
    for label in NAMED[sentence]:
        assert said(lang, "button", label) in said(lang, None, sentence)


@in_every_language
def test_the_words_that_the_menu_names_steer_the_conversation(lang: str) -> None:
    note = "You can write these words at any time: cancel, back, repeat, help, language, person, mute."
    named = re.split("[,、]", re.split("[:：]", said(lang, None, note))[1].strip("\u00a0 .。"))
    meant = [name for word in named for name, synonyms in universal().items() if word.strip() in synonyms]
    assert meant == ["cancel", "back", "repeat", "help", "language", "person", "mute"]


@in_every_language
def test_the_word_that_is_offered_for_stopping_cancels(lang: str) -> None:
    sentence = said(lang, None, "I did not understand that. Please choose one of these, or write “cancel”.")
    assert QUOTED.findall(sentence)[0] in universal()["cancel"]


@in_every_language
@pytest.mark.parametrize("answer", ["submit_need", "submit_offer"])
def test_the_answers_name_the_button_that_sends_as_it_is_labelled(answer: str, lang: str) -> None:
    body = sample_snapshot().entries[answer].body.in_(lang)
    assert said(lang, "button", "Send it") in QUOTED.findall(body)


@in_every_language
def test_the_page_says_how_far_the_translation_is(lang: str) -> None:
    stated = re.search(
        rf"^\| {NAMES[lang]} \| (\d+) \| (\d+) \| (\d+) \|$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    everything = messages(catalogue(lang))
    translated = [message for message in everything if all(forms(message)) and not message.fuzzy]
    confirmed = [message for message in translated if UNCONFIRMED not in message.user_comments]
    assert stated
    assert tuple(map(int, stated.groups())) == (len(everything), len(translated), len(confirmed))


@in_every_language
def test_a_catalogue_is_in_the_order_in_which_it_is_written_out(lang: str) -> None:
    written = messages(catalogue(lang))
    assert [message.id for message in written] == [message.id for message in sorted(written)]


@in_every_language
def test_a_catalogue_names_no_person_file_or_machine(lang: str) -> None:
    head, _, sentences = path(lang).read_text("utf-8").partition("\n\n")
    fields = dict(re.findall(r'^"([\w-]+): (.*?)\\n"$', head, re.MULTILINE))
    assert (fields["Last-Translator"], fields["Report-Msgid-Bugs-To"], fields["Language"]) == ("", "", lang)
    assert not re.search("@|://|/home/|/tmp/", head)
    comments = {line for line in sentences.splitlines() if line.startswith("#")}
    assert comments <= {f"# {UNCONFIRMED}", "#, python-format"}
