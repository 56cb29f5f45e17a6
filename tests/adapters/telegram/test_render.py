import pytest

from adapters.telegram.render import to_caption, to_message
from bot.errors import Rejected, TooBig
from bot.markup import escape
from bot.messages import Attachment, Card, Choice, Field


def test_a_card_reads_heading_body_facts_and_small_print() -> None:
    card = Card(
        ref="c1",
        lang="en",
        heading="Next: <i>Opening</i>",
        body="Grand Ballroom, <b>level 3</b>\nTake the lift.\n",
        fields=(Field("Starts", "14:30, Bangkok time"), Field("Room", "<b>B2</b>")),
        note="Source: programme",
    )
    assert to_message(card).text == (
        "<b>Next: </b><b><i>Opening</i></b>\n"
        "Grand Ballroom, <b>level 3</b>\nTake the lift.\n\n"
        "Starts: 14:30, Bangkok time\nRoom: <b>B2</b>\n\n"
        "<i>Source: programme</i>"
    )


@pytest.mark.parametrize(
    "name", ["I <3 _you_ & *you*", "<b>bold</b>", "a &amp; b", "Tiếng Việt", "[x](y)", "'\""]
)
def test_markup_in_a_name_is_shown_as_it_was_typed(name: str) -> None:
    text = to_message(Card("c1", "en", body=escape(name))).text
    assert text == name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_what_is_escaped_with_quotes_is_escaped_once() -> None:
    assert to_message(Card("c1", "en", body="&#39;A&#34; &lt;3")).text == "'A\" &lt;3"


def test_buttons_stand_in_their_rows_and_carry_ref_and_number() -> None:
    rows = ((Choice("yes", "Yes <3"), Choice("no", "No")), (), (Choice("/menu", "Menu"),))
    assert to_message(Card("c1", "en", body="Sure?", choices=rows)).keyboard == [
        [{"text": "Yes <3", "callback_data": "c1:0"}, {"text": "No", "callback_data": "c1:1"}],
        [{"text": "Menu", "callback_data": "c1:2"}],
    ]


def test_a_ref_that_no_button_can_carry_is_rejected() -> None:
    fits = Card("r" * 62, "en", body="x", choices=((Choice("a", "A"),),))
    assert len(to_message(fits).keyboard[0][0]["callback_data"]) == 64
    with pytest.raises(Rejected):
        to_message(Card("r" * 63, "en", body="x", choices=((Choice("a", "A"),),)))


def test_the_length_is_counted_as_it_is_read() -> None:
    assert len(to_message(Card("c1", "en", body="&lt;" * 4096)).text) == 4 * 4096
    with pytest.raises(TooBig):
        to_message(Card("c1", "en", body="&lt;" * 4097))


def test_a_caption_ends_with_the_description_of_the_picture() -> None:
    picture = Attachment("map.png", "image/png", b"png", "Map: lift & stairs")
    assert to_caption(Card("c1", "en", body="Room B2", attachment=picture)).text == (
        "Room B2\n\n<i>Map: lift &amp; stairs</i>"
    )
