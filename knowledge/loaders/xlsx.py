"""Spreadsheets as Excel writes them: the first sheet's cells as text."""

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from knowledge.loaders.csv import Row
from knowledge.problems import Findings

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

SIGNATURE = b"PK\x03\x04"
"""The first bytes of such a file."""
OLD = b"\xd0\xcf\x11\xe0"
"""The first bytes of what older programs wrote, and of files with a password."""
MOST_BYTES = 100_000_000
"""What a file may unpack to."""
MOST_ROWS, MOST_COLUMNS = 20_000, 500
SAVE_AGAIN = "save it again as “Excel workbook (.xlsx)”, without a password"


class _Unfit(Exception):
    """A spreadsheet that can be opened and is no list: what is wrong, and what would be right."""


# What openpyxl raises for a file that is broken in one of a hundred ways; none of it is its own kind of error.
BROKEN: tuple[type[Exception], ...] = (
    *(
        ArithmeticError,
        AssertionError,
        AttributeError,
        EOFError,
        LookupError,
        OSError,
        RuntimeError,
        TypeError,
    ),
    *(ValueError, zipfile.BadZipFile, zlib.error, ParseError),
)


def rows(file: str, content: bytes, found: Findings) -> list[Row] | None:
    """
    Return the rows of the first visible sheet that are not blank, and its first; None, with a problem, if unreadable.

    A cell with a formula has the value that was last worked out; every row has as many cells as the widest.
    """
    try:
        return _even(_read(content))
    except _Unfit as exc:
        wrong, right = exc.args
    except BROKEN:
        wrong, right = "this is not a spreadsheet that can be read", SAVE_AGAIN
    found.add(file, None, None, wrong=wrong, right=right)
    return None


def _read(content: bytes) -> list[Row]:
    from openpyxl import load_workbook  # It takes a fifth of a second to load.

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_BYTES:
            raise _Unfit("it unpacks to more than any registration list", "save the list only")
    with warnings.catch_warnings(action="ignore"):  # Of styles and drop-down lists that it leaves out.
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        table = list(_cells(book))
    if len(table) > MOST_ROWS:
        raise _Unfit(f"there are more than {MOST_ROWS} rows", "split the list")
    return table


def _cells(book: "Workbook") -> Iterator[Row]:
    """Yield the rows of the first visible sheet; no more than one too many."""
    sheet: Any = next(
        (sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), book.worksheets[0]
    )
    sheet.reset_dimensions()  # What a file says of its own size is often wrong.
    read = 0
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1):
        texts = [_text(cell) for cell in cells]
        if number == 1 or any(texts):
            yield number, texts
            read += 1
        if read > MOST_ROWS or number > 2 * MOST_ROWS:
            return


def _even(table: list[Row]) -> list[Row]:
    """Return *table* with rows that all end where the last value of the longest does."""
    widest = max((_width(cells) for _, cells in table), default=0)
    return [(number, [*cells, *[""] * widest][:widest]) for number, cells in table]


def _width(cells: list[str]) -> int:
    return max((place for place, cell in enumerate(cells, start=1) if cell), default=0)


def _text(value: object) -> str:
    """Return what stands in a cell, as a person would type it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value).strip()
