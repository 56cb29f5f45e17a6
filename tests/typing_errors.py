"""Typing errors as fingers make them, for tests and measurements."""

import random

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def mistyped(text: str, chance: random.Random) -> str:
    """Return *text* with one letter replaced by a neighbouring key, left out, typed besides, or swapped."""
    letters = [place for place, letter in enumerate(text) if letter.isalpha()]
    if not letters:
        return text
    at = chance.choice(letters)
    before, letter, after = text[:at], text[at], text[at + 1 :]
    match chance.randrange(4):
        case 0:
            return before + _neighbour(letter, chance) + after
        case 1:
            return before + after
        case 2:
            return before + _neighbour(letter, chance) + letter + after
        case _:
            return before + after[:1] + letter + after[1:]


def _neighbour(letter: str, chance: random.Random) -> str:
    for number, row in enumerate(_ROWS):
        place = row.find(letter.lower())
        if place >= 0:
            near = "".join(
                keys[max(0, place - 1) : place + 2] for keys in _ROWS[max(0, number - 1) : number + 2]
            )
            return chance.choice([key for key in near if key != letter.lower()])
    return chance.choice("aeo")
