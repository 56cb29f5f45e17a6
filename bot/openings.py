"""What opens a dialogue by itself, whatever was said before: a code, a number, a command without its slash."""

import re

from bot.engine import Enter
from bot.links import digits_in, is_miscounted, proof_in
from bot.numbers import NUMBER
from bot.words import Words
from matching.text import normalise

HAN = re.compile("[\u4e00-\u9fff]")
LONGEST = 80
"""Characters above which words are a text, and nothing that leads somewhere."""
MOST_WORDS = 4
"""Words that lead somewhere have at most."""


def opened_by(text: str, words: Words) -> Enter | None:
    """Return what *text* opens, None where it is anything else."""
    if proof := proof_in(text):
        return Enter("link", proof)
    if is_miscounted(text):
        return Enter("link", {"digits": digits_in(text)})
    return _numbered(text, words) or _led(text, words)


def _numbered(text: str, words: Words) -> Enter | None:
    """Return what shows the number that *text* is, or does with it what the command before it says."""
    first, _, rest = text.partition(" ")
    if found := NUMBER.fullmatch(text):
        opening = words.numbers[found[1].upper()]
        return Enter(opening.dialogue, {opening.slot or "": text.upper()})
    if not (typed := rest.split()) or not NUMBER.fullmatch(typed[0].rstrip(":,.")):
        return None
    command = words.commands.get(first.casefold())
    if command is None or command.slot is None:
        return None
    typed[0] = typed[0].rstrip(":,.").upper()
    return Enter(command.dialogue, {command.slot: " ".join(typed)})


def _led(text: str, words: Words) -> Enter | None:
    """Return what the first words of *text* open with those that follow: "follow session 3"."""
    if len(text) > LONGEST:
        return None
    if HAN.match(text):
        lead = max((one for one in words.leads if text.startswith(one)), key=len, default="")
        return _with(lead, text.removeprefix(lead), text, words)
    parts = text.split()
    for size in range(min(MOST_WORDS, len(parts) - 1), 0, -1):
        if found := _with(normalise(" ".join(parts[:size])), " ".join(parts[size:]), text, words):
            return found
    return None


def _with(lead: str, rest: str, text: str, words: Words) -> Enter | None:
    opening = words.leads.get(lead)
    rest = rest.strip(" ?？!.。")
    return Enter(opening.dialogue, {opening.slot or "": rest, "question": text}) if opening and rest else None
