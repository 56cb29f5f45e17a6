"""Writes utterances out as cards: Jinja2 templates, gettext sentences, and each language's dates, times and names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from jinja2 import Environment, PackageLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from markupsafe import escape as escape_html

from bot.dialogue import Saying
from bot.markup import plain
from bot.messages import Card, Choice, Field
from bot.translations import Translations, read_translations
from knowledge.snapshot import Snapshot
from knowledge.vocabulary import LANGUAGES, Localised

BUTTON = 60
"""Characters of a button's label; the rest is cut."""
LOCALES = {"en": "en_GB", "fr": "fr", "ru": "ru", "zh": "zh_Hans"}
PARAGRAPH = "¶"
"""A line of a template that stands for an empty line; others are only there to make the template readable."""
NO_BREAK = "\u00a0"
SEMICOLONS = {"fr": Markup("\u00a0; "), "zh": Markup("；")}
"""Between the parts of a sentence, where it is not as in English."""

# What gives a block its shape is hidden while it comes from a value: nobody's words become a button or a line.
_HIDDEN = {
    "[": "&#91;",
    "]": "&#93;",
    "|": "&#124;",
    "\r\n": "&#10;",
    "\n": "&#10;",
    "\r": "&#10;",
    "¶": "&#182;",
}
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HALVES = re.compile("[\ud800-\udfff]")
"""What turns the reading of all that follows, and what no encoding can write: lists of names may hold both."""
_SHAPING = re.compile("|".join(map(re.escape, _HIDDEN)))
_SHOWN = {"&#91;": "[", "&#93;": "]", "&#124;": "|", "&#10;": "\n", "&#182;": "¶", "&#34;": '"', "&#39;": "'"}
_ENTITY = re.compile("|".join(map(re.escape, _SHOWN)))
_BUTTON = re.compile(r"\[([^\]]+)\]\s*([^\[]*)")


class Wording:
    """The words of the assistant in every language it speaks."""

    def __init__(self, translations: Mapping[str, Translations] | None = None) -> None:
        self._translations = translations or {lang: read_translations(lang) for lang in LANGUAGES}
        self._environment = _environment(self)

    def card(self, saying: Saying, lang: str, ref: str, know: Snapshot) -> Card:
        """Write *saying* in *lang*. A value that a template names and *saying* lacks raises UndefinedError."""
        template = self._environment.get_template(f"{saying.template}.j2")
        context = template.new_context({"lang": lang, **saying.values, "reads": lang, "know": know})
        fields = (line.partition(" | ") for line in _lines(template, "fields", context))
        return Card(
            ref=ref,
            lang=lang,
            heading=" ".join(_shown(line) for line in _lines(template, "heading", context)),
            body="\n".join(_shown(line) for line in _lines(template, "body", context)),
            fields=tuple(Field(_shown(label), _shown(value.strip())) for label, _, value in fields),
            choices=tuple(filter(None, map(_buttons, _lines(template, "choices", context)))),
            note="\n".join(_shown(line) for line in _lines(template, "note", context)),
            attachment=saying.attachment,
            coordinates=saying.coordinates,
        )

    def page(self, template: str, lang: str, know: Snapshot, /, **values: Any) -> str:
        """Return *template* written out as a page of HTML."""
        found = self._environment.get_template(f"{template}.j2")
        return found.render({"lang": lang, **values, "reads": lang, "know": know})

    def text(self, template: str, lang: str, /, **values: Any) -> str:
        """Return the body of *template* as plain text: for a toast, a label, a word of a page."""
        found = self._environment.get_template(f"{template}.j2")
        context = found.new_context({"lang": lang, **values, "reads": lang})
        return plain("\n".join(_shown(line) for line in _lines(found, "body", context)))

    def translated(self, lang: str) -> Translations:
        """Return the sentences of *lang*; English ones where it is not spoken."""
        return self._translations.get(lang) or Translations()


