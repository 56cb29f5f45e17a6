"""The same need in several countries, as the secretariat looks for joint projects."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.commands import Statement
from bot.fitting import profile_of
from bot.live import Live
from knowledge.snapshot import Snapshot
from matching.clusters import Clusters


@dataclass(frozen=True, slots=True)
class JointNeed:
    """Needs that one project may serve: the *statements*, whose *countries* (ISO3), and the *themes* all share."""

    statements: tuple[Statement, ...]
    countries: tuple[str, ...]
    themes: tuple[str, ...]


def joint_needs(live: Iterable[Live], know: Snapshot) -> tuple[JointNeed, ...]:
    """Return what enough countries need among the open needs *live*, that of the most countries first."""
    known = {one.statement.number: one.statement for one in live}
    profiles = tuple(profile_of(statement, know) for statement in known.values())
    clusters = Clusters(profiles, vectors=know.encoder.encode if know.encoder else None)
    return tuple(
        JointNeed(tuple(known[number] for number in found.needs), found.countries, found.themes)
        for found in clusters.joint()
    )
