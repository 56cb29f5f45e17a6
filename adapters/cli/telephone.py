"""The list of whom to telephone, as a table that a spreadsheet opens."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from adapters.cli import table

if TYPE_CHECKING:
    from bot.announcement_commands import Missing
    from knowledge.vocabulary import Vocabulary

COLUMNS = ("name", "country", "email", "channel", "state", "cause")


def to_csv(people: "Iterable[Missing]", vocabulary: "Vocabulary") -> str:
    """Return *people* as CSV with a heading; no cell of it is run as a formula."""
    rows = (
        (
            one.name,
            vocabulary.world_name(one.country, "en") if one.country else None,
            *(one.email, one.channel, one.state, one.cause),
        )
        for one in people
    )
    return table.to_csv(COLUMNS, rows)
