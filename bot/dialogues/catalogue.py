"""What the searches for providers and for good practices have in common: a page of hits, and the filters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bot import looking
from bot.fitting import told
from bot.profile_commands import Listed
from knowledge.catalogue import Provider
from knowledge.seeking import entry, places_of
from knowledge.snapshot import Snapshot
from matching.partners import Suggestion

REASONS = frozenset({"text", "theme", "modality", "country_named", "worked_with", "practice", "replicated"})
"""Why something is found; what the other reasons compare nobody has asked for."""
TOLD = 2
VALUES = 12
"""Values of a filter that are offered."""


def listed(
    found: Sequence[Suggestion],
    look: looking.Look,
    know: Snapshot,
    people: Mapping[str, Listed] | None = None,
) -> dict[str, Any]:
    """Return a page of what was *found* as its template takes it; *people* are those of the network by number."""
    shown = found[look.start : look.start + looking.SHOWN]
    rest = len(found) - look.start - len(shown)
    return {
        "hits": [hit(one, look, know, people or {}) for one in shown],
        "count": len(found),
        "rest": max(0, rest),
    }


def hit(
    found: Suggestion, look: looking.Look, know: Snapshot, people: Mapping[str, Listed]
) -> dict[str, Any]:
    """Return one of them, with the strongest reasons."""
    reasons = [reason for reason in found.reasons if reason.kind in REASONS]
    return {
        "item": entry(found.id, know),
        "listed": people.get(found.id),
        "reasons": told(reasons, look.sought.text)[:TOLD],
        "verified": found.verified,
    }


def values_of(by: str, found: Sequence[Suggestion], know: Snapshot) -> list[str]:
    """Return the values by which *found* can be filtered, the most frequent first; all of them where there is none."""
    counted: Counter[str] = Counter()
    for one in found:
        item = entry(one.id, know)
        if item is None:
            continue
        match by:
            case "theme":
                counted.update(item.themes if isinstance(item, Provider) else [item.theme])
            case "form":
                counted.update(item.modalities if isinstance(item, Provider) else [item.modality])
            case _:
                counted.update(iso3 for iso3 in places_of(item, know) if know.vocabulary.is_member(iso3))
    everything = {"theme": know.vocabulary.themes, "form": know.vocabulary.modalities}.get(by, {})
    return [value for value, _ in counted.most_common(VALUES)] or list(everything)
