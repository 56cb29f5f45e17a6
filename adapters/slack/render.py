"""
Cards, forms and the Home in Slack's blocks.

Text with a style is `mrkdwn`, because `plain_text` has none. So that it shows exactly what was written:

- `&`, `<` and `>` are escaped, once. Every mention, link and date of Slack's begins with `<`: none can be formed.
- A `*`, `_` or `~` at the edge of a word and a backtick are replaced by characters that look the same and mean
  nothing to Slack, which has no way to escape them; inside a word (`dg_office@...`) they mean nothing and stay, so
  that an address can be copied. A `>` that begins a line follows an invisible soft hyphen, or Slack would quote.
- `verbatim` keeps Slack from looking for mentions and links in what was not meant as one. Only web addresses that
  begin as those of the forum's pages and maps do, handed in as *linked*, become links, with themselves as their text.

Headings, labels, options and buttons are `plain_text` and go out as they are.
"""

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.errors import TooBig
from bot.markup import plain, spans
from bot.messages import Card, Choice, Field, Form, FormField

Block = dict[str, Any]

HEADER = 150
SECTION = 3000
FIELD = 2000
FIELDS = 10
BUTTON = 75
ACTIONS = 25
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VALUE = 2000
SUMMARY = 3000
TITLE = 24
OPTION = 75
OPTIONS = 100
PLACEHOLDER = 150
INPUT = 3000

LOOKALIKES = {"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"}
MARKS = re.compile(r"(?<![A-Za-z0-9])[*_~]|[*_~](?![A-Za-z0-9])|`")
QUOTE = re.compile(r"^(\s*)>", re.MULTILINE)
SOFT_HYPHEN = "\u00ad"
BOUNDARY = "\u200b"
"""Set between a styled run and a letter: Slack sees a mark only at the edge of a word."""
SEPARATORS = set(string.punctuation + string.whitespace) - {"*", "_"}


class Renderer:
    """Writes cards for Slack; web addresses that begin with one of *linked* become links."""

    def __init__(self, linked: Sequence[str] = ()) -> None:
        starts = "|".join(re.escape(start) for start in linked if start)
        self._links = re.compile(rf"(?:{starts})[^\s<>|\"'`*]*[^\s<>|\"'`*.,;:!?)]") if starts else None

    def to_message(self, card: Card) -> dict[str, Any]:
        """Return the `text` and `blocks` of *card*; raise `TooBig` when it needs more blocks than Slack takes."""
        blocks = self.to_blocks(card)
        if len(blocks) > MESSAGE_BLOCKS:
            raise TooBig(f"the card needs {len(blocks)} blocks, Slack takes {MESSAGE_BLOCKS}")
        return {"text": to_summary(card), "blocks": blocks}

    def to_blocks(self, card: Card) -> list[Block]:
        """Return *card* as blocks, in reading order."""
        blocks = [*self._heading(card.heading), *self._sections(card.body), *self._fields(card.fields)]
        blocks += to_actions(card)
        blocks += [
            {"type": "context", "elements": [to_mrkdwn(part)]}
            for part in self.to_parts(card.note, FIELD)
            if part.strip()
        ]
        return blocks

    def to_home(self, cards: Sequence[Card]) -> dict[str, Any]:
        """Return the App Home that shows *cards* in order; what does not fit any more is left out."""
        blocks: list[Block] = []
        for card in cards:
            section = self.to_blocks(card)
            divider = [{"type": "divider"}] if blocks and section else []
            if len(blocks) + len(divider) + len(section) > VIEW_BLOCKS:
                break
            blocks += divider + section
        return {"type": "home", "blocks": blocks}

    def to_parts(self, markup: str, limit: int) -> Iterator[str]:
        """Yield *markup* as mrkdwn in parts of at most *limit* characters, broken at line ends if possible."""
        part = ""
        for line in self._lines(markup):
            joined = f"{part}\n{line}" if part else line
            if len(joined) <= limit:
                part = joined
                continue
            if part.strip():
                yield part
            *full, part = cut(line, limit)
            yield from full
        if part.strip():
            yield part

    def _lines(self, markup: str) -> Iterator[str]:
        """Yield the lines of *markup* as mrkdwn; a style that runs over several is set on each."""
        line = ""
        for span in spans(markup):
            first, *others = span.text.split("\n")
            line = joined(line, self._styled(first, span.bold, span.italic))
            for other in others:
                yield line
                line = self._styled(other, span.bold, span.italic)
        yield line

    def _styled(self, text: str, bold: bool, italic: bool) -> str:
        """Return one line's run of plain *text* as mrkdwn."""
        words = text.strip()
        if not words or not (bold or italic):
            return self._escaped(text)
        inner = f"_{self._escaped(words)}_" if italic else self._escaped(words)
        marked = f"*{inner}*" if bold else inner
        # A mark next to a space on its inner side is no mark: the spaces go outside.
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return f"{before}{marked}{after}"

    def _escaped(self, text: str) -> str:
        if self._links is None:
            return escape(text)
        written, start = [], 0
        for found in self._links.finditer(text):
            address = found[0].replace("&", "&amp;")
            written += [escape(text[start : found.start()]), f"<{address}>"]
            start = found.end()
        return "".join([*written, escape(text[start:])])

    def _heading(self, heading: str) -> list[Block]:
        words = plain(heading).strip()
        if not words:
            return []
        if len(words) <= HEADER and "\n" not in words:
            return [{"type": "header", "text": {"type": "plain_text", "text": words}}]
        return self._sections(f"<b>{heading.replace('<b>', '').replace('</b>', '')}</b>")

    def _sections(self, markup: str) -> list[Block]:
        return [{"type": "section", "text": to_mrkdwn(part)} for part in self.to_parts(markup, SECTION)]

    def _fields(self, fields: Iterable[Field]) -> list[Block]:
        """Return labelled facts side by side, ten a section; one that is too long for that has its own sections."""
        blocks: list[Block] = []
        row: list[Block] = []
        for fact in fields:
            markup = f"<b>{fact.label.replace('<b>', '').replace('</b>', '')}</b>\n{fact.value}"
            parts = list(self.to_parts(markup, FIELD))
            if len(parts) > 1 or len(row) == FIELDS:
                blocks += [{"type": "section", "fields": row}] if row else []
                row = []
            if len(parts) > 1:
                blocks += self._sections(markup)
            else:
                row += [to_mrkdwn(part) for part in parts]
        return blocks + ([{"type": "section", "fields": row}] if row else [])


