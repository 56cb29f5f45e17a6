"""Which theme somebody means by a choice, its name, or a word for it."""

from collections.abc import Mapping

from bot.dialogue import Turn
from matching.names import Names


def meant_theme(turn: Turn) -> str | None:
    """Return the theme that was chosen or named, None when none was."""
    themes = turn.know.vocabulary.themes
    if turn.choice in themes:
        return turn.choice
    named = Names({theme.id: [*theme.name.values(), *_synonyms(theme.synonyms)] for theme in themes.values()})
    hits = named.closest(turn.text, limit=1) if turn.text else []
    return hits[0].key if hits else None


def _synonyms(by_language: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [word for words in by_language.values() for word in words]
