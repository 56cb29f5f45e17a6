"""A card as an e-mail: the same words as text and as HTML, and headers that no value can add to."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from adapters.mail.server import domain_of, to_address
from bot.markup import plain
from bot.messages import Card, Field

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(),  # the HTML, not the text
    undefined=StrictUndefined,
    auto_reload=False,
)


def to_message(card: Card, sender: str, to: str, now: datetime) -> EmailMessage:
    """
    Return *card* as an e-mail from *sender* to the address *to*.

    A second try has the same Message-ID, by which mailboxes show it once. Raises ValueError where an address is none.
    """
    subject = " ".join(plain(card.heading).split())
    values = {
        "lang": card.lang,
        "subject": subject,
        "body": plain(card.body),
        "parts": [Field(plain(part.label), plain(part.value)) for part in card.fields],
        "colon": card.colon,
        "note": plain(card.note),
    }
    message = EmailMessage(SMTP)
    message["Subject"] = subject
    message["From"] = to_address(sender)
    message["To"] = to_address(to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{card.ref}@{domain_of(sender)}>"
    # No machine is to answer it.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(TEMPLATES.get_template("letter.txt").render(values))
    message.add_alternative(TEMPLATES.get_template("letter.html").render(values), subtype="html")
    message["Content-Language"] = card.lang  # not before: a content brings its own headers
    return message
