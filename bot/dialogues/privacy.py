"""What is kept about a participant, why, until when, and who sees it."""

from datetime import timedelta

from bot.dialogue import Dialogue, Move, Turn, finish, say


def show(turn: Turn) -> Move:
    """Show it, with the dates on which each kind of record ends."""
    forum = turn.know.forum
    until = {kind: forum.ends + timedelta(days=days) for kind, days in forum.retention.items()}
    return finish(
        say(
            "privacy/privacy",
            messages=until.get("messages"),
            statements=until.get("needs_and_offers"),
            audit=until.get("audit"),
        )
    )


PRIVACY = Dialogue("privacy", show)
