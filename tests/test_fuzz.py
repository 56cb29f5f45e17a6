"""Thousands of malformed inputs at every parser: a clean refusal, or an answer; never anything else."""

import io
import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from adapters.cli import jsonl
from adapters.settings import read_settings
from adapters.telegram.adapter import heard, readable
from adapters.telegram.polling import chat_of
from adapters.telegram.translate import Me
from bot import links, markup, own_text
from bot.broadcasts import read_number
from bot.dialogues.countries import all_read
from bot.dialogues.times import read_time
from bot.errors import Refused
from bot.messages import Inbound
from bot.numbers import to_row
from bot.registration import read_people
from bot.store import row_of
from knowledge.loaders.pack import Pack, _files
from knowledge.problems import PackRefused
from knowledge.sample import sample_pack
from tests.bot.factories import a_turn
from tests.loopback import telegram_updates as telegram
from tests.malformed import many, spoilt_bytes, spoilt_json, spoilt_text
from tests.samples import sample_snapshot

SEED = 20221122
NOW = datetime(2022, 9, 13, 3, 20, tzinfo=UTC)
CLEAN = (Refused, PackRefused)
"""What says in words what is wrong."""


def refused_cleanly(read: Callable[[Any], object], inputs: Any) -> int:
    """Have *read* take all *inputs*; return how many it refused. Anything but a clean refusal goes through."""
    said = []
    for given in inputs:
        try:
            read(given)
        except CLEAN as refusal:
            said.append(str(refusal))
    assert all(said)
    return len(said)


@cache
def pack_files() -> dict[str, bytes]:
    """Return the sample pack with a few topics of its knowledge base: the rest is read in the same way."""
    files = dict(_files(sample_pack(), ""))
    topics = sorted(name for name in files if name.startswith("faq/"))
    return {name: content for name, content in files.items() if name not in topics[3:]}


def test_packs() -> None:
    files = pack_files()

    def read(broken: tuple[str, bytes]) -> None:
        Pack.from_files({**files, broken[0]: broken[1]})

    for number, name in enumerate(sorted(files)):
        inputs = ((name, content) for content in many(SEED + number, 12, spoilt_bytes, [files[name]]))
        refused_cleanly(read, inputs)


LIST = """name,email,country,role,language
Director-General (made up),dg@fiji.example,FJI,focal_point,en
Focal point (made up),focal@kaz.example,KAZ,delegate,ru
Officer (made up),officer@bank.example,CHE,partner,fr
"""
EXPORT = """ID,Name,Email Address,Affiliation,Country,Position,Registration state,Role
1,"Made-up, Delegate",one@fiji.example,Ministry,Fiji,Director,Completed,delegate
2,"Made-up, Other",two@kaz.example,Agency,Kazakhstan,Head,Pending,focal point
"""


def as_xlsx(text: str) -> bytes:
    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append(line.split(","))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_registration_lists() -> None:
    vocabulary = sample_snapshot().vocabulary
    good = [LIST.encode(), EXPORT.encode(), EXPORT.encode("utf-16")]
    inputs = many(SEED, 240, spoilt_bytes, good)
    assert refused_cleanly(lambda content: read_people("list.csv", content, vocabulary), inputs) > 80
    cells = (as_xlsx(text.replace("\x00", "").replace("\x1b", "")) for text in _printable(30))
    refused_cleanly(lambda content: read_people("list.xlsx", content, vocabulary), cells)
    inputs = many(SEED, 80, spoilt_bytes, [as_xlsx(LIST), as_xlsx(EXPORT)])
    assert refused_cleanly(lambda content: read_people("list.xlsx", content, vocabulary), inputs) > 30


def _printable(count: int) -> list[str]:
    """Return broken lists of which a spreadsheet program can still write the cells."""
    texts = many(SEED, count, spoilt_text, [LIST, EXPORT])
    return ["".join(char for char in text if char.isprintable() or char == "\n") for text in texts]


def test_batches_of_json_lines(tmp_path: Path) -> None:
    file = tmp_path / "batch.jsonl"
    good = b'{"id": "1", "text": "where is the venue"}\n\n{"id": "2", "text": "wifi?", "country": "FJI"}\n'

    def read(content: bytes) -> None:
        file.write_bytes(content)
        jsonl.rows(file, {"id": str, "text": str}, among={"country": ("FJI", "WSM")})

    assert refused_cleanly(read, many(SEED, 1500, spoilt_bytes, [good])) > 500


