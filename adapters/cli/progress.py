"""How an announcement stands, for people who read it in a terminal and for machines."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.announcement_commands import Progress


def line(progress: "Progress") -> str:
    """Return how far it has come, and what failed."""
    words = [f"{progress.states.get('sent', 0)} of {progress.recipients} delivered"]
    words += [f"{count} {state}" for state, count in sorted(progress.states.items()) if state != "sent"]
    words += [f"{count} {cause}" for cause, count in sorted(progress.causes.items())]
    return ", ".join(words)


def whole(progress: "Progress") -> list[str]:
    """Return all that is known of one announcement, line by line."""
    lines = [
        f"{progress.number}  {progress.kind}, {progress.stage}, by {progress.created_by}",
        f"“{short(progress.text, 200)}”",
        line(progress),
    ]
    if progress.rate:
        left = f", about {progress.left} left" if progress.left is not None else ""
        lines.append(f"{progress.rate:.1f} a second{left}")
    if progress.changes:
        lines.append(
            f"{progress.changes} still to be {'taken back' if progress.state == 'withdrawn' else 'corrected'}"
        )
    if progress.confirmed:
        lines.append(f"{progress.confirmed} confirmed")
    for (channel, lang), states in progress.places.items():
        counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        lines.append(f"  {channel}, {lang}: {counts}")
    return lines


def as_json(progress: "Progress") -> dict[str, Any]:
    """Return all that is known of one announcement as JSON values; *left* is in seconds."""
    values = asdict(progress)
    places = [
        {"channel": channel, "language": lang, **states}
        for (channel, lang), states in progress.places.items()
    ]
    left = progress.left.total_seconds() if progress.left is not None else None
    at = progress.starts_at.isoformat() if progress.starts_at else None
    told = {"state": progress.stage, "places": places, "left": left, "starts_at": at, "over": progress.over}
    return {**values, **told}


def short(text: str, length: int = 60) -> str:
    """Return the beginning of *text* on one line."""
    return " ".join(text.split())[:length]
