"""
Carries attachments to the Bot API, each only once: afterwards Telegram's own id of the file goes out in its place.

A map of five megabytes to five hundred people would be two gigabytes to upload; by its id it costs what a text costs.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from adapters.telegram.faults import is_no_photo, is_unknown_file
from adapters.telegram.request import AiohttpRequest, Refusal
from bot.errors import TooBig
from bot.messages import Attachment

PHOTOS = ("image/jpeg", "image/png", "image/webp")
"""What Telegram shows as a photo; other pictures travel as documents."""
MAX_PHOTO = 10_000_000
MAX_DOCUMENT = 50_000_000
"""Bytes; a picture over the first travels as a document."""
MAX_REMEMBERED = 1000
METHODS = {"photo": "sendPhoto", "document": "sendDocument"}

Kind = Literal["photo", "document"]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """A file on Telegram's servers: as what, and under which id, "" when it is not there or not known to be."""

    kind: Kind
    id: str = ""


Call = Callable[[Kind, str], Awaitable[Any]]
"""Makes a call with a file that Telegram has under this id; "" carries the file itself along."""


class Files:
    """Sends attachments through *api*, and remembers under which id Telegram has each of them."""

    def __init__(self, api: AiohttpRequest) -> None:
        self._api = api
        self._kept: dict[bytes, Kept] = {}

    def check(self, file: Attachment) -> None:
        """Raise `TooBig` when Telegram would not take *file*."""
        if len(file.content) > MAX_DOCUMENT:
            raise TooBig(f"{file.name} has {len(file.content):,} bytes; Telegram takes {MAX_DOCUMENT:,}")

    async def send(self, values: Values, file: Attachment) -> Any:
        """Send *file* to the chat and with the caption in *values*; return the message."""

        async def call(kind: Kind, known: str) -> Any:
            if known:
                return await self._api.call(METHODS[kind], values | {kind: known})
            return await self._api.call(METHODS[kind], values, files={kind: file})

        return await self._carried(file, call)

    async def replace(self, values: Values, caption: Values, file: Attachment) -> Any:
        """Put *file* with its *caption* into the message that *values* name; return the message."""

        async def call(kind: Kind, known: str) -> Any:
            media = {"type": kind, "media": known or "attach://file", **caption}
            files = {} if known else {"file": file}
            return await self._api.call("editMessageMedia", values | {"media": media}, files=files)

        return await self._carried(file, call)

    async def _carried(self, file: Attachment, call: Call) -> Any:
        """Make *call* with the id of *file*, or with the file where Telegram does not have it."""
        name = sha256(file.name.encode() + b"\0" + file.content).digest()
        kept = self._kept.get(name) or Kept(kind_of(file))
        if kept.id:
            try:
                return await call(kept.kind, kept.id)
            except Refusal as refusal:
                if not is_unknown_file(refusal):
                    raise
        try:
            message = await call(kept.kind, "")
        except Refusal as refusal:
            if kept.kind == "document" or not is_no_photo(refusal):
                raise
            kept = Kept("document")
            message = await call("document", "")
        self._remember(name, Kept(kept.kind, file_id(message, kept.kind)))
        return message

    def _remember(self, name: bytes, kept: Kept) -> None:
        self._kept[name] = kept
        if len(self._kept) > MAX_REMEMBERED:
            del self._kept[next(iter(self._kept))]


def kind_of(file: Attachment) -> Kind:
    """Return as what Telegram is to show *file*."""
    return "photo" if file.media_type in PHOTOS and len(file.content) <= MAX_PHOTO else "document"


def file_id(message: Any, kind: Kind) -> str:
    """Return Telegram's id of the file in *message*, "" when there is none to be read."""
    held = message.get(kind) if isinstance(message, Mapping) else None
    # A photo comes in several sizes, the largest last.
    held = held[-1] if isinstance(held, list) and held else held
    return str(held.get("file_id", "")) if isinstance(held, Mapping) else ""
