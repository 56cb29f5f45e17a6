"""What comes that is not one's own words: voice, pictures, stickers, contacts, forwarded texts."""

from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, say

KINDS = frozenset({"voice", "sticker", "photo", "document", "location", "contact"})


def hear(turn: Turn) -> Move:
    """Say what can be done instead; ask what a text that came along is meant for."""
    kind = str(turn.slots.get("kind", ""))
    text = str(turn.slots.get("text", "")).strip()
    if kind == "forwarded" and text:
        return go(turn, PURPOSE, text=text, kind=kind)
    answer = say(f"media/{kind}" if kind in KINDS else "media/other", alone=not text)
    if text and kind in ("photo", "document", "other"):
        return go(turn, PURPOSE, answer, text=text, kind=kind)
    return finish(answer)


def ask_purpose(turn: Turn) -> Saying:
    """Ask what to do with the text."""
    return say("media/purpose", text=turn.slots["text"])


def hear_purpose(turn: Turn) -> Move:
    """Do it."""
    text = turn.slots["text"]
    match turn.choice:
        case "need" | "offer" as kind:
            return hand_over(kind, text=text, sure=True)
        case "ask":
            return hand_over("person", text=text)
        case "nothing":
            return finish(say("media/nothing", edit=True))
        case _:
            return go(turn, PURPOSE)


PURPOSE = Step("purpose", ask_purpose, hear_purpose, free=False)
MEDIA = Dialogue("media", hear, (PURPOSE,))
