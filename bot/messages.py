"""The neutral messages that travel between a platform's adapter and a conversation."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from knowledge.forum import Coordinates

MediaKind = Literal["voice", "sticker", "photo", "document", "location", "contact", "other"]
Place = Literal["private", "group"]
COLONS = {"fr": "\u00a0: ", "zh": "："}
TO_PRIVATE = "/private"
"""The choice that leads from a group to the private chat; as a command it opens the menu there."""
MAX_HEARD = 4096
"""Characters of a message that are read; the rest is cut."""


@dataclass(frozen=True, slots=True)
class Address:
    """A channel and an account on it: where a participant can be reached."""

    channel: str
    user: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.user}"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where others read along: a group's *chat* on a channel, or the *topic* of it that is not empty."""

    channel: str
    chat: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Words typed or said to the bot, or a command such as `/need`."""

    text: str
    forwarded: bool = False


@dataclass(frozen=True, slots=True)
class Tap:
    """A choice pressed: the card's `ref`, the number of the choice on it (from 0), and the platform's message."""

    ref: str
    number: int
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """An earlier message of the participant, changed; `message` is the platform's id of it."""

    text: str
    message: str


@dataclass(frozen=True, slots=True)
class Media:
    """Something that is not text; `caption` is the text that came with it, empty when none did."""

    kind: MediaKind
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """The participant opened the chat and has said nothing yet; `payload` is what a deep link carried."""

    payload: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """The participant blocked the bot or removed it: nothing may be sent until they write again."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A form filled in on a channel that has forms; maps field names to what was entered."""

    form: str
    values: Mapping[str, str]


Heard = Text | Tap | Edit | Media | Opened | Left | Submitted


