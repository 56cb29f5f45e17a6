"""Words that every text and every request is full of: they tell its language, and nothing of its subject."""

from collections import Counter
from collections.abc import Iterable, Mapping

from matching.text import tokens

_ENGLISH = """
a about all also an and any are as at be been by can could do does for from get give has have help
how i if in into is it its like looking may me more my need needs of on or other our please provide
request should so some such support that the their them there these they this those to us want was
we what when where which who will wish with would you your
"""
_FRENCH = """
a au aux avec avons besoin ce ces cette dans de des du elle en est et il ils je la le les leur leurs
mais merci n ne nos notre nous on ou par pas pour qu que qui sa sans se ses son sont souhaitons
souhaite sur un une voudrions vos votre vous y d l s c j appui aide cherche cherchons recherche
recherchons demande demandons afin ainsi comme entre etre leurs lors plus sous tout tous toutes
"""
_RUSSIAN = """
а без бы в вас вы для до еще же за и из или их к как когда ли мы на нам нас наш нашей наших не нужна
нужно нужны нужен о об от по под помощь помогите помочь при просим с со так также то у хотим хотели
что чтобы это
"""
_CHINESE = "的 了 和 在 是 我 们 我们 需 要 需要 希 望 希望 请 有 为 与 及 对 等 把 给 想 帮 助 帮助 吗"
_INDONESIAN = """
agar akan bagi bantuan bisa butuh dalam dan dapat dari dengan di guna ini itu juga kami kita ke
memerlukan membutuhkan mohon oleh pada para perlu saya sebagai serta tentang untuk yang
"""
# French words that an English text has too, where they mean something else.
_FRENCH_IN_ENGLISH = """
car champs chose coin comment former four fin lieu main pain pays place plus rate sale sens sort tire
"""


def _words(*lists: str) -> frozenset[str]:
    return frozenset(word for words in lists for word in tokens(words))


_LANGUAGES = {
    "en": _words(_ENGLISH),
    "fr": _words(_FRENCH),
    "ru": _words(_RUSSIAN),
    "zh": _words(_CHINESE),
    "id": _words(_INDONESIAN),
}
_SHARED = {
    word
    for own in _LANGUAGES.values()
    for word in own
    if sum(word in other for other in _LANGUAGES.values()) > 1
}
_OWN = {name: own - _SHARED for name, own in _LANGUAGES.items()}
FILLER = _words(_ENGLISH, _FRENCH, _RUSSIAN, _CHINESE)
FALSE_FRIENDS = _words(_FRENCH_IN_ENGLISH)
"""Words that are not the same word in another language."""


def telling(words: Iterable[str]) -> list[str]:
    """Return the *words*, normalised tokens, that say something; all of them where none does."""
    every = list(words)
    return [word for word in every if word not in FILLER] or every


def languages(counts: Mapping[str, int]) -> Counter[str]:
    """
    Return for each language how much filler of its own there is among words with their *counts*.

    The words are normalised tokens.
    """
    return Counter({name: sum(counts[word] for word in own & counts.keys()) for name, own in _OWN.items()})


def language(words: Iterable[str]) -> str | None:
    """Return the language that *words* have the most filler of; None when none is ahead."""
    (name, most), (_, next_most) = languages(Counter(words)).most_common(2)
    return name if most > next_most else None
