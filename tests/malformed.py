"""Broken input by the thousand: bytes, words and JSON values, made from good ones with a seed."""

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

PIECES: Sequence[bytes] = (
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n\n---\n",
    b'"',
    b",,,,",
    b";",
    b"{{7*7}}",
    b"{% for x in y %}",
    b"*a",
    b"&a [*a]",
    b"!!python/object/apply:os.getcwd []",
    b"../../etc/passwd",
    b"9" * 400,
    b"-1",
    b"1e999",
    b"2022-13-45",
    b"25:61",
    b"=HYPERLINK(1)",
    "\u202e".encode(),
    "\u2028".encode(),
    "Ⅻ²".encode(),
    b"<script>",
    b"%00%ff",
    b"[" * 300,
)
VALUES: Sequence[Any] = (
    None,
    True,
    -1,
    2**63,
    1.5,
    float("1e308"),
    "",
    "\x00",
    "\u202e\u2028",
    "x" * 5000,
    "{{7*7}}",
    "../..",
    "𝟙𝟚:𝟛",
    [],
    [[[]]],
    {},
    {"": None},
    [None] * 50,
)


def spoilt_bytes(chance: random.Random, good: bytes) -> bytes:
    """Return *good* with a few things wrong in it."""
    broken = bytearray(good)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(broken) + 1)
        end = min(len(broken), at + chance.choice((1, 1, 3, 20, 400)))
        match chance.randrange(5):
            case 0:
                broken[at:at] = chance.choice(PIECES)
            case 1:
                del broken[at:end]
            case 2:
                broken[at:at] = broken[at:end]
            case 3:
                broken[at:end] = chance.randbytes(end - at)
            case _:
                broken[at:end] = chance.choice(PIECES)
    return bytes(broken[: chance.randrange(len(broken) + 1)] if chance.random() < 0.1 else broken)


def spoilt_text(chance: random.Random, good: str) -> str:
    """Return *good* with a few things wrong in it, half surrogate pairs among them."""
    broken = spoilt_bytes(chance, good.encode()).decode("utf-8", "surrogateescape")
    return broken + chance.choice(("", "", "\ud800", "\u0301" * 40))


def spoilt_json(chance: random.Random, good: Any) -> Any:
    """Return the JSON value *good* with one to three of its parts gone, or of another kind."""
    broken = copy.deepcopy(good)
    for _ in range(chance.randint(1, 3)):
        places = list(_places(broken))
        if not places:
            return chance.choice(VALUES)
        holder, key = chance.choice(places)
        if chance.random() < 0.3:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(VALUES))
    return broken


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place inside *value*: what holds it, and under what."""
    match value:
        case dict():
            for key in list(value):
                yield value, key
                yield from _places(value[key])
        case list():
            for key in range(len(value)):
                yield value, key
                yield from _places(value[key])


def many(
    seed: int, count: int, spoil: Callable[[random.Random, Any], Any], goods: Sequence[Any]
) -> Iterator[Any]:
    """Yield *count* values that *spoil* makes of *goods* in turn; the same for the same *seed*."""
    chance = random.Random(seed)
    for number in range(count):
        yield spoil(chance, goods[number % len(goods)])
