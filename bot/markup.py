"""
The neutral markup in which every card is written: escaped text, `<b>`, `<i>`, and line breaks.

Templates write it (values are escaped on the way in), adapters read it through `spans` and write their own.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

TAG = re.compile(r"</?[bi]>")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of plain, unescaped text in one style."""

    text: str
    bold: bool = False
    italic: bool = False


def spans(markup: str) -> Iterator[Span]:
    """Yield the styled runs of *markup* in reading order, empty ones left out."""
    bold = italic = False
    start = 0
    for tag in TAG.finditer(markup):
        if tag.start() > start:
            yield Span(html.unescape(markup[start : tag.start()]), bold, italic)
        match tag[0]:
            case "<b>" | "</b>":
                bold = tag[0] == "<b>"
            case _:
                italic = tag[0] == "<i>"
        start = tag.end()
    if start < len(markup):
        yield Span(html.unescape(markup[start:]), bold, italic)


def plain(markup: str) -> str:
    """Return the words of *markup* without any style."""
    return "".join(span.text for span in spans(markup))


def escape(text: str) -> str:
    """Return *text* as markup that shows exactly these characters."""
    return html.escape(text, quote=False)
