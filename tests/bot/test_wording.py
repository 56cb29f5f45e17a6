import ast
import io
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.extract import extract
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from bot.dialogue import Saying, say
from bot.markup import plain
from bot.messages import Card
from bot.routing import UNSEEN
from bot.translations import Translations, read_translations
from bot.wording import BUTTON, Wording
from knowledge.vocabulary import LANGUAGES
from tests.bot.factories import MORNING
from tests.samples import sample_snapshot, wording

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "bot" / "templates"
MODAL = 24
LONGEST = 3_500
PLACE = re.compile(r"%\((\w+)\)s")
OPTIONS = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}


def card(saying: Saying, lang: str = "en", words: Wording | None = None) -> Card:
    return (words or wording()).card(saying, lang, "1.0", sample_snapshot())


def summary(text: str = "We need nurses", **changes: object) -> Saying:
    values: dict[str, object] = {
        "text": text,
        "country": "FJI",
        "themes": ["public_health"],
        "modalities": [],
        "countries": [],
        "people": None,
        "deadline": None,
        "urgent": False,
        "readers": "governments",
        "masked": [],
        "updated": False,
        "private_sector": False,
    }
    return say("need/summary", **{**values, **changes})


def sentences() -> list[tuple[str, str | None, tuple[str, ...]]]:
    """Return every sentence of the templates as (file, context, English forms)."""
    found = []
    keywords = {"gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
    for path in sorted(TEMPLATES.rglob("*.j2")):
        source = io.BytesIO(path.read_bytes())
        for _, message, _, context in extract("jinja2", source, keywords=keywords, options=OPTIONS):
            forms = (message,) if isinstance(message, str) else tuple(message)
            found.append((str(path.relative_to(TEMPLATES)), context, forms))
    return found


# Cards


def test_a_card_has_its_heading_body_fields_buttons_and_note() -> None:
    written = card(summary(updated=True))
    assert written.heading == "Need – draft"
    assert written.body == "“We need nurses”"
    assert [(part.label, part.value) for part in written.fields] == [
        ("Theme", "Public health"),
        ("From", "Fiji"),
        ("Seen by", "registered government delegates; your name is not shown"),
    ]
    assert [[choice.id for choice in row] for row in written.choices] == [
        ["send"],
        ["theme", "text"],
        ["seen_by", "/cancel"],
    ]
    assert written.note == "Updated from your edit."


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        card(say("shared/read_as", heard="wher"))


def test_nobodys_words_become_a_button_a_field_or_markup() -> None:
    hostile = '[send] Pay | now\n[/undo N-1] <b>bold</b> & "quoted" {{ lang }} {% endblock %} %(text)s'
    written = card(summary(hostile))
    assert plain(written.body) == f"“{hostile}”"
    assert len(written.fields) == 3
    assert [len(row) for row in written.choices] == [1, 2, 2]


@given(st.text(min_size=1, max_size=200).filter(lambda text: normal(text) == normal(text).strip() != ""))
def test_any_words_come_out_as_they_went_in(text: str) -> None:
    written = card(say("shared/question_answered", number="Q-1", question="why", answer=text, at=MORNING))
    assert plain(written.body) == f"Your question “why”:\n{normal(text)}"


def normal(text: str) -> str:
    """Return *text* with one kind of line end, and without what nobody sees."""
    return UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("way", ["listed", "commas"])
def test_a_list_of_what_is_written_already_is_not_written_twice(lang: str, way: str) -> None:
    template = wording()._environment.from_string(
        f"{{% macro name() %}}{{{{ raw }}}}{{% endmacro %}}{{{{ (raw, name())|{way} }}}}"
    )
    shown = template.render(raw="Salt & Co [x]", reads=lang)
    assert shown.count("Salt &amp; Co &#91;x&#93;") == 2


def test_a_session_with_brackets_in_its_title_makes_one_button() -> None:
    entry = sample_snapshot().entries["wifi"]
    written = card(say("ask/choices", entries=(entry,), question="a [b] c] | d", public=False))
    assert [choice.id for _, choice in written.numbered()] == ["/entry wifi", "/person a [b] c] | d"]


def test_a_label_is_cut_where_a_button_would_be_too_long() -> None:
    [choice] = [one for _, one in card(say("media/purpose", text="x" * 400)).numbered()][:1]
    assert len(choice.label) <= BUTTON
    assert len(plain(card(say("media/purpose", text="x" * 400)).body)) < 400


@pytest.mark.parametrize("template", ["need/summary", "offer/summary"])
def test_the_longest_need_still_fits_a_message(template: str) -> None:
    written = card(Saying(template, summary("я" * 4096).values))
    shown = [written.heading, written.body, written.note, *(f"{f.label}: {f.value}" for f in written.fields)]
    assert len("\n".join(shown)) < LONGEST


# Languages


def test_what_has_no_translation_is_said_in_english() -> None:
    bare = Wording({lang: Translations() for lang in LANGUAGES})
    assert card(say("shared/nothing_to_cancel"), "ru", bare).body == "There is nothing to cancel."


def test_a_translation_takes_the_place_of_the_english_sentence_with_its_values() -> None:
    words = {(None, "I read “%(heard)s” as “%(meant)s”."): ("«%(meant)s», а не «%(heard)s».",)}
    russian = Wording({"ru": Translations(words)})
    written = card(say("shared/read_as", heard="<where>", meant="где"), "ru", russian)
    assert plain(written.body) == "«где», а не «<where>»."


def test_the_same_word_may_be_a_button_and_something_else() -> None:
    words = {("button", "Menu"): ("Меню",), (None, "Menu"): ("не то",)}
    russian = Wording({"ru": Translations(words)})
    written = card(say("shared/nothing_to_cancel"), "ru", russian)
    assert [choice.label for _, choice in written.numbered()] == ["Меню"]


@pytest.mark.parametrize(("count", "form"), [(1, "one"), (2, "few"), (5, "many"), (21, "one")])
def test_numbers_take_the_plural_form_of_their_language(count: int, form: str) -> None:
    def russian_form(number: int) -> int:
        tens, units = number % 100 // 10, number % 10
        return 0 if units == 1 and tens != 1 else 1 if 2 <= units <= 4 and tens != 1 else 2

    one = "%(count)s possible provider found for %(number)s."
    words = Wording({"ru": Translations({(None, one): ("one", "few", "many")}, russian_form)})
    provider = next(iter(sample_snapshot().catalogue.providers.values()))
    found = {"item": provider, "reasons": [], "verified": True}
    partners = say(
        "matches/partners", number="N-0001", asks=False, offers=[], providers=[found] * count, practices=[]
    )
    assert card(partners, "ru", words).heading == form


def test_a_language_without_catalogue_has_no_translations() -> None:
    assert read_translations("xx").messages == {}


# Dates, times, names


@pytest.mark.parametrize(
    ("lang", "time"), [("en", "14:30"), ("fr", "14\u00a0h\u00a030"), ("ru", "14:30"), ("zh", "14:30")]
)
def test_times_are_those_of_the_forums_place(lang: str, time: str) -> None:
    session = next(one for one in sample_snapshot().programme if one.id == "s3")
    written = card(
        say(
            "programme/agenda",
            day=date(2022, 9, 13),
            sessions=(session,),
            following=(),
            meetings=(),
            days=[],
            now=datetime(2022, 9, 13, 1, 0, tzinfo=UTC),
            rehearsal=False,
        ),
        lang,
    )
    assert written.body.startswith(f"{time}–")


@pytest.mark.parametrize(
    ("lang", "day"),
    [
        ("en", "Tuesday 13 September"),
        ("fr", "mardi 13 septembre"),
        ("ru", "вторник, 13 сентября"),
        ("zh", "9月13日星期二"),
    ],
)
def test_days_are_written_as_their_language_does(lang: str, day: str) -> None:
    empty = {"sessions": (), "following": (), "meetings": (), "days": [], "now": None, "rehearsal": False}
    assert day in card(say("programme/agenda", day=date(2022, 9, 13), **empty), lang).heading


def test_the_zone_is_written_out_and_may_be_put_where_the_language_wants_it() -> None:
    room = sample_snapshot().rooms["room-b"]
    session = next(one for one in sample_snapshot().programme if one.id == "s3")
    when = {"when": False, "over": False, "is_on": False, "minutes": 3, "today": True}
    way = say("where/room", room=room, session=session, moved=(), remindable=False, rehearsal=False, **when)
    assert "Starts in 3 minutes (14:30, Bangkok time)." in card(way).body
    chinese = Wording({"zh": Translations({(None, "%(time)s, %(zone)s"): ("%(zone)s%(time)s",)})})
    assert "曼谷时间14:30" in card(way, "zh", chinese).body


def test_countries_go_by_their_united_nations_names() -> None:
    choices = [choice.label for _, choice in card(say("country/which", maybe=["KOR", "PRK"])).numbered()]
    assert choices[:2] == ["Republic of Korea", "Democratic People's Republic of Korea"]


def test_a_made_up_programme_and_a_rehearsal_say_so() -> None:
    now = say(
        "programme/now", running=(), upcoming=(), meeting=None, phase="over", today=False, rehearsal=True
    )
    assert card(now).note == "(sample programme)\n(rehearsal clock)"


# The templates and their catalogues


def test_every_utterance_that_the_code_names_has_a_template() -> None:
    named = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_say = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
            if is_say and node.args and isinstance(node.args[0], ast.Constant):
                named.add(node.args[0].value)
    assert sorted(name for name in named if not (TEMPLATES / f"{name}.j2").is_file()) == []


def test_every_sentence_of_the_templates_can_be_extracted_for_translators() -> None:
    assert len(sentences()) > 150


def test_buttons_and_titles_of_forms_fit_where_they_land() -> None:
    limits = {"button": BUTTON, "modal": MODAL}
    for file, context, forms in sentences():
        if context in limits:
            assert max(map(len, forms)) <= limits[context], (file, forms)


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
def test_translations_keep_the_values_and_the_limits(lang: str) -> None:
    limits = {"button": BUTTON, "modal": MODAL}
    for (context, english), forms in read_translations(lang).messages.items():
        for form in forms:
            assert set(PLACE.findall(form)) <= {*PLACE.findall(english), "num", "count", "minutes"}, english
            assert len(form) <= limits.get(context or "", LONGEST), form


def test_toasts_fit_a_platforms_line() -> None:
    assert len(wording().text("shared/old_button", "en")) <= 200
