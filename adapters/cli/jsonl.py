"""Files of one JSON object a line, read whole or refused with every wrong line and field."""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any

Kinds = Mapping[str, type | UnionType]

_EXAMPLES: Mapping[object, str] = {str: '"words"', list: '["words", "other words"]', object: "1"}


def rows(
    path: Path, wanted: Kinds, *, among: Mapping[str, Collection[str]] | None = None
) -> list[dict[str, Any]]:
    """
    Return the objects of the file at *path*; raises Refused with the line and field of everything wrong.

    *wanted* maps a field that must be there to the type of its value, *among* a field to the only
    words that it may hold. Lines without anything are passed over.
    """
    from bot.errors import Refused

    found: list[dict[str, Any]] = []
    wrong: list[str] = []
    # Not splitlines: a JSON string may hold the line separators of Unicode as they are.
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{path.name}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as exc:
            wrong.append(f"{place}: this is not JSON ({exc}); write one object on each line")
            continue
        wrong += [f"{place}, {problem}" for problem in _problems(row, wanted, among or {})]
        found.append(row)
    if wrong:
        raise Refused("\n".join(wrong))
    return found


def _text(path: Path) -> str:
    from bot.errors import Refused

    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Refused(f"{path.name}: it is not UTF-8 (byte {exc.start}); save it as UTF-8") from exc


def _problems(row: object, wanted: Kinds, among: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Give what is wrong with *row*, field by field, and what would be right."""
    from knowledge.problems import instead, quoted

    fields = row if isinstance(row, dict) else {}
    for name, kind in wanted.items():
        if not _is_given(fields, name, kind):
            example = _EXAMPLES.get(kind, "...")
            wrong = "it is missing or of the wrong kind"
            yield f'field {name}: {wrong}; write for example {{"{name}": {example}}}'
    for name, words in among.items():
        value = fields.get(name)
        if isinstance(value, str) and value not in words:
            yield f"field {name}: there is no {quoted(value)}; {instead(value, sorted(words))}"


def _is_given(fields: Mapping[str, Any], name: str, kind: type | UnionType) -> bool:
    """Say whether the field is there; null counts only where *kind* names it."""
    if name not in fields or not isinstance(fields[name], kind):
        return False
    return fields[name] is not None or kind is not object
