"""Tables that a spreadsheet opens."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet would take for the beginning of a formula."""


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> str:
    """Return *rows* as CSV under *columns*; no cell of it is run as a formula."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(columns)
    for row in rows:
        table.writerow(map(_cell, row))
    return written.getvalue()


def _cell(value: str | None) -> str:
    text = value or ""
    return f"'{text}" if text.startswith(FORMULA) else text
