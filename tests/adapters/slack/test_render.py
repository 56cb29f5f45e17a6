"""Cards in Slack's blocks."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import render
from adapters.slack.render import Renderer, escape, to_modal, to_summary
from bot.errors import TooBig
from bot.markup import escape as value
from bot.messages import Card, Choice, Field, Form, FormField
from tests.loopback.slack_limits import problems


def card(**parts: object) -> Card:
    return Card("r1", "en", **parts)  # type: ignore[arg-type]


def texts(blocks: list[dict[str, object]]) -> str:
    return json.dumps(blocks, ensure_ascii=False)


def test_a_card_reads_heading_body_facts_buttons_note() -> None:
    whole = card(
        heading="Room B, first floor",
        body="Session 2 starts in <b>3 minutes</b>.",
        fields=(Field("Step-free", "yes"),),
        choices=(
            (Choice("plan", "Floor plan"), Choice("else", "I am somewhere else")),
            (Choice("/desk", "Desk"),),
        ),
        note="secretariat, 10:12",
    )
    assert Renderer().to_message(whole) == {
        "text": "Room B, first floor\nSession 2 starts in 3 minutes.\nStep-free: yes\nsecretariat, 10:12",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "Room B, first floor"}},
            {"type": "section", "text": mrkdwn("Session 2 starts in *3 minutes*.")},
            {"type": "section", "fields": [mrkdwn("*Step-free*\nyes")]},
            {
                "type": "actions",
                "elements": [
                    button("r1:0", "Floor plan", "plan"),
                    button("r1:1", "I am somewhere else", "else"),
                ],
            },
            {"type": "actions", "elements": [button("r1:2", "Desk", "/desk")]},
            {"type": "context", "elements": [mrkdwn("secretariat, 10:12")]},
        ],
    }


def mrkdwn(text: str) -> dict[str, object]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def button(action: str, label: str, choice: str) -> dict[str, object]:
    return {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": label},
        "value": choice,
    }


def test_a_long_heading_is_a_bold_section() -> None:
    [section] = Renderer().to_blocks(card(heading="Ocean " * 30))
    assert section["type"] == "section"
    assert section["text"]["text"].startswith("*Ocean ")


@pytest.mark.parametrize(
    "typed",
    [
        "<!channel>",
        "<!here|x>",
        "<@U0ANA>",
        "<#C1|hall>",
        "<http://evil.example|the desk>",
        "<!date^1^{date}|x>",
    ],
)
def test_nobody_can_write_a_mention_or_a_link(typed: str) -> None:
    shown = Renderer().to_message(
        card(heading=value(typed), body=f"<i>{value(typed)}</i>", note=value(typed))
    )
    written = [shown["text"], *(part["text"] for part in mrkdwns(shown["blocks"]))]
    assert len(written) == 3
    assert all("<" not in text and "&lt;" in text for text in written)


def mrkdwns(blocks: object) -> list[dict[str, str]]:
    if isinstance(blocks, list):
        return [found for block in blocks for found in mrkdwns(block)]
    if isinstance(blocks, dict):
        return [blocks] if blocks.get("type") == "mrkdwn" else mrkdwns(list(blocks.values()))
    return []


def test_what_is_escaped_is_escaped_once() -> None:
    [section] = Renderer().to_blocks(card(body=value("Fish & Chips <b> &amp;")))
    assert section["text"]["text"] == "Fish &amp; Chips &lt;b&gt; &amp;amp;"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("*Ana*", "∗Ana∗"),
        ("_x_ ~y~ `z`", "ˍxˍ ∼y∼ ˋzˋ"),
        ("dg_office@gov.xx and 5*3", "dg_office@gov.xx and 5*3"),
        ("> quote\n  >again, a > b", "\u00ad&gt; quote\n  \u00ad&gt;again, a &gt; b"),
        ("会*议*室", "会∗议∗室"),
    ],
)
def test_marks_in_a_value_set_no_style(typed: str, shown: str) -> None:
    assert escape(typed) == shown


def test_a_style_is_set_on_each_line_and_beside_letters() -> None:
    [section] = Renderer().to_blocks(card(body="<b>one\ntwo </b>three, 在<b>二楼</b>。<b><i>both</i></b>"))
    assert section["text"]["text"] == "*one*\n*two* three, 在|*二楼*|。|*_both_*".replace("|", "\u200b")


def test_only_the_forums_own_addresses_become_links() -> None:
    shown = Renderer(["https://forum.example/"]).to_blocks(
        card(
            body="See https://forum.example/calendar/A_b?x=1&amp;y=2. Not https://evil.example/ or http://forum.example/"
        )
    )
    assert shown[0]["text"]["text"] == (
        "See <https://forum.example/calendar/A_b?x=1&amp;y=2>. "
        "Not https://evil.example/ or http://forum.example/"
    )


def test_a_message_of_4096_characters_is_cut_between_lines() -> None:
    lines = "\n".join(f"line {number:03} & more" for number in range(200))[:4096]
    blocks = Renderer().to_blocks(card(body=value(lines)))
    assert list(problems(blocks, 50)) == []
    assert "\n".join(block["text"]["text"] for block in blocks) == lines.replace("&", "&amp;")


@given(st.text(alphabet="ab *_~`<>&\n文ไ", max_size=9000))
def test_no_text_breaks_the_limits_or_forms_a_mention(words: str) -> None:
    whole = card(
        heading=value(words[:400]), body=value(words), note=value(words), fields=(Field("L", value(words)),)
    )
    blocks = Renderer().to_blocks(whole)
    assert list(problems(blocks, 50)) == []
    for part in mrkdwns(blocks):
        assert not set(part["text"]) & set("<>")


def test_ten_facts_share_a_section_and_a_long_one_stands_alone() -> None:
    facts = [Field(f"Fact {number}", "yes") for number in range(11)]
    blocks = Renderer().to_blocks(card(fields=(*facts, Field("Long", "word " * 600))))
    assert [len(block.get("fields", ())) for block in blocks] == [10, 1, 0, 0]


def test_a_button_has_75_characters_at_most() -> None:
    [row] = Renderer().to_blocks(card(choices=((Choice("x", "Democratic " * 10),),)))
    assert len(row["elements"][0]["text"]["text"]) == 75
    assert row["elements"][0]["text"]["text"].endswith("…")


def test_many_rows_of_buttons_share_blocks() -> None:
    rows = tuple((Choice(str(number), f"Country {number}"),) for number in range(62))
    blocks = Renderer().to_message(card(body="Which one?", choices=rows))["blocks"]
    assert [len(block["elements"]) for block in blocks[1:]] == [25, 25, 12]


def test_a_card_of_too_many_blocks_is_too_big() -> None:
    with pytest.raises(TooBig):
        Renderer().to_message(card(body="x" * 3000 * 51))


def test_a_card_of_buttons_alone_has_a_summary() -> None:
    assert to_summary(card(choices=((Choice("a", "Yes"), Choice("b", "No")),))) == "Yes · No"


def test_a_home_shows_its_cards_in_order_and_stops_at_100_blocks() -> None:
    cards = [card(heading=f"Part {number}", body="x") for number in range(40)]
    view = Renderer().to_home(cards)
    assert view["blocks"][0]["text"]["text"] == "Part 0"
    assert len(view["blocks"]) <= 100
    assert list(problems(view["blocks"], 100)) == []


def form(**parts: object) -> Form:
    frame = {"title": "Register a need", "submit": "Send", "close": "Cancel"}
    return Form("need", "ru", fields=(), **{**frame, **parts})  # type: ignore[arg-type]


def test_a_form_with_a_title_over_24_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="form need, ru: title has 28 characters"):
        to_modal(form(title="Зарегистрировать потребность"))


def test_a_field_is_filled_in_with_what_is_known() -> None:
    options = (Choice("health", "Public health"), Choice("green", "Green economy"))
    text, select = (
        render.to_input(part)
        for part in (
            FormField("text", "Your words", value="cold chain", multiline=True, required=True),
            FormField("theme", "Theme", options=options, value="green"),
        )
    )
    assert (text["block_id"], text["optional"], text["element"]["initial_value"]) == (
        "text",
        False,
        "cold chain",
    )
    assert select["optional"]
    assert select["element"]["initial_option"]["value"] == "green"


def test_more_than_100_options_stand_in_groups() -> None:
    countries = tuple(Choice(f"{number}", f"Country {number}") for number in range(193))
    element = render.to_select(FormField("country", "Country", options=countries))
    assert [len(group["options"]) for group in element["option_groups"]] == [100, 93]


def test_an_error_of_an_unknown_field_stands_under_the_first() -> None:
    assert render.to_errors({"text": "Too short.", "who": "Not now."}, ["text", "theme"]) == {
        "text": "Too short. Not now."
    }
