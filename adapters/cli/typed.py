"""Reading what was typed as options: every mistake is told at once."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from knowledge.snapshot import Snapshot

P = ParamSpec("P")
T = TypeVar("T")


class Typed:
    """Options that are read one after the other; `check` tells what is wrong with all of them."""

    def __init__(self) -> None:
        self._wrong: list[str] = []

    def read(self, part: Callable[P, T], *values: P.args, **named: P.kwargs) -> T | None:
        """Return what *part* reads; None where it refuses, which is noted."""
        from bot.errors import Refused

        try:
            return part(*values, **named)
        except Refused as exc:
            self._wrong.append(str(exc))
            return None

    def note(self, *wrong: str) -> None:
        """Note what is *wrong* besides."""
        self._wrong += wrong

    def check(self) -> None:
        """Raise Refused with all that is wrong, a line each."""
        from bot.errors import Refused

        if self._wrong:
            raise Refused(*self._wrong)


def pair(text: str, right: str) -> tuple[str, str]:
    """Return the two sides of `name=value`."""
    from bot.errors import Refused

    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise Refused(f"“{text[:40]}” has no name before its value; write {right}")
    return name.strip(), value.strip()


def moment(text: str | None, option: str, know: "Snapshot") -> datetime | None:
    """Return the time that *text* is, at the forum's place where it names no zone; None when it is None."""
    from bot.errors import Refused

    if text is None:
        return None
    zone = know.forum.time_zone
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        example = f"{know.forum.starts}T14:15"
        raise Refused(f"{option}: “{text}” is not a time; write {example} ({zone.key})") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)
