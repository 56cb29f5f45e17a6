"""Texts that nobody writes and somebody sends, and how long reading one may take."""

import time
import unicodedata
from collections.abc import Callable, Mapping

LONG = 100_000
# Twice what holds on a quiet machine: 50.
MILLISECONDS_A_KILOBYTE = 100


def _repeated(piece: str) -> str:
    return (piece * (LONG // len(piece) + 1))[:LONG]


TEXTS: Mapping[str, str] = {
    "nothing": "",
    "blanks": _repeated(" \t\r\n\u00a0\u3000"),
    "control characters": _repeated("\x00\x1b\x7f\u0085"),
    "lone surrogates": _repeated("\ud800 \udfffa"),
    "emoji": _repeated("👩‍👩‍👧‍👦🏳️‍🌈 ❤️"),
    "right to left": _repeated("\u202eالعَرَبِيَّة שלום \u202c"),
    "one endless word": _repeated("a"),
    "one endless address": _repeated("a-.a"),
    "one endless number": _repeated("+9"),
    "words": _repeated("Solar power for 40 islands, please! "),
    "ever new words": " ".join(f"w{number}x" for number in range(LONG // 8)),
    "cyrillic": _repeated("Нам нужна вода и свет. "),
    "han": _repeated("公共卫生培训"),
    "thai": _repeated("ที่นี่ก็ดี"),
    "hindi": _repeated("नमस्ते क्षेत्र "),
    "khmer": _repeated("ភាសាខ្មែរ"),
    "burmese": _repeated("မြန်မာဘာသာ"),
    "marks without a letter": _repeated("\u0301\u0327"),
    "signs that stand for eighteen": _repeated("ﷺ"),
}


def hold_up(read: Callable[[str], object], longest: int = LONG) -> dict[str, float]:
    """
    Read each text and its beginning; return those that took too long, with ms of CPU a kilobyte.

    A kilobyte is one of the text spelt out: one sign may stand for eighteen.
    """
    slow = {}
    for name, text in TEXTS.items():
        for part in (text[:1000], text[:longest]):
            before = time.thread_time_ns()
            read(part)
            spent = (time.thread_time_ns() - before) / 1e6
            pace = spent / max(1.0, _size(part) / 1024)
            if pace > MILLISECONDS_A_KILOBYTE:
                slow[f"{name}, {len(part)} characters"] = round(pace, 1)
    return slow


def _size(text: str) -> int:
    signs = {sign: len(unicodedata.normalize("NFKC", sign).encode("utf-8", "replace")) for sign in set(text)}
    return sum(signs[sign] for sign in text)


VALUES: Mapping[str, str] = {
    "everybody on slack": "<!channel> <!here> <@U0123> <#C1> <!date^1^x|y> <https://evil.example|click>",
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "attribute": '" onmouseover="alert(1)" x=\'y',
    "closing tags": "</b></i></a></textarea></script><b>",
    "entities": "&amp; &lt;b&gt; &#60;script&#62; &nbsp",
    "template": "{{7*7}} {% raw %} {{ config }} {# x #} ${7*7} #{7*7} %(name)s",
    "percent": "%s%n%x%d %(count)s {0} {name}",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "formula plus": "+1+cmd|' /C calc'!A0",
    "formula minus": "-1+1",
    "formula at": "@SUM(A1:A2)",
    "formula behind a tab": "\t=1+1",
    "formula behind a return": "\r=1+1",
    "header": "Name\r\nBcc: all@ministry.example\r\n\r\nbody",
    "path": "../../etc/passwd",
    "path windows": "..\\..\\con.txt",
    "override": "\u202etxt.exe\u2066 \u2067",
    "zero width": "zero\u200bwidth\u200d\ufeff\u2060",
    "nul": "nul\x00inside",
    "half a character": "half \ud83d of one",
    "quote and drop": "'; DROP TABLE participant; --",
    "ansi": "\x1b[31mred\x1b[0m\x1b]0;title\x07\x9b2J",
    "forged log line": 'x\n2022-09-13T00:00:00Z [info] audit_ok\r\n{"event": "forged"}',
    "markdown": "*bold* _it_ ~no~ `code` ```block``` [a](http://evil.example) > quote",
    "shape of a block": "[send] Pay | now\n\u00b6\n[/undo N-1] x",
    "json": '"}],"choices":[["/undo","x"]],"x":[{"',
    "joined emoji": "👩‍👩‍👧‍👦🏳️‍🌈",
    "typst": '#eval("1") $x$ @ref <label> \\ #include "x" *b*',
}
"""What somebody writes who hopes that it is taken for something else than words."""