def escape(text: str) -> str:
    """Return *text* as mrkdwn that shows these characters and no style, mention or link."""
    unmarked = QUOTE.sub(rf"\1{SOFT_HYPHEN}>", MARKS.sub(lambda mark: LOOKALIKES[mark[0]], text))
    return unmarked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_link(address: str, words: str) -> str:
    """Return *words* as mrkdwn that leads to *address*, which is ours."""
    return f"<{address.replace('&', '&amp;')}|{escape(words).replace('|', '¦')}>"


def joined(left: str, right: str) -> str:
    """Return two runs in a row, with a boundary where a style touches the letters of the other run."""
    if left and right:
        neighbour = left[-1] if right[0] in "*_" else right[0] if left[-1] in "*_" else " "
        if neighbour not in SEPARATORS:
            return f"{left}{BOUNDARY}{right}"
    return left + right


def cut(text: str, limit: int) -> list[str]:
    """Return *text* in pieces of *limit* characters at most, never inside an entity, at a space where there is one."""
    pieces = []
    while len(text) > limit:
        end = text.rfind(" ", limit // 2, limit) + 1 or limit
        entity = text.rfind("&", end - 5, end)
        if entity >= 0 and ";" not in text[entity:end]:
            end = entity
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text]


def to_mrkdwn(text: str) -> Block:
    """Return a text object in which Slack looks for nothing but the marks."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def shortened(text: str, limit: int) -> str:
    """Return *text*, ended by an ellipsis where it is over *limit* characters."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def to_summary(card: Card) -> str:
    """Return what notifications and screen readers give instead of the blocks: the card's words, escaped."""
    parts = (
        card.heading,
        card.body,
        *(f"{fact.label}{card.colon}{fact.value}" for fact in card.fields),
        card.note,
    )
    words = "\n".join(filter(None, (plain(part).strip() for part in parts)))
    words = words or " · ".join(choice.label for _, choice in card.numbered())
    return cut(escape(shortened(words, SUMMARY)), SUMMARY)[0]


def to_actions(card: Card) -> list[Block]:
    """Return the choices as rows of buttons; rows are put together when the message would have too many blocks."""
    numbers = iter(range(sum(map(len, card.choices))))
    rows = [[to_button(card.ref, next(numbers), choice) for choice in row] for row in card.choices if row]
    if len(rows) > MESSAGE_BLOCKS // 2:
        rows = [[button for row in rows for button in row]]
    return [
        {"type": "actions", "elements": row[start : start + ACTIONS]}
        for row in rows
        for start in range(0, len(row), ACTIONS)
    ]


