"""One normal form for what people type in any script, so that texts can be compared."""

import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Protocol

import snowballstemmer

# Accents of Latin, Greek and Cyrillic letters. The marks of Thai, Devanagari or Khmer are not in
# this range: they spell vowels, tones and clusters, and must stay. The breve of the Russian short i
# stays too: it makes another letter, which the endings of most adjectives carry.
_ACCENTS = re.compile("(?<!и)[\u0300-\u036f]|(?<=и)[\u0300-\u0305\u0307-\u036f]")
# Letters that look like another with an accent but do not decompose.
_LOOKALIKES = {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i"}
_LOOKALIKES |= {"æ": "ae", "œ": "oe", "ʻ": " ", "ʼ": " ", "ʹ": " ", "ـ": ""}
_LAST_OF_FIRST_PLANE = 0xFFFF
# Marks that move past one another are sorted in a time that grows with the square of their number;
# no spelling heaps up as many as Unicode's stream-safe format (UAX 15) lets stand. The first few do
# not count as such marks but are spelt out as some.
_MARKS = "\u0f73\u0f75\u0f81\uff9e\uff9f" + "".join(filter(unicodedata.combining, map(chr, range(0x1F000))))
# The look ahead is for speed: in a word it fails at once.
_HEAP = re.compile(rf"(?=[\W\uff9e\uff9f]{{31}})([{_MARKS}]{{30}})[{_MARKS}]+")

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3040-\u30ff\u31f0-\u31ff"
_THAI_TO_KHMER = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"
_UNSPACED = re.compile(f"[{_HAN}{_KANA}]+|[{_THAI_TO_KHMER}]+")
_HAN_ONLY = re.compile(f"[{_HAN}]")
_SYLLABIC = re.compile(f"[{_HAN}{_KANA}]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LATIN = re.compile("[a-z]")
_NOT_ASCII_WORD = re.compile("[^a-z0-9]+")
_COENG = "\u17d2"

ALPHABETIC_SIZES = (2, 3, 4, 5)
SYLLABIC_SIZES = (1, 2, 3)


class _Kept(dict[int, str]):
    """Map a code point to itself when it spells something, else to a space or nothing."""

    def __missing__(self, point: int) -> str:
        kept = _kept(chr(point))
        if point <= _LAST_OF_FIRST_PLANE:
            self[point] = kept
        return kept


def _kept(character: str) -> str:
    if character in _LOOKALIKES:
        return _LOOKALIKES[character]
    return character if unicodedata.category(character)[0] in "LMN" else " "


class _Visible(dict[int, str]):
    """Map invisible joiners, direction marks and variation selectors to nothing."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        shown = "" if _is_invisible(character) else character
        if point <= _LAST_OF_FIRST_PLANE:
            self[point] = shown
        return shown


def _is_invisible(character: str) -> bool:
    # A zero-width space separates Khmer and Thai words, so it is left to become a space.
    if character == "\u200b":
        return False
    selector = "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
    return selector or unicodedata.category(character) == "Cf"


_KEPT = _Kept()
_VISIBLE = _Visible()


def normalise(text: str) -> str:
    """
    Return *text* in its normal form: small letters without accents, digits, single spaces.

    Letters, marks and numbers of every script stay; everything else becomes a space. Normalising
    twice changes nothing. Any string is accepted, lone surrogates included; nothing readable
    gives an empty string.
    """
    if text.isascii():
        return _NOT_ASCII_WORD.sub(" ", text.lower()).strip()
    visible = _HEAP.sub(r"\1", text.translate(_VISIBLE))
    folded = unicodedata.normalize("NFD", visible).casefold()
    folded = unicodedata.normalize("NFKC", folded).casefold()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", folded)).translate(_KEPT)
    return " ".join(unicodedata.normalize("NFC", bare).split())


def tokens(text: str) -> list[str]:
    """
    Return the words of *text*, in its order, normalised.

    Where a script writes no spaces the pieces are pairs of neighbouring syllables, for Han
    characters each alone besides, since one alone may be a word.
    """
    normal = normalise(text)
    if normal.isascii():
        return normal.split()
    found: list[str] = []
    for word in normal.split():
        if word.isascii():
            found.append(word)
        else:
            found.extend(_pieces(word))
    return found


def _pieces(word: str) -> Iterable[str]:
    at = 0
    for run in _UNSPACED.finditer(word):
        if run.start() > at:
            yield word[at : run.start()]
        yield from _pairs(_clusters(run.group()))
        at = run.end()
    if at < len(word):
        yield word[at:]


def _pairs(clusters: Sequence[str]) -> Iterable[str]:
    if len(clusters) == 1:
        yield clusters[0]
        return
    for cluster, following in zip(clusters, (*clusters[1:], ""), strict=True):
        if _HAN_ONLY.match(cluster):
            yield cluster
        if following:
            yield cluster + following


def _clusters(run: str) -> list[str]:
    """Split *run* into what a reader sees as one sign: a letter and the marks upon it."""
    clusters: list[str] = []
    for character in run:
        joined = clusters and (unicodedata.category(character)[0] == "M" or clusters[-1].endswith(_COENG))
        if joined:
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def stems(text: str) -> list[str]:
    """Return the tokens of *text*, each without its ending where it is Latin or Cyrillic."""
    return [stem(token) for token in tokens(text)]


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's name


class _Stemmers(threading.local):
    """One set of stemmers a thread: a stemmer keeps the word at hand in itself."""

    def __init__(self) -> None:
        self.english: _Stemmer = snowballstemmer.stemmer("english")
        self.russian: _Stemmer = snowballstemmer.stemmer("russian")


_STEMMERS = _Stemmers()
_LONGEST_STEMMED = 40


@lru_cache(maxsize=1 << 17)
def stem(token: str) -> str:
    """Return *token*, one normalised word, without its ending."""
    if len(token) > _LONGEST_STEMMED:
        return token
    if _LATIN.match(token):
        return _STEMMERS.english.stemWord(token)
    if _CYRILLIC.match(token):
        return _STEMMERS.russian.stemWord(token)
    return token


def grams(text: str, sizes: Sequence[int] = ALPHABETIC_SIZES) -> list[str]:
    """
    Return the character n-grams of *text*, normalised, with repetitions.

    *sizes* are those of scripts with few signs; a word is taken with the space before and after
    it. Han characters and kana say as much as a syllable each, so they give 1 to 3 at a time.
    """
    found: list[str] = []
    for word in normalise(text).split():
        if word.isascii() or not _SYLLABIC.search(word):
            found.extend(_slices(f" {word} ", sizes))
        else:
            found.extend(_slices(word, SYLLABIC_SIZES))
    return found


def _slices(word: str, sizes: Sequence[int]) -> list[str]:
    length = len(word) + 1
    return [word[start : start + size] for size in sizes for start in range(length - size)]
