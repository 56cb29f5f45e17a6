"""Cards and lines as HTML, the page around them, and the files it needs."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from adapters.webchat.core import Line
from bot.markup import Span, spans
from bot.messages import MAX_HEARD, Card

HERE = Path(__file__).parent
MEDIA = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
# Only ASCII: in "https://example.org。" the full stop is not part of the address.
LINK = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
CLOSING = ".,;:!?)'"


@dataclass(frozen=True, slots=True)
class Served:
    """A file of the page; its name carries the hash of its content, so that browsers may keep it for ever."""

    name: str
    media_type: str
    content: bytes


def static_files() -> dict[str, Served]:
    """Return the page's files by the name they have in the folder."""
    return {path.name: served(path) for path in sorted((HERE / "static").iterdir()) if path.suffix in MEDIA}


def served(path: Path) -> Served:
    """Return the file at *path* as browsers get it."""
    content = path.read_bytes()
    return Served(f"{path.stem}.{sha256(content).hexdigest()[:12]}{path.suffix}", MEDIA[path.suffix], content)


class Pages:
    """Writes the HTML of the browser chat."""

    def __init__(self) -> None:
        self.files = static_files()
        templates = FileSystemLoader(HERE / "templates")
        self._env = Environment(
            loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._env.filters["inline"] = inline
        self._line = self._env.get_template("line.html")
        self._page = self._env.get_template("page.html")
        self._link = self._env.get_template("link.html")

    def line(self, line: Line, words: Mapping[str, str]) -> str:
        """Return *line* as list items."""
        return self._line.render(line=line, words=words).strip()

    def page(
        self,
        *,
        lang: str,
        words: Mapping[str, str],
        items: Iterable[str],
        last: int,
        key: str,
        proof: str,
        notice: str = "",
        text: str = "",
    ) -> str:
        """Return the whole page: *items* are the lines in order, *notice* a short line over the text box."""
        return self._page.render(
            lang=lang,
            words=words,
            items=[Markup(item) for item in items],  # noqa: S704 - made by `line`, which escapes
            last=last,
            key=key,
            proof=proof,
            notice=notice,
            text=text,
            most=MAX_HEARD,
            files=self.files,
        )

    def link(self, card: Card, *, title: str, telegram: str, key: str, proof: str) -> str:
        """Return the page of a link: *telegram* opens that chat, *proof* is the browser's, "" where it has none."""
        return self._link.render(
            card=card, title=title, telegram=telegram, key=key, proof=proof, files=self.files
        )


def standing(lines: Sequence[Line]) -> list[Line]:
    """Return *lines* as they stand on a fresh page: a card that replaces an earlier one is in its place."""
    places: dict[str, int] = {}
    shown: list[Line] = []
    for line in lines:
        place = places.get(line.replaces) if line.replaces else None
        if place is None:
            place = len(shown)
            shown.append(line)
        else:
            shown[place] = line
        if line.card:
            places[line.card.ref] = place
    return shown


def inline(markup: str) -> Markup:
    """Return the neutral markup as HTML, web addresses as links."""
    return Markup("").join(styled(span) for span in spans(markup))


def styled(span: Span) -> Markup:
    """Return one run of text as HTML."""
    text = linked(span.text)
    if span.italic:
        text = Markup("<em>{}</em>").format(text)
    if span.bold:
        text = Markup("<strong>{}</strong>").format(text)
    return text


def linked(text: str) -> Markup:
    """Return plain *text* escaped, with a link in place of every web address."""
    parts = []
    start = 0
    for found in LINK.finditer(text):
        url = found[0].rstrip(CLOSING)
        parts.append(escape(text[start : found.start()]))
        parts.append(Markup('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>').format(url))
        start = found.start() + len(url)
    parts.append(escape(text[start:]))
    return Markup("").join(parts)
