"""Writes a card as a Telegram message: HTML, and buttons under it."""

import html
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from bot.errors import Rejected, TooBig
from bot.markup import Span, escape, plain, spans
from bot.messages import Attachment, Card, Choice, Field
from knowledge.forum import Coordinates

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_CALLBACK_BYTES = 64
"""Limits of the Bot API; texts are counted in characters as they are read, without the markup."""

Keyboard = list[list[dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Message:
    """A card in Telegram's HTML; `keyboard` is empty when nothing can be chosen."""

    text: str
    keyboard: Keyboard

    @property
    def fits_caption(self) -> bool:
        """Tell whether the text can stand under a picture."""
        return read_length(self.text) <= MAX_CAPTION


def to_message(card: Card) -> Message:
    """Return *card* as a message; raises `TooBig` over 4,096 characters as read."""
    text = to_html(card)
    if read_length(text) > MAX_TEXT:
        raise TooBig(f"the card has {read_length(text):,} characters; Telegram takes {MAX_TEXT:,}")
    return Message(text, to_keyboard(card))


def to_html(card: Card) -> str:
    """Return heading and body, then the fields, then the note, with an empty line between."""
    heading = "".join(_styled(Span(span.text, True, span.italic)) for span in spans(card.heading.strip()))
    opening = _joined("\n", (heading, _marked(card.body)))
    facts = "\n".join(_fact(field, card.colon) for field in card.fields)
    return _joined("\n\n", (opening, facts, _note(card.note)))


def to_caption(card: Card) -> Message:
    """Return *card* as the words under its attachment: its own, and the attachment's description in small print."""
    description = _note(escape(card.attachment.description)) if card.attachment is not None else ""
    return Message(_joined("\n\n", (to_html(card), description)), to_keyboard(card))


def to_short_caption(attachment: Attachment) -> Message:
    """Return the words under an attachment that follows its card: its description, cut where it is too long."""
    return Message(escape(attachment.description[:MAX_CAPTION]), [])


def to_venue(card: Card, place: Coordinates) -> dict[str, str | float]:
    """Return the *place* that *card* is about as the map on which Telegram shows it, with name and address."""
    named = {"title": plain(card.heading), "address": plain(card.body)}
    return {"latitude": place.latitude, "longitude": place.longitude, **named}


def to_keyboard(card: Card) -> Keyboard:
    """Return the choices as rows of buttons that carry the card's `ref` and the number of the choice."""
    numbers = itertools.count()
    rows = [[to_button(card.ref, next(numbers), choice) for choice in row] for row in card.choices]
    return [row for row in rows if row]


def to_button(ref: str, number: int, choice: Choice) -> dict[str, str]:
    """Return the button of one choice: it opens an address, or is answered."""
    leads = {"url": choice.url} if choice.url else {"callback_data": to_callback(ref, number)}
    return {"text": choice.label, **leads}


def to_callback(ref: str, number: int) -> str:
    """Return what a button sends back; a longer `ref` than a button can carry is rejected."""
    data = f"{ref}:{number}"
    if len(data.encode()) > MAX_CALLBACK_BYTES:
        raise Rejected(f"the card's ref {ref!r} does not fit into a button of {MAX_CALLBACK_BYTES} bytes")
    return data


def read_length(text: str) -> int:
    """Return how many characters of Telegram's HTML are read."""
    return len(text) if "<" not in text and "&" not in text else len(plain(text))


def _fact(field: Field, colon: str) -> str:
    return f"{_marked(field.label)}{colon}{_marked(field.value)}"


def _note(markup: str) -> str:
    return "".join(_styled(Span(span.text, span.bold, True)) for span in spans(markup.strip()))


def _marked(markup: str) -> str:
    return "".join(map(_styled, spans(markup.strip())))


def _styled(span: Span) -> str:
    text = html.escape(span.text, quote=False)
    if span.italic:
        text = f"<i>{text}</i>"
    return f"<b>{text}</b>" if span.bold else text


def _joined(gap: str, parts: Iterable[str]) -> str:
    return gap.join(part for part in parts if part)
