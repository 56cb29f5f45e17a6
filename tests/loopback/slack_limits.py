"""What Slack refuses in blocks and views, by the limits that it publishes."""

from collections.abc import Iterator, Sequence
from typing import Any

Json = dict[str, Any]


def problems(blocks: Sequence[Json], most: int) -> Iterator[str]:
    """Yield what Slack would refuse in *blocks*."""
    if len(blocks) > most:
        yield f"{len(blocks)} blocks"
    for block in blocks:
        match block["type"]:
            case "header":
                yield from too_long(block["text"], 150)
            case "section":
                yield from wrong_section(block)
            case "context" | "actions":
                yield from wrong_row(block)
            case "input":
                yield from too_long(block["label"], 2000)
                yield from wrong_element(block["element"])
            case "divider":
                pass
            case other:
                yield f"unknown block {other}"
    actions = [
        button["action_id"] for block in blocks if block["type"] == "actions" for button in block["elements"]
    ]
    if len(set(actions)) < len(actions):
        yield "an action_id stands there twice"


def wrong_section(block: Json) -> Iterator[str]:
    if not block.get("text") and not block.get("fields"):
        yield "a section with nothing in it"
    if "text" in block:
        yield from too_long(block["text"], 3000)
    if len(block.get("fields", ())) > 10:
        yield "more than 10 fields"
    for part in block.get("fields", ()):
        yield from too_long(part, 2000)


def wrong_row(block: Json) -> Iterator[str]:
    most, text = (10, 3000) if block["type"] == "context" else (25, 75)
    if not 0 < len(block["elements"]) <= most:
        yield f"{block['type']} has 1 to {most} elements"
    for part in block["elements"]:
        yield from too_long(part.get("text") if block["type"] == "actions" else part, text)


def wrong_element(element: Json) -> Iterator[str]:
    match element["type"]:
        case "plain_text_input":
            if len(element.get("initial_value", "")) > 3000:
                yield "initial_value is over 3000 characters"
        case "static_select" | "multi_static_select":
            if len(element.get("options", ())) > 100:
                yield "more than 100 options"
            for option in element.get("options", ()):
                yield from too_long(option["text"], 75)
        case "multi_external_select":
            if {"options", "option_groups"} & set(element):
                yield "options of what is looked up"
            yield from too_long(element["placeholder"], 150)
        case other:
            yield f"unknown element {other}"


def too_long(text: Json, most: int) -> Iterator[str]:
    if not 0 < len(text["text"]) <= most:
        yield f"a text of {len(text['text'])} characters where 1 to {most} are allowed"
