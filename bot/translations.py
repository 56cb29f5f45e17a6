"""The translated sentences: gettext catalogues as translators write them, read without a compiling step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from gettext import c2py
from importlib.resources import files

from babel.messages.pofile import read_po

CATALOGUE = "LC_MESSAGES/saphan.po"
Key = tuple[str | None, str]
"""The context of a message, None for none, and its English words."""


@dataclass(frozen=True, slots=True)
class Translations:
    """One language's sentences by their English ones; what is missing stays English."""

    messages: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    form: Callable[[int], int] = int
    """Tells which of a message's forms fits a number."""

    def one(self, context: str | None, message: str) -> str:
        """Return *message* in this language."""
        return self.messages.get((context, message), (message,))[0]

    def counted(self, context: str | None, one: str, many: str, count: int) -> str:
        """Return the form of the message that fits *count*."""
        forms = self.messages.get((context, one))
        if forms is None:
            return one if count == 1 else many
        return forms[self.form(count)]


def read_translations(lang: str) -> Translations:
    """Return the translations into *lang*; none where it has no catalogue. Fuzzy and unfinished ones are left out."""
    resource = files("bot").joinpath("locales", lang, CATALOGUE)
    if not resource.is_file():
        return Translations()
    with resource.open("rb") as file:
        catalogue = read_po(file, locale=lang)
    messages: dict[Key, tuple[str, ...]] = {}
    for message in catalogue:
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
        if message.id and not message.fuzzy and all(forms):
            english = message.id if isinstance(message.id, str) else message.id[0]
            messages[message.context, english] = forms
    return Translations(messages, c2py(catalogue.plural_expr))
