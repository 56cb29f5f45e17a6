"""Whether somebody needs, offers or asks, and in which form: by words first, and by labelled sentences."""

import csv
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal

from knowledge.phrases import Found, Phrases, units
from matching.encoder import Encoder
from matching.subjects import Example, Subjects

Kind = Literal["need", "offer", "question", "other"]
KINDS: tuple[Kind, ...] = ("need", "offer", "question", "other")
ASKS = re.compile(r"[?？؟]\s*$")
# What a cue adds to what was learnt, and a weak one. On labelled texts .5 and .8 did a little less well.
CUE, WEAK_CUE = 0.6, 0.2
# What no cue tells and was learnt with less than this, or from words alone, is left open, and so is what is too
# short to tell.
LEAST_LEARNT, LEAST_BY_WORDS, LEAST_UNITS = 0.4, 0.5, 3


class Requests:
    """
    Tells needs, offers and questions apart, and how likely each form of cooperation is meant.

    Cues of *cues* decide where they are clear; the sentences of requests.csv help where they are
    not, with an *encoder* by what they mean as well.
    """

    def __init__(self, cues: Mapping[str, Any], encoder: Encoder | None = None) -> None:
        kinds = ("need", "offer", "question", "weak_need")
        self._cues = Phrases({kind: _all(cues[kind]) for kind in kinds})
        self._polite = frozenset(_all(cues["within_question"]))
        self._learnt = Subjects(_examples(), encoder)
        self._least = LEAST_LEARNT if encoder else LEAST_BY_WORDS

    def scores(self, text: str) -> dict[str, float]:
        """Map each kind and each form of cooperation to how likely it is learnt to be: about 0 to 1."""
        return self._learnt.scores(text)

    def kind(self, text: str, learnt: Mapping[str, float]) -> Kind:
        """Return what *text* is, by its cues and by what was *learnt* of it."""
        kind, weight = self._said(text)
        if not weight and len(units(text)) < LEAST_UNITS:
            return kind
        scores = {each: learnt[each] + weight * (each == kind) for each in KINDS}
        best = max(KINDS, key=scores.__getitem__)
        # Nobody asks without a word that asks: the name of a thing may be a need as well.
        if scores[best] < self._least or (best == "question" and not weight):
            return kind
        return best

    def _said(self, text: str) -> tuple[Kind, float]:
        """
        Return the kind that the first cue speaks of, and how much that counts.

        A text that begins or ends as a question is one, unless it says what its sender needs.
        """
        found = self._cues.find(text)
        firsts: dict[str, int] = {}
        for cue in found:
            for key in cue.keys:
                firsts.setdefault(key, cue.start)
        asks_first = firsts.get("question") == 0 or ASKS.search(text) is not None
        wants = [kind for kind in KINDS[:2] if kind in firsts]
        if asks_first and not self._asks_for_itself(found):
            return "question", CUE
        if wants:
            return min(wants, key=firsts.__getitem__), CUE
        # "We want to see how it works" is no question; "where can I get help" is one.
        weak = [key for key in ("weak_need", "question") if key in firsts]
        if not weak:
            return "other", 0.0
        return ("need" if min(weak, key=firsts.__getitem__) == "weak_need" else "question"), WEAK_CUE

    def _asks_for_itself(self, found: Sequence[Found]) -> bool:
        """Say whether a question is a need or an offer in the polite form ("can you help us?")."""
        return any({"need", "offer"} & set(cue.keys) and cue.phrase in self._polite for cue in found)


@cache
def _examples() -> tuple[Example, ...]:
    """Return the sentences of requests.csv with their kinds and forms of cooperation."""
    text = resources.files("knowledge").joinpath("requests.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(Example(row["text"], frozenset([row["kind"], *row["forms"].split()])) for row in rows)


def _all(by_language: Mapping[str, Sequence[str]]) -> list[str]:
    return [str(phrase) for phrases in by_language.values() for phrase in phrases]
