"""A recording assistant with canned cards, for what the real one does not do at will."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.messages import (
    Address,
    Attachment,
    Card,
    Choice,
    Field,
    Immediate,
    Inbound,
    Opened,
    Outbound,
    Tap,
    Text,
)

AT = datetime(2022, 9, 13, 3, 42, tzinfo=UTC)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf500f00038401803e2b5e7a0000000049454e44ae426082"
)
WORDS = {
    "en": {
        "title": "Asia-Pacific Directors-General Forum",
        "message_label": "Your message",
        "send": "Send",
        "reconnecting": "Connection lost, trying again",
        "connected": "Connected again",
        "log_label": "Conversation",
        "choices_label": "Choices",
        "crowded": "Too many have come from your network.",
        "too_long": "That is too long. At most 4,096 characters can be read.",
    },
    "fr": {
        "title": "Forum Asie-Pacifique des directeurs généraux",
        "message_label": "Votre message",
        "send": "Envoyer",
        "reconnecting": "Connexion perdue, nouvel essai",
        "connected": "De nouveau en ligne",
        "log_label": "Conversation",
        "choices_label": "Choix",
        "crowded": "Trop de visiteurs depuis votre réseau.",
        "too_long": "C’est trop long. 4 096 caractères au plus peuvent être lus.",
    },
}
ROOM_B = Card(
    ref="",
    lang="en",
    heading="Room B, first floor.",
    body="Session 2 starts in 3 minutes (10:45, Bangkok time).\nFrom registration: lift or stairs up one floor.",
    fields=(Field("Step-free", "yes"), Field("Desk", "ground floor, beside the <b>main</b> entrance")),
    choices=(
        (Choice("plan", "Floor plan"), Choice("else", "I am somewhere else")),
        (Choice("/desk", "Call the desk"),),
    ),
    note="Programme of 12 September. See https://example.org/programme.",
)
WELCOME = Card(
    ref="",
    lang="en",
    heading="Welcome to the assistant of the Asia-Pacific Directors-General Forum, Bangkok.",
    body="I can answer questions now. To register needs or see matches, I must know who you are.",
    choices=(
        (Choice("delegate", "I am a delegate"), Choice("question", "Just a question")),
        (Choice("/lang fr", "Français"), Choice("/lang ru", "Русский"), Choice("/lang zh", "中文")),
    ),
)


@dataclass(frozen=True)
class Line:
    id: int
    heard: str | None = None
    card: Card | None = None
    replaces: str | None = None
    at: datetime = AT


@dataclass
class StandIn:
    """Keeps what it received and answers from a handful of cards."""

    languages: tuple[str, ...] = ("en", "fr")
    received: list[Inbound] = field(default_factory=list)
    written: dict[str, list[Line]] = field(default_factory=dict)
    spoken: dict[str, str] = field(default_factory=dict)
    fails: int = 0
    wake: Callable[[Outbound], None] = lambda outbound: None
    keys: set[str] = field(default_factory=set)
    number: int = 0

    async def receive(self, inbound: Inbound) -> Immediate | None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the database is away")
        self.received.append(inbound)
        if inbound.key in self.keys:
            return None
        self.keys.add(inbound.key)
        return self.answer(inbound)

    def answer(self, inbound: Inbound) -> Immediate | None:
        user = inbound.address.user
        match inbound.heard:
            case Opened():
                self.say(user, WELCOME)
            case Text("where is room b"):
                self.hear(user, "where is room b")
                self.say(user, ROOM_B)
            case Text("/lang fr"):
                self.hear(user, "/lang fr")
                self.spoken[user] = "fr"
                self.say(user, Card("", "fr", "Langue : français."))
            case Text("floor plan"):
                self.hear(user, "floor plan")
                plan = Attachment("plan.png", "image/png", PIXEL, "Room B is above the registration desk.")
                self.say(user, Card("", "en", "Room B", attachment=plan))
            case Text("fill"):
                self.hear(user, "fill")
                for number in range(12):
                    self.say(user, replace(ROOM_B, heading=f"Room {number}"))
            case Text("DELETE"):
                self.written.clear()
                self.say(user, Card("", "en", body="Deleted. This is my last message."))
                return Immediate(toast="This conversation has ended.", ends=True)
            case Text(text):
                self.hear(user, text)
                self.say(user, Card("", "en", body=f"You said: {plain(text)}"))
            case Tap("old", _):
                return Immediate(toast="This button is from an earlier step.")
            case Tap(ref, number):
                card = next(line.card for line in self.written[user] if line.card and line.card.ref == ref)
                label = dict(card.numbered())[number].label
                self.hear(user, label)
                self.say(user, replace(card, choices=()), replaces=ref)
                self.say(user, Card("", "en", body=f"You chose: {label}"))
        return None

    def hear(self, user: str, text: str) -> None:
        self.number += 1
        self.written.setdefault(user, []).append(Line(self.number, heard=text))

    def say(self, user: str, card: Card, replaces: str | None = None) -> str:
        """Write *card* into the conversation as the sender does, and wake the channel."""
        self.number += 1
        card = replace(card, ref=f"r{self.number}")
        self.written.setdefault(user, []).append(Line(self.number, card=card, replaces=replaces))
        self.wake(Outbound(self.number, Address("web", user), user, card, replaces=replaces))
        return card.ref

    async def lines(self, address: Address, after: int = 0, limit: int = 200) -> Sequence[Line]:
        return tuple(line for line in self.written.get(address.user, ()) if line.id > after)[:limit]

    async def language_of(self, address: Address, locale: str | None = None) -> str:
        return self.spoken.get(address.user, "fr" if (locale or "").startswith("fr") else "en")

    def page_words(self, lang: str) -> Mapping[str, str]:
        return WORDS[lang]


def plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
