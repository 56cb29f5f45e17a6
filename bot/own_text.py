"""
The secretariat's own words for an announcement: the little of Jinja2 that is safe and clear, checked before it runs.

What is possible: the fields below, `if`, `elif` and `else`, `not`, `and`, `or`, `==` with a text, `|default("…")`, and
the marks `<b>` and `<i>`. Everything else is refused on the syntax tree; what passes is compiled in a sandbox.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from jinja2 import Template, TemplateSyntaxError, nodes
from jinja2.filters import do_default
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from bot.markup import escape, plain
from bot.reasons import Name, Reason, because

PERSONAL = ("name", "country", "role")
OF_SESSION = tuple(f"session.{part}" for part in ("title", "room", "floor", "start", "end", "day"))
FIELDS = (*PERSONAL, *OF_SESSION)
NOT_OF_EVERYONE = frozenset({"name", "country"})
"""Fields that some people do not have; elsewhere than in `if` or `default` they would leave a hole."""
LONGEST_SOURCE = 8000
"""Characters of a text with everything that steers it; far more than any that fits into a message."""
WIDEST = 100
"""Characters that a field counts for while its value is not known."""
DEEPEST_IF, DEEPEST_TEST = 8, 40

ONLY = f'use only {", ".join(FIELDS)}, if, elif, else, not, and, or, == with a text, and |default("…")'
POSSIBLE = f'{", ".join(FIELDS)}, if, elif, else, not, and, or, == "…", |default("…")'
MARKS = "the marks are <b>…</b> and <i>…</i>, one inside the other or one after the other"
_MARK = re.compile(r"<\s*/?\s*[A-Za-z!?][^<>]*>")
_STATEMENTS = {
    "Assign": "set",
    "AssignBlock": "set",
    "CallBlock": "call",
    "FilterBlock": "filter",
    "FromImport": "import",
    "Scope": "autoescape",
}
_EXPRESSIONS = {
    "Call": "(…)",
    "Getitem": "[…]",
    "CondExpr": "… if … else …",
    "Concat": "~",
    "List": "[…]",
    "Tuple": "(…, …)",
    "Dict": "{…}",
}
_SIGNS = {"ne": "!=", "gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "in": "in", "notin": "not in"}


Mark = tuple[str, int]
"""The letter of a mark that is open, and the line in which it was opened."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one line of a text (from 1), and what would be right."""

    line: int
    reason: Reason

    def within(self, lang: str) -> Reason:
        """Return the reason with its place in the text of that language."""
        return self.reason.at(f"{lang}, line {self.line}: ", lang=lang, line=self.line)


@dataclass(frozen=True, slots=True)
class OwnText:
    """
    A text that was read. While *problems* is not empty it cannot be written out.

    *fields* maps each field that it uses to the first line it stands in; *compared* holds (line, field, text) of
    every `==`.
    """

    problems: tuple[Problem, ...]
    fields: Mapping[str, int] = field(default_factory=dict)
    compared: tuple[tuple[int, str, str], ...] = ()
    _template: Template | None = None
    _tree: tuple[nodes.Node, ...] = ()

    def longest(self, known: Mapping[str, str]) -> int:
        """Return the most characters that anyone reads; a field that is not *known* counts as 100."""
        return _length(self._tree, {_key(name): len(value) for name, value in known.items()}, max)

    @property
    def says_something(self) -> bool:
        """Tell whether there are words left whatever the conditions choose."""
        return _length(self._tree, {}, min) > 0

    def written(self, values: Mapping[str, str]) -> str:
        """
        Return the text as neutral markup.

        *values* maps fields to plain text; a field that is missing or empty is one that the reader does not have.
        `role_id` is what `role` is compared with. Raises ValueError while there are problems.
        """
        if self._template is None:
            raise ValueError("a text with problems cannot be written out")
        text = self._template.render({_key(name): value for name, value in values.items() if value})
        return re.sub("\n{3,}", "\n\n", re.sub("[ \t]+\n", "\n", text)).strip()


@lru_cache(maxsize=256)
def read(source: str) -> OwnText:
    """Return *source* as it was understood, with all that is wrong in it."""
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    if problems := tuple(_unreadable(text)):
        return OwnText(problems)
    environment = _sandbox()
    try:
        tree = environment.parse(text)
    except TemplateSyntaxError as exc:
        return OwnText((_unread(exc.lineno, f"this cannot be read: {exc.message}"),))
    # Both come from the parser itself: brackets upon brackets, and numbers of thousands of digits.
    except (RecursionError, ValueError):
        return OwnText((_unread(1, "this is too deep to be read"),))
    reader = _Reader()
    reader.statements(tree.body, frozenset(), ())
    if reader.problems:
        return OwnText(tuple(sorted(dict.fromkeys(reader.problems), key=lambda problem: problem.line)))
    body = tuple(tree.body)
    tree.set_environment(environment)
    return OwnText((), reader.fields, tuple(reader.compared), environment.from_string(tree), body)


