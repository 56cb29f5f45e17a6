"""Letters and cards on paper."""

import re
import xml.etree.ElementTree as ET

import pytest

from adapters.paper.pages import Layout, Sheet, square, to_pdf
from bot.messages import Card, Field

HOSTILE = '#panic("no") *b* $x$ <l> @ref \\ "] } `raw` // é สวัสดี 中文'
PAGES = re.compile(rb"/Type/Pages/Count (\d+)")


def sheet(scanned: str = "") -> Sheet:
    card = Card(
        "", "en", heading="&lt;b&gt; <b>x</b>", body=f"one\n\n{HOSTILE}", fields=(Field("Code", HOSTILE),)
    )
    return Sheet((HOSTILE, HOSTILE), card, scanned)


@pytest.mark.parametrize("layout", ["letter", "card"])
def test_what_people_are_called_is_drawn_and_never_obeyed(layout: Layout) -> None:
    pdf = to_pdf(layout, [sheet("https://forum.example/link/x"), sheet()])
    assert pdf.startswith(b"%PDF-")


def test_eight_cards_share_a_page_and_letters_have_one_each() -> None:
    def pages(layout: Layout, count: int) -> int:
        (found,) = PAGES.findall(to_pdf(layout, [sheet()] * count))
        return int(found)

    assert [pages("card", 8), pages("card", 9), pages("letter", 3)] == [1, 2, 3]


def test_a_square_code_is_an_image_of_squares() -> None:
    drawn = ET.fromstring(square("https://t.me/forum_bot?start=" + "x" * 43))  # noqa: S314 - our own
    assert (drawn.tag, int(drawn.attrib["width"]) > 30) == ("{http://www.w3.org/2000/svg}svg", True)