SETTINGS = {
    "database_url": "postgresql://somebody:secret@localhost/saphan",
    "as_of": "2022-09-13T10:42+07:00",
    "public_url": "https://forum.example",
    "allowed_hosts": "forum.example, other.example",
    "secretariat": "telegram:12345, slack:U0123, desk@forum.example",
    "approval_above": "200",
    "quiet_hours": "22:00-07:00",
    "telegram_rate": "30",
    "telegram_api_url": "http://127.0.0.1:8081",
    "slack_api_url": "http://127.0.0.1:8082/api/",
    "smtp_url": "smtp+starttls://somebody:secret@mail.example:587",
    "mail_from": "forum@host.example",
    "mode": "development",
    "secret_key": "k" * 40,
}


def test_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    def read(setting: tuple[str, str]) -> None:
        monkeypatch.setenv(f"SAPHAN_{setting[0].upper()}", setting[1])
        read_settings()

    for number, (name, value) in enumerate(SETTINGS.items()):
        inputs = many(SEED + number, 60, spoilt_text, [value])
        refused_cleanly(read, ((name, broken) for broken in inputs if fits_an_environment(broken)))
        monkeypatch.delenv(f"SAPHAN_{name.upper()}", raising=False)


def fits_an_environment(text: str) -> bool:
    """Tell whether an environment can hold *text*; bytes that are no UTF-8 it can."""
    with suppress(UnicodeEncodeError):
        os.fsencode(text)
        return "\0" not in text
    return False


UPDATES: Sequence[Any] = (
    telegram.said("where is room B"),
    telegram.said("/start abc"),
    telegram.edited("we need cold rooms"),
    telegram.tapped("r1:2"),
    telegram.changed("member", "kicked"),
    telegram.heard(location={"latitude": 13.7, "longitude": 100.5}),
    telegram.heard(photo=[{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}], caption="look"),
)


def test_telegram_s_updates() -> None:
    me = Me(1, "forum_bot")

    def read(raw: Any) -> None:
        chat_of(raw if isinstance(raw, dict) else {})
        # Without a number of its own it is no update: the webhook refuses it, and nobody polls one.
        update = readable(raw) if isinstance(raw, dict) and "update_id" in raw else None
        inbound = heard(update, me, NOW) if update is not None else None
        if isinstance(inbound, Inbound):
            assert Inbound.from_json(json.loads(json.dumps(inbound.to_json()))) == inbound

    refused_cleanly(read, many(SEED, 2500, spoilt_json, UPDATES))


WORDS: Sequence[str] = (
    "in Fiji, Samoa and the two Koreas",
    "quarter past two tomorrow",
    "12:30, 13 September",
    "482 917",
    "AB2C-9XYZ",
    "N-0012",
    "22:00-07:00",
    "<b>Lunch</b> &amp; <i>coffee</i>",
    "Dear {{ name }}, {% if country == 'Fiji' %}bula{% endif %} see {{ room }}",
    "smtp+starttls://name:word@mail.example:587",
)
READERS: dict[str, Callable[[str], object]] = {
    "countries": lambda text: all_read(text, sample_snapshot().vocabulary),
    "times": lambda text: read_time(a_turn(text), text),
    "proofs": links.proof_in,
    "what is hidden": links.hidden,
    "printed codes": links.plain_code,
    "markup": lambda text: list(markup.spans(text)),
    "escaped markup": lambda text: markup.plain(markup.escape(text)),
    "own texts": own_text.read,
    "numbers of announcements": read_number,
    "numbers of statements": row_of,
    "numbers": to_row,
}


@pytest.mark.parametrize("reader", READERS)
def test_words(reader: str) -> None:
    refused_cleanly(READERS[reader], many(SEED, 400, spoilt_text, WORDS))


def test_what_is_escaped_comes_back_as_it_was() -> None:
    for text in many(SEED, 2000, spoilt_text, WORDS):
        assert markup.plain(markup.escape(text)) == text


def test_questions_and_needs() -> None:
    know = sample_snapshot()
    goods = (
        "where is the venue",
        "we need cold rooms for vaccines in Fiji and training for 12 nurses by March",
    )
    for text in many(SEED, 100, spoilt_text, goods):
        know.understand(text)
        know.answers.ask(text)
