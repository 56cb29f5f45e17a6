"""Finds the same need in several countries, so that one project may serve them together."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from matching.encoder import Vectors
from matching.evidence import text_of
from matching.filler import FILLER, telling
from matching.postings import Floats, Postings, tf_idf
from matching.profiles import Profile
from matching.text import stem, tokens

JOINT = 3
"""So many countries with one need make a joint project."""

# Measured on tests/queries/clusters.jsonl, every other theme of it: from which likeness on two
# groups are one, with what sentences mean and without, and how much shared words add to that.
# Shared goals and forms of cooperation were tried as well and told nothing.
_SAME_MEANING, _SAME_WORDS = 0.35, 0.20
_WORDS_SHARE = 0.3
# Shares of the nearest pair and of the average pair in how like two groups are.
_NEAREST, _AVERAGE = 0.5, 0.5
# As if so many needs without any meaning had come before: the first ones are no measure of the usual.
_UNUSUAL = 10
_SHOWN_WORDS = 5


@dataclass(frozen=True, slots=True)
class Cluster:
    """Needs that are one need, and what they have in common."""

    id: str
    """The id of the need that was its first when it became joint, or is now; it stays."""
    needs: tuple[str, ...]
    """Ids, in their order of arrival."""
    countries: tuple[str, ...]
    """ISO3 of those who need it, each once, the first first."""
    themes: tuple[str, ...]
    """Those that all share, as far as they say."""
    words: tuple[str, ...]
    """Normalised words of at least two of them, the most frequent first."""

    @property
    def is_joint(self) -> bool:
        """Whether enough countries need it for a joint project."""
        return len(self.countries) >= JOINT


@dataclass(frozen=True, slots=True)
class KeptGroup:
    """
    A group as it was: under *id* the *needs* in their order of arrival, each with the vector that was kept of it.

    *was_joint* is whether it ever became joint.
    """

    id: str
    needs: tuple[tuple[Profile, Vectors | None], ...]
    was_joint: bool


class Clusters:
    """
    Needs in groups, taken one by one in their order of arrival.

    What is promised: a group that became joint never splits, never loses a need to another and
    keeps its id, whatever comes later; two such groups are never made one. The same needs in the
    same order give the same groups. Groups that are not joint yet may still be taken into one
    another; so another order of arrival changes little, but it may. Needs whose themes differ are
    never together. *vectors* gives one vector of length 1 for each text, as an encoder does;
    without it needs in different languages do not find each other. Groups that were *kept* stand as they were, needs
    that come after them are taken in.
    """

    def __init__(
        self,
        needs: Iterable[Profile] = (),
        *,
        vectors: Callable[[Sequence[str]], Vectors] | None = None,
        kept: Iterable[KeptGroup] = (),
    ) -> None:
        self._vectors = vectors
        self._needs: dict[str, _Need] = {}
        self._groups: list[_Group] = []
        self._sum: Vectors | None = None
        for group in kept:
            self._put_back(group)
        for need in needs:
            self.add(need)

    def _put_back(self, kept: KeptGroup) -> None:
        themes: frozenset[str] = frozenset()
        for need, vector in kept.needs:
            self._needs[need.id] = self._read(need, vector)
            themes = (
                themes & frozenset(need.themes) if themes and need.themes else themes | frozenset(need.themes)
            )
        ids = [need.id for need, _ in kept.needs]
        self._groups.append(_Group(kept.id, ids, themes, kept.was_joint))

    def kept(self) -> tuple[KeptGroup, ...]:
        """Return all groups as they are, to be put back later."""
        return tuple(
            KeptGroup(
                group.id,
                tuple((self._needs[need].profile, self._needs[need].vector) for need in group.needs),
                group.was_joint,
            )
            for group in self._groups
        )

    def add(self, need: Profile) -> Cluster:
        """Take one more need in and return the group that it is in; one known already changes nothing."""
        if need.id not in self._needs:
            self._needs[need.id] = self._read(need)
            self._groups.append(_Group(need.id, [need.id], frozenset(need.themes)))
            self._settle(self._groups[-1])
        return self.of(need.id)

    def withdraw(self, need: str) -> None:
        """Let a need count no more; its group stays, under its id, as long as it has any other."""
        group = self._group_of(need)
        group.needs.remove(need)
        vector = self._needs.pop(need).vector
        if self._sum is not None and vector is not None:
            self._sum = self._sum - vector
        if not group.needs:
            self._groups.remove(group)

    def of(self, need: str) -> Cluster:
        """Return the group of the need with that id; KeyError where there is none."""
        return self._shown(self._group_of(need))

    def joint(self) -> list[Cluster]:
        """Return the groups of needs of enough countries, the largest first, equals by age."""
        found = [self._shown(group) for group in self._groups]
        return sorted((one for one in found if one.is_joint), key=lambda one: -len(one.countries))

    def _read(self, need: Profile, vector: Vectors | None = None) -> "_Need":
        text = text_of(need)
        if vector is None and self._vectors:
            told = " ".join(word for word in text.split() if not FILLER.issuperset(tokens(word))) or text
            vector = self._vectors([told])[0]
        if vector is not None:
            self._sum = vector if self._sum is None else self._sum + vector
        words = telling(tokens(text))
        return _Need(need, tuple(words), tuple(map(stem, words)), vector)

    def _settle(self, group: "_Group") -> None:
        """Take *group* together with the groups that are most like it, until none is like enough."""
        near = [other for other in self._groups if group.may_join(other)]
        needs = [self._needs[need] for each in (*near, group) for need in each.needs]
        places = {need.profile.id: place for place, need in enumerate(needs)}
        like = self._likeness(needs)
        least = _SAME_MEANING if self._vectors else _SAME_WORDS
        while near:
            scores = [_between(group.places(places), other.places(places), like) for other in near]
            best = int(np.argmax(scores))
            if scores[best] < least:
                break
            group = self._united(near[best], group)
            near = [other for other in self._groups if group.may_join(other)]

    def _united(self, older: "_Group", newer: "_Group") -> "_Group":
        """Put two groups into one, under the name of the joint one, else of the older."""
        named = newer if newer.was_joint else older
        order = {need: place for place, need in enumerate(self._needs)}
        needs = sorted([*older.needs, *newer.needs], key=order.__getitem__)
        group = _Group(named.id, needs, older.shared_themes(newer), named.was_joint)
        if not group.was_joint:
            group.id = needs[0]
            group.was_joint = len(self._countries(group)) >= JOINT
        self._groups = [each for each in self._groups if each not in (older, newer)]
        self._groups.append(group)
        self._groups.sort(key=lambda each: order[each.needs[0]])
        return group

    def _likeness(self, needs: "Sequence[_Need]") -> Floats:
        """Return how like each other *needs* are, a row and a column each."""
        words = _shared_words(needs)
        if self._sum is None:
            return words
        usual = self._sum / (len(self._needs) + _UNUSUAL)
        vectors = np.array([need.vector for need in needs]) - usual
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
        return np.asarray(vectors @ vectors.T + _WORDS_SHARE * words, dtype=np.float64)

    def _group_of(self, need: str) -> "_Group":
        for group in self._groups:
            if need in group.needs:
                return group
        raise KeyError(need)

    def _countries(self, group: "_Group") -> tuple[str, ...]:
        found = (country for need in group.needs for country in _countries(self._needs[need].profile))
        return tuple(dict.fromkeys(found))

    def _shown(self, group: "_Group") -> Cluster:
        needs = [self._needs[need] for need in group.needs]
        return Cluster(
            id=group.id,
            needs=tuple(group.needs),
            countries=self._countries(group),
            themes=tuple(sorted(group.themes)),
            words=_words_of(needs),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Need:
    profile: Profile
    words: tuple[str, ...]
    stems: tuple[str, ...]
    vector: Vectors | None


@dataclass(slots=True, eq=False)
class _Group:
    id: str
    needs: list[str]
    themes: frozenset[str]
    """Shared by all; empty as long as none says any."""
    was_joint: bool = field(default=False)

    def may_join(self, other: "_Group") -> bool:
        if other is self or (self.was_joint and other.was_joint):
            return False
        return not self.themes or not other.themes or not self.themes.isdisjoint(other.themes)

    def shared_themes(self, other: "_Group") -> frozenset[str]:
        return self.themes & other.themes if self.themes and other.themes else self.themes | other.themes

    def places(self, by_need: Mapping[str, int]) -> list[int]:
        return [by_need[need] for need in self.needs]


def _between(one: Sequence[int], other: Sequence[int], like: Floats) -> float:
    pairs = like[np.ix_(one, other)]
    return float(_NEAREST * pairs.max() + _AVERAGE * pairs.mean())


def _shared_words(needs: Sequence[_Need]) -> Floats:
    """Return the TF-IDF cosine of each two by their words; what all of them say tells little."""
    postings = Postings([need.stems for need in needs])
    tf_idf(postings)
    terms = np.repeat(np.arange(len(postings.frequencies)), postings.frequencies)
    weights = np.zeros((len(needs), len(postings.frequencies)), dtype=np.float32)
    weights[postings.rows, terms] = postings.weights
    return np.asarray(weights @ weights.T, dtype=np.float64)


def _words_of(needs: Sequence[_Need]) -> tuple[str, ...]:
    """Return words whose stem at least two of *needs* hold, as the first of them has it."""
    counts = Counter(found for need in needs for found in set(need.stems))
    spelt: dict[str, str] = {}
    for need in needs:
        for found, word in zip(need.stems, need.words, strict=True):
            spelt.setdefault(found, word)
    shared = [found for found in spelt if counts[found] > 1]
    return tuple(spelt[found] for found in sorted(shared, key=lambda s: -counts[s])[:_SHOWN_WORDS])


def _countries(need: Profile) -> tuple[str, ...]:
    """Return who has the need: the country that asks, else those that it is for."""
    return (need.country,) if need.country else tuple(sorted(need.countries))