def _environment(wording: Wording) -> Environment:
    # The templates are files of this package, so they need no sandbox: it would take a third of a card's time.
    environment = Environment(
        loader=PackageLoader("bot"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_written,
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    # New style: the sentence functions below put the values in, escaped, themselves.
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals.update(_sentence_functions(wording))
    environment.filters.update(
        {
            "t": _in_language,
            "clock": _clock,
            "moment": _moment,
            "day": _day,
            "day_of_month": _day_of_month,
            "date": _date,
            "country": _country,
            "theme": _theme,
            "modality": _modality,
            "practice": _practice,
            "listed": _listed,
            "commas": _commas,
            "joined": _joined,
            "cut": _cut,
        }
    )
    return environment


# Sentences


def _sentence_functions(wording: Wording) -> dict[str, Any]:
    @pass_context
    def gettext(context: Context, message: str, /, **values: object) -> Markup:
        return _filled(wording.translated(context["reads"]).one(None, message), values)

    @pass_context
    def pgettext(context: Context, place: str, message: str, /, **values: object) -> Markup:
        return _filled(wording.translated(context["reads"]).one(place, message), values)

    @pass_context
    def ngettext(context: Context, one: str, many: str, count: int, /, **values: object) -> Markup:
        translations = wording.translated(context["reads"])
        return _filled(translations.counted(None, one, many, count), {"num": count, **values})

    @pass_context
    def npgettext(
        context: Context, place: str, one: str, many: str, count: int, /, **values: object
    ) -> Markup:
        translations = wording.translated(context["reads"])
        return _filled(translations.counted(place, one, many, count), {"num": count, **values})

    return {"gettext": gettext, "pgettext": pgettext, "ngettext": ngettext, "npgettext": npgettext}


def _filled(sentence: str, values: Mapping[str, object]) -> Markup:
    return Markup(sentence % {name: _written(value) for name, value in values.items()})  # noqa: S704 - escaped


def _written(value: object) -> object:
    """Return *value* escaped, with nothing in it that gives a block its shape; markup stays as it is."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    value = _HALVES.sub("\ufffd", _UNSEEN.sub("", value))
    escaped = escape_html(value)
    if _SHAPING.search(value) is None:
        return escaped
    return Markup(_SHAPING.sub(lambda found: _HIDDEN[found[0]], str(escaped)))  # noqa: S704 - escaped above


def as_value(markup: str) -> Markup:
    """Return *markup*, which is escaped already, as a value of a template: nothing in it gives a block its shape."""
    return Markup(_SHAPING.sub(lambda found: _HIDDEN[found[0]], markup))  # noqa: S704 - escaped already


# Blocks


def _lines(template: Template, block: str, context: Context) -> Iterator[str]:
    """Yield the lines of a block that are not empty, and an empty one for each ¶; none when there is no such block."""
    if block in template.blocks:
        for line in "".join(template.blocks[block](context)).split("\n"):
            if line.strip():
                yield "" if line.strip() == PARAGRAPH else line.strip()


def _shown(line: str) -> str:
    return _ENTITY.sub(lambda found: _SHOWN[found[0]], line)


def _buttons(line: str) -> tuple[Choice, ...]:
    buttons = ((plain(_shown(id_)), " ".join(plain(label).split())) for id_, label in _BUTTON.findall(line))
    return tuple(Choice(id_, _cut(label, BUTTON)) for id_, label in buttons if label)


# Filters


@pass_context
def _in_language(context: Context, text: Localised | str) -> str:
    return text if isinstance(text, str) else text.in_(context["reads"])


@pass_context
def _clock(context: Context, moment: datetime) -> str:
    local = moment.astimezone(context["know"].forum.time_zone)
    return f"{local.hour}{NO_BREAK}h{NO_BREAK}{local:%M}" if context["reads"] == "fr" else f"{local:%H:%M}"


@pass_context
def _moment(context: Context, moment: datetime) -> str:
    """Return the time with the zone written out: "14:30, Bangkok time"."""
    zone = _in_language(context, context["know"].forum.zone_words)
    return _timed(context.environment, context["reads"], _clock(context, moment), zone)


@lru_cache(maxsize=1000)
def _timed(environment: Environment, lang: str, time: str, zone: str) -> str:
    words = environment.get_template("shared/moment.j2").render(reads=lang, time=time, zone=zone)
    return plain(_shown(words.strip()))


@pass_context
def _day(context: Context, moment: date) -> str:
    """Return the day of the week and the date, without the year."""
    return _dated(context, moment, "MMMEd")


@pass_context
def _day_of_month(context: Context, moment: date) -> str:
    """Return the date alone: "13 September"."""
    return _dated(context, moment, "MMMd")


@pass_context
def _date(context: Context, moment: date) -> str:
    """Return the date with its year."""
    return _dated(context, moment, "yMMMd")


def _dated(context: Context, moment: date, skeleton: str) -> str:
    return _day_in(_locale(context), _local(context, moment), skeleton)


@lru_cache(maxsize=1000)
def _day_in(locale_name: str, day: date, skeleton: str) -> str:
    # Babel has no skeletons with the full names, so the abbreviated ones are written out.
    locale = Locale.parse(locale_name)
    pattern = str(locale.datetime_skeletons[skeleton])
    written_out = re.sub("E+|c+", "EEEE", re.sub("MMM|LLL", "MMMM", pattern))
    return format_date(day, written_out, locale)


def _local(context: Context, moment: date) -> date:
    if isinstance(moment, datetime):
        return moment.astimezone(context["know"].forum.time_zone).date()
    return moment


def _locale(context: Context) -> str:
    return LOCALES.get(context["reads"], LOCALES["en"])


@pass_context
def _country(context: Context, iso3: str) -> str:
    name: str = context["know"].vocabulary.world_name(iso3, context["reads"])
    return name


@pass_context
def _theme(context: Context, id_: str) -> str:
    theme = context["know"].vocabulary.themes.get(id_)
    return _in_language(context, theme.name) if theme else id_


@pass_context
def _modality(context: Context, id_: str) -> str:
    modality = context["know"].vocabulary.modalities.get(id_)
    return _in_language(context, modality.name) if modality else id_


@pass_context
def _practice(context: Context, id_: str) -> str:
    practice = context["know"].catalogue.practices.get(id_)
    return practice.title if practice else id_


@pass_context
def _listed(context: Context, parts: Iterable[str], style: str = "standard") -> Markup:
    """Return the *parts* as a list in words: "A, B and C"; with the style "or", "A, B or C"."""
    written = [str(_written(part)) for part in parts]
    return Markup(format_list(written, style=style, locale=_locale(context)))  # type: ignore[arg-type] # noqa: S704


@pass_context
def _commas(context: Context, parts: Iterable[str]) -> Markup:
    """Return the *parts* one after the other, without "and": they may hold one themselves."""
    between = "、" if context["reads"] == "zh" else ", "
    return Markup(between.join(str(_written(part)) for part in parts))  # noqa: S704 - written above


@pass_context
def _joined(context: Context, parts: Iterable[str]) -> Markup:
    """Return parts of one sentence, written already, one after the other."""
    between = SEMICOLONS.get(context["reads"], Markup("; "))
    return between.join(Markup(part) for part in parts)  # noqa: S704 - written out by templates


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
