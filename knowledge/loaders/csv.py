"""Tables: comma-separated text in UTF-8, a header first, lists separated by semicolons."""

import csv
import io
from collections.abc import Iterator, Sequence

from knowledge.loaders.fields import Fields
from knowledge.problems import Findings, instead, quoted

Row = tuple[int, list[str]]
"""A row's number, as a spreadsheet counts, and its cells."""


def records(
    file: str,
    content: bytes | None,
    found: Findings,
    *,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    may_be_empty: bool = False,
) -> Iterator[Fields]:
    """
    Yield the rows of a table, in order, blank ones left out.

    Rows count as in a spreadsheet: the header is row 1. A missing or unknown column, a row of
    the wrong length and text that is not UTF-8 are noted in *found*; when the header does not
    have all of *columns*, no row is read.
    """
    table = rows(file, content, found) if content is not None else None
    if table is not None:
        yield from checked(file, table, found, columns, optional, may_be_empty)


def rows(file: str, content: bytes, found: Findings, separator: str = ",") -> list[Row] | None:
    """Return the rows of a table that are not blank, and the header; None, with a problem, if it cannot be read."""
    text = decoded(file, content, found)
    if text is None:
        return None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [row for row in enumerate(reader, start=1) if row[0] == 1 or any(map(str.strip, row[1]))]
    except csv.Error as exc:
        right = "put text with commas or line ends in double quotation marks, and close them"
        found.add(file, reader.line_num, None, wrong=f"the line cannot be read ({exc})", right=right)
        return None


def checked(
    file: str,
    table: Sequence[Row],
    found: Findings,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    may_be_empty: bool = False,
) -> Iterator[Fields]:
    """Yield the records of *table*, whose first row is its header; see `records`."""
    header = [name.strip() for name in table[0][1]] if table else []
    if not _is_right(file, header, found, columns, optional):
        return
    if len(table) == 1 and not may_be_empty:
        found.add(file, 1, None, wrong="there is no row under the header", right="add some")
    for row, cells in table[1:]:
        yield from _record(file, row, header, cells, found)


def decoded(file: str, content: bytes, found: Findings) -> str | None:
    """Return *content* as text without a byte-order mark; None, with a problem, if not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        row = content.count(b"\n", 0, exc.start) + 1
        wrong = "the text is not in UTF-8 from here on"
        right = "save the file again as UTF-8 (in a spreadsheet: “CSV UTF-8”)"
        found.add(file, row, None, wrong=wrong, right=right)
        return None


def unique(fields: Fields, column: str, key: str, seen: dict[str, int | None]) -> bool:
    """Say whether *key* is new to *seen*, where it is put; note a problem when it is not."""
    if key in seen:
        wrong = f"{quoted(key)} was used before, in row {seen[key]}"
        fields.wrong(column, wrong, "every row needs its own")
        return False
    seen[key] = fields.row
    return True


def _is_right(
    file: str,
    header: Sequence[str],
    found: Findings,
    columns: Sequence[str],
    optional: Sequence[str],
) -> bool:
    known = [*columns, *optional]
    for name in header:
        if name not in known:
            wrong = "this column is not known here"
            found.add(file, 1, name, wrong=wrong, right=instead(name, known))
        elif header.count(name) > 1:
            found.add(file, 1, name, wrong="this column is there twice", right="keep one of them")
    missing = [name for name in columns if name not in header]
    for name in missing:
        right = f"the header must be: {','.join(columns)}"
        found.add(file, 1, name, wrong="this column is missing", right=right)
    return not missing


def _record(
    file: str, row: int, header: Sequence[str], cells: Sequence[str], found: Findings
) -> Iterator[Fields]:
    if len(cells) != len(header):
        wrong = f"the row has {len(cells)} cells, the header {len(header)}"
        right = "put text that has a comma in it in double quotation marks"
        found.add(file, row, None, wrong=wrong, right=right)
        return
    yield Fields(file, dict(zip(header, cells, strict=True)), found, row)
