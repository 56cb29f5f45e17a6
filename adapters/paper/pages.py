"""Draws letters and cards as a PDF."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bot.markup import plain
from bot.messages import Card

Layout = Literal["letter", "card"]
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    One paper: for whom it is (their name, then whatever tells them from others), what it says, and its code.

    *scanned* is the address in the square code; empty where there is none.
    """

    person: tuple[str, ...]
    card: Card
    scanned: str = ""


def to_pdf(layout: Layout, sheets: Sequence[Sheet]) -> bytes:
    """
    Return *sheets* as a PDF on A4: a page each as letters, eight to a page as cards.

    People's own words are values in it, never instructions. The fonts are the machine's.
    """
    import typst  # It takes a while to load.

    # Read by the drawing itself as data: no name can be taken for a part of it.
    data = json.dumps([_drawn(sheet) for sheet in sheets], ensure_ascii=False)
    drawing = (FOLDER / f"{layout}.typ").read_bytes()
    written: Any = typst.compile(drawing, format="pdf", sys_inputs={"sheets": data})
    return bytes(written)


def _drawn(sheet: Sheet) -> dict[str, Any]:
    card = sheet.card
    return {
        "lang": card.lang,
        "person": sheet.person,
        "heading": plain(card.heading),
        "body": [line for line in plain(card.body).split("\n") if line],
        "fields": [[plain(field.label) + card.colon, plain(field.value)] for field in card.fields],
        "square": square(sheet.scanned) if sheet.scanned else "",
    }


def square(text: str) -> str:
    """Return *text* as the square code that a camera reads, an SVG; it bears the loss of a sixth."""
    import segno

    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=4, xmldecl=False)
    return drawn.getvalue().decode()
