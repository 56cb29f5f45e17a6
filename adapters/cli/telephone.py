"""The list of whom to telephone, as a table that a spreadsheet opens."""

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.announcement_commands import Missing
    from knowledge.vocabulary import Vocabulary

COLUMNS = ("name", "country", "email", "channel", "state", "cause")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet would take for the beginning of a formula."""


def to_csv(people: "Iterable[Missing]", vocabulary: "Vocabulary") -> str:
    """Return *people* as CSV with a heading; no cell of it is run as a formula."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    for one in people:
        country = vocabulary.world_name(one.country, "en") if one.country else None
        table.writerow(map(_cell, (one.name, country, one.email, one.channel, one.state, one.cause)))
    return written.getvalue()


def _cell(value: str | None) -> str:
    text = value or ""
    return f"'{text}" if text.startswith(FORMULA) else text
