"""Settings-like files: YAML, read as text values with the line of each, so problems can name it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

import yaml

from knowledge.loaders.csv import decoded
from knowledge.loaders.fields import Fields
from knowledge.packaged import Loader
from knowledge.problems import Findings, instead, quoted

NULL = "tag:yaml.org,2002:null"


def mappings(
    file: str, content: bytes | None, found: Findings, *, fields: tuple[str, ...], first_line: int = 1
) -> Iterator[Fields]:
    """
    Yield the mapping that the file is, or each of the list of mappings that it is.

    Values stay text and are named by the way to them: `contacts.desk.en`; nothing is turned
    into a number or a date here. *fields* names the ones there may be, `name.*` for any
    language. A field not among them or given twice, and text that is no YAML, are noted.
    *first_line* is where *content* stands within its file.
    """
    text = decoded(file, content, found) if content is not None else None
    if text is None:
        return
    shift = first_line - 1
    try:
        top = yaml.compose(text, Loader=Loader)
    except yaml.YAMLError as exc:
        found.add(file, _line(exc, shift), None, wrong=_reason(exc), right="see the README's example")
        return
    parts = top.value if isinstance(top, yaml.SequenceNode) else [top]
    for part in parts:
        if isinstance(part, yaml.MappingNode):
            yield _record(file, part, found, fields, shift)
        else:
            line = part.start_mark.line + 1 + shift if part is not None else 1
            wrong, right = "fields with values were expected here", "write lines like “name: value”"
            found.add(file, line, None, wrong=wrong, right=right)


def _record(file: str, top: yaml.MappingNode, found: Findings, known: tuple[str, ...], shift: int) -> Fields:
    values: dict[str, str] = {}
    rows: dict[str, int] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for name, line, node in _leaves(top, ""):
        if name in rows:
            found.add(file, line + shift, name, wrong="it is given twice", right="keep one of them")
        elif not any(fnmatchcase(name, pattern) for pattern in known):
            right = instead(name, [pattern for pattern in known if "*" not in pattern])
            found.add(file, line + shift, name, wrong="this field is not known here", right=right)
        rows[name] = line + shift
        if isinstance(node, yaml.SequenceNode):
            lists[name] = tuple(_items(file, name, node, found, shift))
        elif isinstance(node, yaml.ScalarNode) and node.tag != NULL:
            values[name] = node.value
    return Fields(file, values, found, top.start_mark.line + 1 + shift, rows, lists)


def _leaves(node: yaml.MappingNode, way: str) -> Iterator[tuple[str, int, yaml.Node]]:
    for key, value in node.value:
        name = f"{way}{key.value}"
        if isinstance(value, yaml.MappingNode):
            yield from _leaves(value, f"{name}.")
        else:
            yield name, key.start_mark.line + 1, value


def _items(file: str, name: str, node: yaml.SequenceNode, found: Findings, shift: int) -> Iterator[str]:
    for item in node.value:
        if isinstance(item, yaml.ScalarNode):
            yield item.value
        else:
            line = item.start_mark.line + 1 + shift
            right = "put text that has a colon or a bracket in it in quotation marks"
            found.add(file, line, name, wrong="this item of the list is not text", right=right)


def _line(exc: yaml.YAMLError, shift: int) -> int | None:
    mark = getattr(exc, "problem_mark", None)
    return mark.line + 1 + shift if mark is not None else None


def _reason(exc: yaml.YAMLError) -> str:
    reason = getattr(exc, "problem", None) or "it is not YAML"
    return f"this cannot be read ({quoted(str(reason))})"