def to_button(ref: str, number: int, choice: Choice) -> Block:
    """Return the button of one choice; `action_id` is what a tap brings back."""
    return {
        "type": "button",
        "action_id": f"{ref}:{number}",
        "text": {"type": "plain_text", "text": shortened(choice.label, BUTTON)},
        "value": choice.id[:VALUE],
    }


def to_modal(form: Form) -> dict[str, Any]:
    """Return *form* as a modal; `ValueError` when a word of its frame is over Slack's 24 characters."""
    frame = {"title": form.title, "submit": form.submit, "close": form.close}
    for part, words in frame.items():
        if not 0 < len(words) <= TITLE:
            raise ValueError(
                f"form {form.name}, {form.lang}: {part} has {len(words)} characters, Slack takes 1 to {TITLE}"
            )
    return {
        "type": "modal",
        "callback_id": f"form:{form.name}",
        "notify_on_close": True,
        **{part: {"type": "plain_text", "text": words} for part, words in frame.items()},
        "blocks": [*to_text(form.text), *(to_input(part) for part in form.fields)],
    }


def to_text(text: str) -> list[Block]:
    """Return what stands before the fields of a form."""
    shown = {"type": "plain_text", "text": shortened(text, SECTION)}
    return [{"type": "section", "text": shown}] if text else []


def to_input(part: FormField) -> Block:
    """Return one field of a form; its name is the block's, under which Slack shows what is wrong with it."""
    return {
        "type": "input",
        "block_id": part.name,
        "optional": not part.required,
        "label": {"type": "plain_text", "text": shortened(part.label, VALUE)},
        "element": to_element(part),
    }


def to_element(part: FormField) -> Block:
    """Return what is filled in."""
    if part.looked_up:
        return to_lookup(part)
    return to_select(part) if part.options else to_text_input(part)


def to_lookup(part: FormField) -> Block:
    """Return the element whose options are asked for while they are typed, from the first letter on."""
    element: Block = {"type": "multi_external_select", "action_id": part.name, "min_query_length": 0}
    hint = {"type": "plain_text", "text": shortened(part.hint, PLACEHOLDER)}
    return {**element, "placeholder": hint} if part.hint else element


def to_text_input(part: FormField) -> Block:
    """Return the element in which words are typed; `ValueError` where more would stand in it than can be typed."""
    if len(part.value) > INPUT:
        raise ValueError(f"field {part.name}: {len(part.value)} characters, Slack takes {INPUT}")
    element: Block = {"type": "plain_text_input", "action_id": part.name, "multiline": part.multiline}
    return {**element, "initial_value": part.value} if part.value else element


def to_select(part: FormField) -> Block:
    """Return the element in which one option is chosen, or several; past a hundred they stand in groups of so many."""
    options = [to_option(option) for option in part.options]
    values = part.value.split() if part.several else [part.value]
    chosen = [shown for option, shown in zip(part.options, options, strict=True) if option.id in values]
    kind = "multi_static_select" if part.several else "static_select"
    element: Block = {"type": kind, "action_id": part.name}
    if len(options) <= OPTIONS:
        element["options"] = options
    else:
        groups = [options[start : start + OPTIONS] for start in range(0, len(options), OPTIONS)]
        element["option_groups"] = [
            {"label": {"type": "plain_text", "text": shortened(to_range(group), OPTION)}, "options": group}
            for group in groups
        ]
    if not chosen:
        return element
    return {**element, **({"initial_options": chosen} if part.several else {"initial_option": chosen[0]})}


def to_range(options: Sequence[Block]) -> str:
    """Return the first and last word of a group of options."""
    return f"{options[0]['text']['text'][:30]} – {options[-1]['text']['text'][:30]}"


def to_option(option: Choice) -> Block:
    """Return one option of a select."""
    return {"text": {"type": "plain_text", "text": shortened(option.label, OPTION)}, "value": option.id}


def to_errors(errors: Mapping[str, str], fields: Sequence[str]) -> dict[str, str]:
    """Return *errors* by block; one that belongs to no field of the modal stands under the first."""
    placed: dict[str, str] = {}
    for name, said in errors.items():
        block = name if name in fields else fields[0]
        placed[block] = f"{placed[block]} {said}" if block in placed else said
    return placed
