"""Words that every text and every request is full of, and that tell nothing about its subject."""

from collections.abc import Iterable

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
souhaite sur un une voudrions vos votre vous y d l s c j appui aide
"""
_RUSSIAN = """
а без бы в вас вы для до еще же за и из или их к как когда ли мы на нам нас наш нашей наших не нужна
нужно нужны нужен о об от по под помощь помогите помочь при просим с со так также то у хотим хотели
что чтобы это
"""
_CHINESE = "的 了 和 在 是 我 们 我们 需 要 需要 希 望 希望 请 有 为 与 及 对 等 把 给 想 帮 助 帮助 吗"


def _words(*lists: str) -> frozenset[str]:
    return frozenset(word for words in lists for word in tokens(words))


FILLER = _words(_ENGLISH, _FRENCH, _RUSSIAN, _CHINESE)


def telling(words: Iterable[str]) -> list[str]:
    """Return the *words*, normalised tokens, that say something; all of them where none does."""
    every = list(words)
    return [word for word in every if word not in FILLER] or every
