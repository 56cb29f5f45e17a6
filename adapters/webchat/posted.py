"""What a browser may send, checked before the assistant sees it."""

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request

from bot.messages import MAX_HEARD, Tap, Text

# A message of 4,096 characters takes nine bytes each in a form, where they are not Latin.
BODY_BYTES = 64 * 1024
KEY = re.compile(r"[A-Za-z0-9_.:-]{8,64}")
REF = re.compile(r"[!-~]{1,64}")
CHOICE = re.compile(r"([!-~]{1,64}):(\d{1,3})")
MAX_NUMBER = 999
NOTHING = Text("")


class BadRequest(Exception):
    """The browser sent what our page never sends; *status* is the answer's."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class Posted:
    """One message from a browser; *proof* is what a form carried, None when a script sent it."""

    key: str
    heard: Text | Tap
    proof: str | None = None

    @property
    def excess(self) -> str:
        """Return a text of which the assistant would not read the end; empty when it reads everything."""
        return self.heard.text if isinstance(self.heard, Text) and len(self.heard.text) > MAX_HEARD else ""


async def posted(request: Request) -> Posted:
    """Return the message in *request*; a form may say `NOTHING`. Raises BadRequest."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await limited_body(request)
    match kind:
        case "application/json":
            return from_json(body)
        case "application/x-www-form-urlencoded":
            return from_form(body)
    raise BadRequest(415, "send application/json or a form")


async def limited_body(request: Request) -> bytes:
    """Return the body, and give up as soon as it is over the limit."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise BadRequest(413, f"a message has at most {BODY_BYTES} bytes")
    return body


def from_json(body: bytes) -> Posted:
    """Return the message that the page's script sent: {key, text} or {key, ref, number}."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise BadRequest(400, "the body is not JSON") from exc
    match values:
        case {"key": str(key), "text": str(text), **rest} if not rest:
            heard: Text | Tap = to_text(text)
        case {"key": str(key), "ref": str(ref), "number": int(number), **rest} if not rest:
            heard = to_tap(ref, number)
        case _:
            raise BadRequest(400, 'send {"key", "text"} or {"key", "ref", "number"}')
    if heard == NOTHING:
        raise BadRequest(400, "text: it is empty")
    return Posted(checked(key), heard)


def from_form(body: bytes) -> Posted:
    """Return the message of a page without script."""
    try:
        fields: dict[str, Any] = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=8)
    except ValueError as exc:
        raise BadRequest(400, "the form cannot be read") from exc
    key, proof, text, choice = (fields.get(name, [""])[0] for name in ("key", "proof", "text", "choice"))
    if tapped := CHOICE.fullmatch(choice):
        heard: Text | Tap = to_tap(tapped[1], int(tapped[2]))
    elif choice:
        raise BadRequest(400, "choice: the card's ref, a colon and a number")
    else:
        heard = to_text(text)
    # One page gives out one key: the same message twice is a double click, another message is another message.
    told_apart = sha256(f"{choice}\n{text}".encode()).hexdigest()[:16]
    return Posted(f"{checked(key)}.{told_apart}", heard, proof)


def checked(key: str) -> str:
    """Return *key* when it may name a message."""
    if not KEY.fullmatch(key):
        raise BadRequest(400, "key: 8 to 64 letters, digits and . : _ -")
    return key


def to_text(text: str) -> Text:
    """Return what was typed, without the halves of characters and the NUL that no database keeps."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return Text(text.replace("\0", "").replace("\r\n", "\n").strip())


def to_tap(ref: str, number: int) -> Tap:
    """Return the choice pressed."""
    if not REF.fullmatch(ref):
        raise BadRequest(400, "ref: 1 to 64 visible ASCII characters")
    if isinstance(number, bool) or not 0 <= number <= MAX_NUMBER:
        raise BadRequest(400, f"number: 0 to {MAX_NUMBER}")
    return Tap(ref, number, message=ref)