def _unread(line: int, wrong: str) -> Problem:
    return Problem(line, because("unreadable", f"{wrong}; {ONLY}", possible=POSSIBLE))


def _unreadable(text: str) -> Iterable[Problem]:
    if (length := len(text)) > LONGEST_SOURCE:
        long = f"the text has {length} characters; {LONGEST_SOURCE} is the most"
        yield Problem(1, because("too_long", long, length=length, most=LONGEST_SOURCE))
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if not is_writable(line):
            unshown = "a sign in this line cannot be shown; type the line again"
            yield Problem(number, because("unshown_sign", unshown))


def is_writable(text: str) -> bool:
    """Tell whether every sign of *text* can be kept and shown: line breaks and tabs can, other controls cannot."""
    return all(sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs") for sign in text)


@lru_cache(maxsize=1)
def _sandbox() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: Markup(escape(str(value))),  # noqa: S704 - escaped right here
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters = {"default": do_default}
    return environment


def _key(name: str) -> str:
    return name.replace(".", "_")


class _Reader:
    """
    Goes through a syntax tree, notes what is wrong, and leaves it with plain names and escaped words only.

    *sure* are the fields that the person has for certain at that place, *marks* the marks that are open there.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.fields: dict[str, int] = {}
        self.compared: list[tuple[int, str, str]] = []

    def statements(
        self, body: list[nodes.Node], sure: frozenset[str], outer: tuple[Mark, ...], depth: int = 0
    ) -> None:
        """Go through statements of one level; a mark that is opened among them has to be closed among them."""
        marks = list(outer)
        for node in body:
            if isinstance(node, nodes.Output):
                node.nodes = [self._printed(part, sure, marks, len(outer)) for part in node.nodes]
            elif not isinstance(node, nodes.If):
                kind = type(node).__name__
                self._refuse(node, _STATEMENTS.get(kind, kind.lower()))
            elif depth == DEEPEST_IF:
                deep = f"no more than {DEEPEST_IF} “if” inside one another"
                self._wrong(node.lineno, "too_many_ifs", deep, most=DEEPEST_IF)
            else:
                self._branches(node, sure, tuple(marks), depth)
        for mark, line in marks[len(outer) :]:
            opened = f"“<{mark}>” is not closed; close it with </{mark}> on the same side of every “if”"
            self._wrong(line, "open_mark", opened, mark=f"<{mark}>", close=f"</{mark}>")

    def _branches(self, node: nodes.If, sure: frozenset[str], marks: tuple[Mark, ...], depth: int) -> None:
        for branch in (node, *node.elif_):
            branch.test, if_true, if_false = self._test(cast("nodes.Expr", branch.test))
            self.statements(branch.body, sure | if_true, marks, depth + 1)
            sure |= if_false
        self.statements(node.else_, sure, marks, depth + 1)

    def _test(self, node: nodes.Expr, depth: int = 0) -> tuple[nodes.Expr, frozenset[str], frozenset[str]]:
        """Return the test in plain names, and the fields that a person has for certain if it is true, and if not."""
        nothing: frozenset[str] = frozenset()
        if depth == DEEPEST_TEST:
            many = f"no more than {DEEPEST_TEST} conditions in one “if”"
            self._wrong(node.lineno, "too_many_conditions", many, most=DEEPEST_TEST)
            return node, nothing, nothing
        match node:
            case nodes.Not():
                node.node, if_true, if_false = self._test(node.node, depth + 1)
                return node, if_false, if_true
            case nodes.And() | nodes.Or():
                node.left, left_true, left_false = self._test(node.left, depth + 1)
                node.right, right_true, right_false = self._test(node.right, depth + 1)
                if isinstance(node, nodes.And):
                    return node, left_true | right_true, left_false & right_false
                return node, left_true & right_true, left_false | right_false
            case nodes.Compare(
                expr=nodes.Name() | nodes.Getattr(),
                ops=[nodes.Operand(op="eq", expr=nodes.Const(value=str(text)))],
            ):
                name = self._field(node.expr)
                self.compared.append((node.lineno, name, text))
                node.expr = _plain_name("role_id" if name == "role" else name, node)
                return node, frozenset({name}), nothing
            case nodes.Name() | nodes.Getattr():
                name = self._field(node)
                return _plain_name(name, node), frozenset({name}), nothing
        self._refuse(node, _sign(node))
        return node, nothing, nothing

    def _printed(self, node: nodes.Expr, sure: frozenset[str], marks: list[Mark], outer: int) -> nodes.Expr:
        match node:
            case nodes.TemplateData():
                node.data = self._marked(node, marks, outer)
                return node
            case nodes.Filter(
                name="default",
                node=(nodes.Name() | nodes.Getattr()) as used,
                args=[nodes.Const(value=str(text))],
                kwargs=[],
                dyn_args=None,
                dyn_kwargs=None,
            ):
                if not is_writable(text):
                    unshown = "a sign in the text after default cannot be shown; type it again"
                    self._wrong(node.lineno, "unshown_sign", unshown)
                node.node = _plain_name(self._field(used), node)
                return node
            case nodes.Name() | nodes.Getattr():
                name = self._field(node)
                if name in NOT_OF_EVERYONE - sure:
                    right = f'{{{{ {name}|default("…") }}}}'
                    guarded = f"{right} or {{% if {name} %}} … {{% endif %}}"
                    unsure = f"“{name}” is not known of everyone; write {guarded}"
                    self._wrong(node.lineno, "not_of_everyone", unsure, field=name, right=right)
                return _plain_name(name, node)
        self._refuse(node, _sign(node))
        return node

    def _field(self, node: nodes.Expr) -> str:
        """Return the name of the field that *node* is; one that there is not is noted."""
        match node:
            case nodes.Name(name=name):
                pass
            case nodes.Getattr(node=nodes.Name(name=owner), attr=attribute):
                name = f"{owner}.{attribute}"
            case nodes.Getattr(attr=attribute):
                name = f".{attribute}"
            case _:  # pragma: no cover - the callers ask for these two only
                name = _sign(node)
        if name in FIELDS:
            self.fields.setdefault(name, node.lineno)
        else:
            self._refuse(node, name)
        return name

    def _marked(self, node: nodes.TemplateData, marks: list[Mark], outer: int) -> str:
        """Return the words of *node* as neutral markup, and leave in *marks* what is open behind them."""
        written, start = [], 0
        for found in _MARK.finditer(node.data):
            line = node.lineno + node.data.count("\n", 0, found.start())
            written += [escape(node.data[start : found.start()]), found[0]]
            start = found.end()
            if found[0] not in ("<b>", "<i>", "</b>", "</i>"):
                mark = found[0][:40]
                self._wrong(line, "unknown_mark", f"“{mark}” is not possible here; {MARKS}", mark=mark)
            elif not found[0].startswith("</") and found[0][1] not in dict(marks):
                marks.append((found[0][1], line))
            elif found[0].startswith("</") and len(marks) > outer and marks[-1][0] == found[0][2]:
                marks.pop()
            else:
                misplaced = f"“{found[0]}” stands where it cannot; {MARKS}"
                self._wrong(line, "misplaced_mark", misplaced, mark=found[0])
        return "".join([*written, escape(node.data[start:])])

    def _refuse(self, node: nodes.Node, what: str) -> None:
        # The node that stands for `autoescape` has no line, what is in it has.
        lines = (node.lineno, *(part.lineno for part in node.iter_child_nodes()))
        what = what[:40]
        impossible = f"“{what}” is not possible here; {ONLY}"
        self._wrong(next(filter(None, lines), 1), "not_possible", impossible, what=what, possible=POSSIBLE)

    def _wrong(self, line: int, name: Name, text: str, **values: Any) -> None:
        self.problems.append(Problem(line, because(name, text, **values)))


def _plain_name(name: str, node: nodes.Node) -> nodes.Name:
    # No attribute is looked up when the text runs: "session.room" is one name among the values.
    return nodes.Name(_key(name), "load", lineno=node.lineno)


def _sign(node: nodes.Node) -> str:
    match node:
        case nodes.Name(name=name):
            return str(name)
        case nodes.Getattr(attr=attribute):
            return f".{attribute}"
        case nodes.Filter(name=name):
            return f"|{name}"
        case nodes.Test(name=name):
            return f"is {name}"
        case nodes.Const(value=value):
            return str(value)
        case nodes.Compare(ops=[nodes.Operand(op=op), *_]):
            return _SIGNS.get(op, "==")
        case nodes.BinExpr(operator=sign) | nodes.UnaryExpr(operator=sign):
            return str(sign)
    kind = type(node).__name__
    return _EXPRESSIONS.get(kind, kind.lower())


def _length(body: Iterable[nodes.Node], widths: Mapping[str, int], of: Callable[..., int]) -> int:
    """Return how many characters *body* has at most or at least, as *of* is max or min."""
    return sum(_width(node, widths, of) for node in body)


def _width(node: nodes.Node, widths: Mapping[str, int], of: Callable[..., int]) -> int:
    match node:
        case nodes.Output(nodes=parts):
            return _length(parts, widths, of)
        case nodes.TemplateData(data=words):
            return len(plain(words) if of is max else plain(words).strip())
        case nodes.Filter(node=nodes.Name(name=name), args=[nodes.Const(value=text)]):
            return of(widths.get(name, WIDEST), len(text))
        case nodes.Name(name=name):
            return widths.get(name, WIDEST)
        case nodes.If(body=body, elif_=others, else_=otherwise):
            branches = (body, *(other.body for other in others), otherwise)
            return of(_length(branch, widths, of) for branch in branches)
    raise TypeError(type(node).__name__)  # pragma: no cover - the reader lets nothing else through
