"""The page for the secretariat names every template, slot and field, and what it shows works."""

import re
from pathlib import Path

from bot.composing import TEMPLATES, Reader, Words, card, checked
from bot.own_text import FIELDS
from bot.rights import ROLES
from tests.bot.announcing import know
from tests.samples import wording

PAGE = (Path(__file__).parents[2] / "docs" / "announcements.md").read_text("utf-8")


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table whose first column has that heading, their names in the first two columns."""
    rows = PAGE.partition(f"| {heading} |")[2].split("\n\n")[0].splitlines()[2:]
    return [row.strip("| ").split(" |") for row in rows]


def named(cell: str) -> list[str]:
    return re.findall("`([^`]+)`", cell)


def test_every_template_stands_with_its_slots() -> None:
    stated = {
        named(name)[0]: (set(named(must)), set(named(may)))
        for name, must, may in ((*row, "", "")[:3] for row in table("Template"))
    }
    assert stated == {
        template.name: (
            {slot.name for slot in template.slots if slot.required}
            | ({"session", "what"} if template.name == "reminder" else set()),
            {slot.name for slot in template.slots if not slot.required}
            - ({"session", "what"} if template.name == "reminder" else set()),
        )
        for template in TEMPLATES.values()
    }


def test_every_slot_is_explained() -> None:
    slots = {slot.name for template in TEMPLATES.values() for slot in template.slots}
    assert {name for row in table("Slot") for name in named(row[0])} == slots


def test_every_field_and_role_is_named() -> None:
    assert {name for row in table("Field") for name in named(row[0])} == set(FIELDS)
    assert [role for role in ROLES if f"`{role}`" not in PAGE] == []


def test_the_example_of_own_text_works() -> None:
    lines = PAGE.partition("written out.\n\n")[2].partition("\n\nPossible are:")[0]
    words = checked(Words(texts={"en": re.sub("^    ", "", lines, flags=re.MULTILINE)}, session="s3"), know())
    shown = card(words, Reader("en", country="FJI"), know(), wording(), "1.0").body
    assert shown == (
        "<b>The bus to the hotels leaves from Gate 2 at 17:15.</b>\n\n"
        "Dear colleague,\nyour flight leaves early: please take the first bus."
    )
