"""Suggests who can help with a need, or whom an offer can help, and says why and why not."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.eligibility import kept_out
from matching.encoder import Encode, Encoder
from matching.evidence import POINTS, SUBSTANCE, most, rough, shares, text_of, text_shares, total
from matching.facets import UNVERIFIED_SHARE, Given, Mask, Rows, positions
from matching.meaning import Meaning, blended, document, learn
from matching.postings import Floats, Weights
from matching.profiles import Kind, Profile
from matching.reasons import Reason, asked_for, common, excluded, strongest
from matching.search import best_places

__all__ = ["Partners", "Reason", "Standing", "Suggestion"]

# Less than this share of the best fit in words is no common subject.
_SOME = 0.15
_HALF = 0.5
_LEAST_POINTS = 0.5
_SHOWN_WORDS = 5
_SHOWN_PRACTICES = 3
# So many are compared in every way: those that share most of the subject.
_COMPARED = 1_000
_SAMPLED = 16
# Who was asked this often today loses so many points for each time, up to a limit.
_OFTEN = 3
_POINTS_EACH, _MOST_POINTS = 2.0, 10.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A profile that fits, its score from 0 to 100, and why, the strongest reason first."""

    id: str
    kind: Kind
    score: float
    reasons: tuple[Reason, ...]
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a profile stands among the suggestions for a need, and what kept it from standing higher."""

    id: str
    rank: int | None
    """1 for the best; None for one that is not suggested at all."""
    score: float
    """0 to 100; 0 for one that is not suggested."""
    last_shown: Suggestion | None
    """The last of those that are shown; None when nobody is."""
    reasons: tuple[Reason, ...]
    """As `Partners.why_not` gives them."""

    @property
    def behind(self) -> float:
        """Points that the last one shown has more; 0 for one that is shown."""
        return round(max((self.last_shown.score if self.last_shown else 0) - self.score, 0), 2)


class Partners:
    """
    Profiles given, to be suggested to whoever wants something of them.

    *subregions* maps a country's ISO3 to the id of its subregion, as in the profiles' regions.
    """

    def __init__(self, given: Iterable[Profile], *, subregions: Mapping[str, str] | None = None) -> None:
        self._given = Given(given, subregions or {})
        self._added: Given | None = None

    def with_(self, profiles: Iterable[Profile]) -> "Partners":
        """
        Return the same with *profiles* besides, found at once; one with a known id takes its place.

        Meant for what arrives while the assistant runs, up to some hundreds: what was given
        before is shared, not built again.
        """
        added = {profile.id: profile for profile in (self._added.profiles if self._added else ())}
        added |= {profile.id: profile for profile in profiles}
        other = Partners.__new__(Partners)
        other._given = self._given
        other._added = Given(added.values(), self._given.subregions, self._given)
        meaning = self._given.meaning
        if meaning and added:
            _learn(other._added, meaning.encoder, meaning.encoder.encode)
        return other

    def learn(self, encoder: Encoder, advance: Callable[[int], None] | None = None) -> None:
        """
        Learn what the profiles mean, which *encoder* may have kept: then other languages find them too.

        Takes some milliseconds a profile; may run in another thread while this one suggests.
        """
        for layer in self._layers:
            _learn(layer, encoder, encoder.kept, advance)

    def suggest(
        self,
        wanted: Profile,
        *,
        limit: int = 5,
        kinds: Collection[Kind] | None = None,
        asked: Mapping[str, int] | None = None,
    ) -> list[Suggestion]:
        """
        Return who fits *wanted*, best first, at most *limit*; equal scores in the order of ids.

        Without *kinds* a need gets providers, practices and offers, and anything else needs.
        Profiles that nobody verified get less and say so; so do those *asked* often today, a
        mapping of ids to how many times.
        """
        found = [
            suggestion for fits in self._fits(wanted, kinds, asked or {}) for suggestion in fits.best(limit)
        ]
        return sorted(found, key=lambda suggestion: (-suggestion.score, suggestion.id))[:limit]

    def why_not(self, wanted: Profile, id: str) -> tuple[Reason, ...]:  # noqa: A002
        """
        Return what kept the profile *id* out of the suggestions or low, the worst first.

        Empty when it fits in every way. An id that was not given raises KeyError.
        """
        return self._fit_of(wanted, id).missed(id)

    def standing(self, wanted: Profile, id: str, *, shown: int = 3) -> Standing:  # noqa: A002
        """Return where the profile *id* stands for *wanted*, *shown* being shown; KeyError for an unknown id."""
        kind = self._fit_of(wanted, id).given
        place = kind.places[id]
        ranked = self.suggest(wanted, limit=self._size, kinds={kind.profiles[place].kind})
        rank = next((n for n, suggestion in enumerate(ranked, start=1) if suggestion.id == id), None)
        score = ranked[rank - 1].score if rank else 0.0
        last = ranked[:shown][-1] if ranked else None
        return Standing(id, rank, score, last, self.why_not(wanted, id))

    @property
    def _layers(self) -> tuple[Given, ...]:
        return (self._given, self._added) if self._added else (self._given,)

    @property
    def _size(self) -> int:
        return sum(map(len, self._layers))

    def _fit_of(self, wanted: Profile, id: str) -> "_Fits":  # noqa: A002
        every = self._fits(wanted, None, {}, with_id=id)
        return next(fits for fits in reversed(every) if id in fits.given.places)

    def _fits(
        self,
        wanted: Profile,
        kinds: Collection[Kind] | None,
        asked: Mapping[str, int],
        *,
        with_id: str | None = None,
    ) -> list["_Fits"]:
        """Return for each layer how well its profiles fit, that *with_id* among them; KeyError when none has it."""
        layers = self._layers
        if with_id is not None and not any(with_id in layer.places for layer in layers):
            raise KeyError(with_id)
        text = text_of(wanted)
        query = self._given.texts.read(text, self._added.texts if self._added else None)
        scores = [blended(layer.texts.scores(query), query, text, layer.meaning) for layer in layers]
        fits: list[_Fits] = []
        # Those added first: their practices speak for whoever was given before.
        for layer, own in reversed([*zip(layers, text_shares(scores), strict=True)]):
            proven = fits[0].proven_in_base() if fits else {}
            fits.insert(0, _Fits(wanted, layer, own, self._out(wanted, layer, kinds), asked, with_id, proven))
        return fits

    def _out(self, wanted: Profile, layer: Given, kinds: Collection[Kind] | None) -> dict[str, Mask]:
        out = kept_out(wanted, layer, kinds)
        if self._added and layer is self._given:
            replaced = [layer.places[id_] for id_ in self._added.places if id_ in layer.places]
            out["replaced"] = ~layer.everyone()
            out["replaced"][replaced] = True
        return out


_Proven = Mapping[int, Sequence[tuple[float, str]]]
"""For places of profiles the practices that speak for them: how well each fits, and its id, the best first."""


class _Fits:
    """How well the likeliest of the profiles *given* fit *wanted*, part by part."""

    def __init__(
        self,
        wanted: Profile,
        given: Given,
        text: Weights,
        out: Mapping[str, Mask],
        asked: Mapping[str, int],
        with_id: str | None,
        proven: "_Proven",
    ) -> None:
        self.wanted = wanted
        self.given = given
        self._out = out
        self._asked = asked
        self._allowed = given.everyone()
        for mask in out.values():
            self._allowed &= ~mask
        self._proven = proven
        besides = [*proven, *([given.places[with_id]] if with_id in given.places else [])]
        self._rows = _likeliest(wanted, given, text, self._allowed, besides)
        self._parts = shares(wanted, given, self._rows, text)
        for place, practices in proven.items() if "practice" in self._parts else ():
            at = int(np.searchsorted(self._rows, place))
            self._parts["practice"][at] = max(self._parts["practice"][at], practices[0][0])
        self._most = most(self._parts)

    def proven_in_base(self) -> "_Proven":
        """Return for the places of the base what practices given here speak for them."""
        said = {part: share for part, share in self._parts.items() if part not in ("practice", "replicated")}
        fits = total(said, len(self._rows))
        found: dict[int, list[tuple[float, str]]] = {}
        for practice, carrier in self.given.carriers_in_base:
            at, is_compared = positions(np.array([practice]), self._rows)
            if is_compared[0] and (fit := float(fits[at[0]])) > 0:
                found.setdefault(carrier, []).append((fit, self.given.profiles[practice].id))
        return {place: sorted(own, key=lambda pair: (-pair[0], pair[1])) for place, own in found.items()}

    def best(self, limit: int) -> list[Suggestion]:
        """Return the suggestions, best first, equal scores in the order of ids."""
        return [self._suggestion(at, float(self._scores[at])) for at in best_places(self._scores, limit)]

    def missed(self, id: str) -> tuple[Reason, ...]:  # noqa: A002
        """Return what keeps the profile *id* out or low, the worst first."""
        place = self.given.places[id]
        profile = self.given.profiles[place]
        out = [
            Reason(kind, excluded(kind, self.wanted, profile), 100.0)
            for kind, mask in self._out.items()
            if mask[place]
        ]
        at = int(np.searchsorted(self._rows, place))
        low = [
            Reason(f"no_{part}", asked_for(part, self.wanted), self._points(part, 1 - float(share[at])))
            for part, share in self._parts.items()
            if share[at] < _HALF
        ]
        if not profile.verified:
            low.append(Reason("unverified", (), 100 * round(1 - UNVERIFIED_SHARE, 2)))
        return (*out, *sorted(low, key=strongest))

    @cached_property
    def _scores(self) -> Floats:
        rows = self._rows
        scores = 100 * total(self._parts, len(rows)) * self.given.trust[rows]
        for at, points in self._penalties.items():
            scores[at] = max(scores[at] - points, 0)
        return np.round(scores, 2) * (self._allowed[rows] & _has_substance(self._parts, len(rows)))

    @cached_property
    def _penalties(self) -> dict[int, float]:
        """Points that those asked often lose, by their place among the rows."""
        places = {self.given.places[id_]: n for id_, n in self._asked.items() if id_ in self.given.places}
        at = {int(row): position for position, row in enumerate(self._rows)} if places else {}
        return {
            at[place]: min((times - _OFTEN + 1) * _POINTS_EACH, _MOST_POINTS)
            for place, times in places.items()
            if place in at and times >= _OFTEN
        }

    def _suggestion(self, at: int, score: float) -> Suggestion:
        profile = self.given.profiles[self._rows[at]]
        reasons = [
            Reason(part, self._found(part, at), points)
            for part, share in self._parts.items()
            if (points := self._points(part, float(share[at]))) >= _LEAST_POINTS
        ]
        busy = self._penalties.get(at, 0.0)
        if not profile.verified:
            lost = (score + busy) / UNVERIFIED_SHARE - score - busy
            reasons.append(Reason("unverified", (), -round(lost, 2)))
        if busy:
            reasons.append(Reason("often_asked", (str(self._asked[profile.id]),), -busy))
        ordered = tuple(sorted(reasons, key=strongest))
        return Suggestion(profile.id, profile.kind, score, ordered, profile.verified)

    def _points(self, part: str, share: float) -> float:
        return round(100 * POINTS[part] * share / self._most, 2)

    def _found(self, part: str, at: int) -> tuple[str, ...]:
        """Return what the two sides have in common in *part*."""
        place = int(self._rows[at])
        if part == "text":
            return tuple(self.given.texts.shared(text_of(self.wanted), place, limit=_SHOWN_WORDS))
        if part == "practice":
            return self._evidence_of(place)
        return common(part, self.wanted, self.given, place)

    def _evidence_of(self, place: int) -> tuple[str, ...]:
        """Return the ids of the practices that speak most for the profile at *place*."""
        substance = {part: share for part, share in self._parts.items() if part in SUBSTANCE}
        fits = total(substance, len(self._rows))
        own = self.given.practices.of_one(place)
        at, is_compared = positions(own, self._rows)
        ranked = own[np.argsort(np.where(is_compared, -fits[at], 0), kind="stable")]
        given = (self.given.profiles[practice].id for practice in ranked)
        return (*(id_ for _, id_ in self._proven.get(place, ())), *given)[:_SHOWN_PRACTICES]


def _likeliest(wanted: Profile, given: Given, text: Weights, allowed: Mask, besides: Sequence[int]) -> Rows:
    """Return the places, in their order, of those worth comparing in every way, those *besides* among them."""
    if len(given) <= _COMPARED:
        return np.arange(len(given))
    points = rough(wanted, given, text)
    # A practice speaks for those who carried it out, even where practices are not asked for.
    points *= allowed | given.kinds.any_of({"practice"})
    points *= given.trust
    places = _highest(points)
    if not len(places):
        places = np.flatnonzero(allowed)[:_COMPARED]
    _, carriers = given.carriers.of(places)
    is_taken = ~given.everyone()
    is_taken[places] = is_taken[carriers] = True
    is_taken[list(besides)] = True
    return np.flatnonzero(is_taken)


def _highest(points: Weights) -> Rows:
    """Return where about the `_COMPARED` highest positive *points* are, found among those above a sample's."""
    sample = points[::_SAMPLED]
    sampled = min(2 * _COMPARED // _SAMPLED, len(sample))
    rows = np.flatnonzero(points >= np.partition(sample, -sampled)[-sampled])
    return rows[best_places(points[rows], _COMPARED)]


def _learn(
    layer: Given, encoder: Encoder, encode: Encode, advance: Callable[[int], None] | None = None
) -> None:
    layer.meaning = Meaning(encoder, len(layer))
    learn(layer.meaning, [document(p.texts.values()) for p in layer.profiles], encode, advance)


def _has_substance(parts: Mapping[str, Floats], count: int) -> Mask:
    """Return who shares a subject with the wanted; all where the wanted names none."""
    said = [parts[part] for part in SUBSTANCE if part in parts]
    if not said:
        return np.ones(count, dtype=np.bool_)
    return np.asarray(np.max(said, axis=0) > _SOME)
