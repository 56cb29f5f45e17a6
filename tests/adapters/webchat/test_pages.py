"""How cards read as HTML."""

import pytest

from adapters.webchat.pages import inline, linked, standing
from bot.messages import Card
from tests.adapters.webchat.standin import Line


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("Room <b>B</b>, <i>first</i> floor", "Room <strong>B</strong>, <em>first</em> floor"),
        ("<b><i>both</i></b>", "<strong><em>both</em></strong>"),
        ("A &lt;b&gt; &amp; C", "A &lt;b&gt; &amp; C"),
        ("", ""),
    ],
)
def test_the_neutral_markup_becomes_html(markup: str, html: str) -> None:
    assert inline(markup) == html


@pytest.mark.parametrize(
    ("text", "linked_part", "rest"),
    [
        ("https://example.org/a?b=1&c=2.", "https://example.org/a?b=1&amp;c=2", "."),
        ("https://example.org。然后", "https://example.org", "。然后"),
        ("https://example.org/<x>", "https://example.org/", "&lt;x&gt;"),
    ],
)
def test_a_web_address_becomes_a_link_without_the_sentence_around_it(
    text: str, linked_part: str, rest: str
) -> None:
    link = f'<a href="{linked_part}" target="_blank" rel="noopener noreferrer">{linked_part}</a>'
    assert linked(text) == link + rest


def test_only_web_addresses_become_links() -> None:
    assert linked("javascript:alert(1) file:///etc/passwd") == "javascript:alert(1) file:///etc/passwd"


def test_a_card_whose_predecessor_is_gone_stands_at_the_end() -> None:
    lines = [
        Line(1, card=Card("a", "en")),
        Line(2, heard="hello"),
        Line(3, card=Card("b", "en"), replaces="x"),
    ]
    assert standing(lines) == lines
