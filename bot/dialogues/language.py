"""The language of the answers: named at once, or chosen."""

from functools import cache

from babel import Locale

from bot.commands import ChooseLanguage
from bot.dialogue import Dialogue, Move, Turn, finish, perform, say
from knowledge.vocabulary import LANGUAGES
from matching.names import Names


def choose(turn: Turn) -> Move:
    """Keep the language that was named; without one, or with a word that is none of ours, offer them all."""
    word = str(turn.slots.get("word", ""))
    hits = language_names().closest(word, limit=1)
    if not hits:
        return finish(say("language/choose", unknown=word))
    lang = hits[0].key
    return perform(
        ChooseLanguage(lang), lambda _turn, _: finish(say("language/chosen", edit=True, chosen=lang))
    )


@cache
def language_names() -> Names:
    """Return the languages that are spoken here, by their names in each other and their codes."""
    locales = [Locale.parse(lang) for lang in LANGUAGES]
    return Names({lang: [lang, *(locale.languages[lang] for locale in locales)] for lang in LANGUAGES})


LANGUAGE = Dialogue("language", choose)