@dataclass(frozen=True, slots=True)
class Inbound:
    """
    One thing that a participant did, as every channel reports it.

    *key* is unique on its channel: the same key twice is the same message twice. *chat* is where an answer
    goes; *thread* is the topic or thread inside it, and *topic* the lasting part of a group in which that is. *message*
    is the platform's id of what was heard, *answers* that of the message which it replies to. It is *apart* where what
    is not for others can be answered in the private chat.
    """

    key: str
    address: Address
    at: datetime
    heard: Heard
    chat: str
    place: Place = "private"
    thread: str | None = None
    topic: str | None = None
    message: str | None = None
    locale: str | None = None
    answers: str | None = None
    apart: bool = False

    @property
    def spot(self) -> Spot | None:
        """Where others read along, None in a private chat."""
        return Spot(self.address.channel, self.chat, self.topic or "") if self.place == "group" else None

    def to_json(self) -> dict[str, Any]:
        """Return the message as JSON values."""
        values = {
            name: getattr(self, name)
            for name in ("key", "chat", "place", "thread", "topic", "message", "locale", "answers", "apart")
        }
        return {
            **values,
            "address": [self.address.channel, self.address.user],
            "at": self.at.isoformat(),
            "heard": [type(self.heard).__name__, asdict(self.heard)],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Inbound":
        """Return the message that `to_json` wrote."""
        name, parts = values["heard"]
        heard = next(kind for kind in get_args(Heard) if kind.__name__ == name)
        known = {
            **values,
            "address": Address(*values["address"]),
            "at": datetime.fromisoformat(values["at"]),
            "heard": heard(**parts),
        }
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Choice:
    """
    A button, or a numbered line where there are none.

    An *id* that begins with "/" is a command and works at any time; any other answers the card's own step.
    *label* is plain text. A channel that can lead somewhere puts *url* in place of an answer; it is kept nowhere.
    """

    id: str
    label: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled fact of a card, both sides in the neutral markup."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or a document with its text description, which is never empty."""

    name: str
    media_type: str
    content: bytes
    description: str

    @property
    def is_picture(self) -> bool:
        """Tell whether a channel can show it inside the message."""
        return self.media_type.startswith("image/")

    def to_json(self) -> dict[str, str]:
        """Return the attachment as JSON values, its content in base64."""
        return {**asdict(self), "content": b64encode(self.content).decode()}

    @classmethod
    def from_json(cls, values: Mapping[str, str]) -> "Attachment":
        """Return the attachment that `to_json` wrote."""
        content = b64decode(values["content"])
        return cls(values["name"], values["media_type"], content, values["description"])


@dataclass(frozen=True, slots=True)
class Card:
    """
    One message of the bot, written out in one language and in no platform's format.

    *heading*, *body*, *note* and the fields are neutral markup (see `bot.markup`); *choices* are rows of buttons.
    *ref* is what a tap on the card names: short, ASCII, unique. *note* is small print: source, rehearsal clock.
    With *coordinates* it is about the place there, called as the heading says, in the town of the body: a channel that
    has maps of its own shows one in place of the card.
    """

    ref: str
    lang: str
    heading: str = ""
    body: str = ""
    fields: tuple[Field, ...] = ()
    choices: tuple[tuple[Choice, ...], ...] = ()
    note: str = ""
    attachment: Attachment | None = None
    coordinates: Coordinates | None = None

    def numbered(self) -> Iterator[tuple[int, Choice]]:
        """Yield the choices in reading order with the number that a tap carries, from 0."""
        return enumerate(choice for row in self.choices for choice in row)

    @property
    def colon(self) -> str:
        """Return what stands between the label of a field and its value, as the card's language writes it."""
        return COLONS.get(self.lang, ": ")

    def to_json(self) -> dict[str, Any]:
        """Return the card as JSON values."""
        values: dict[str, Any] = {
            "ref": self.ref,
            "lang": self.lang,
            "heading": self.heading,
            "body": self.body,
            "fields": [[part.label, part.value] for part in self.fields],
            "choices": [[[choice.id, choice.label] for choice in row] for row in self.choices],
            "note": self.note,
        }
        if self.attachment is not None:
            values["attachment"] = self.attachment.to_json()
        if self.coordinates is not None:
            values["coordinates"] = [self.coordinates.latitude, self.coordinates.longitude]
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Card":
        """Return the card that `to_json` wrote."""
        return cls(
            ref=values["ref"],
            lang=values["lang"],
            heading=values["heading"],
            body=values["body"],
            fields=tuple(Field(*pair) for pair in values["fields"]),
            choices=tuple(tuple(Choice(*pair) for pair in row) for row in values["choices"]),
            note=values["note"],
            attachment=Attachment.from_json(values["attachment"]) if "attachment" in values else None,
            coordinates=Coordinates(*values["coordinates"]) if "coordinates" in values else None,
        )


@dataclass(frozen=True, slots=True)
class Outbound:
    """
    A card on its way to one chat.

    *replaces* is the platform's id of an earlier message that this card takes the place of; *about* is the platform's
    id of the message that it answers, for groups and threads. *deletes* takes the earlier message away where the
    platform allows it, and only where it does not, the card stands in its place. A *silent* one makes no sound where
    the platform has a choice.
    """

    delivery: int
    address: Address
    chat: str
    card: Card
    thread: str | None = None
    replaces: str | None = None
    about: str | None = None
    deletes: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """
    A field of a form; *options* (id, label) make it a select, else it is a text.

    A field that is *looked_up* takes several options, which the core names while they are typed, and one for *several*
    takes several of its own; what is entered is their ids between spaces. *hint* stands in it as long as it is empty.
    """

    name: str
    label: str
    options: tuple[Choice, ...] = ()
    value: str = ""
    multiline: bool = False
    required: bool = False
    looked_up: bool = False
    several: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """
    A form in one language, for channels that can show one; title, submit and close have 24 characters at most.

    *text* is plain and stands before the fields.
    """

    name: str
    lang: str
    title: str
    submit: str
    close: str
    fields: tuple[FormField, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Immediate:
    """
    What the platform wants inside its own request; said at most once, and never through the ledger.

    *toast* is a short line over the chat (200 characters at most); *errors* maps the fields of a refused form to
    what is wrong with each; *form* takes the place of the one that was sent. It *ends* what the channel remembers
    somebody by: they are not known any more, and *toast* says so. What was asked where others read along is answered
    *apart*, in the private chat, to which *toast* leads.
    """

    toast: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    form: Form | None = None
    ends: bool = False
    apart: bool = False
