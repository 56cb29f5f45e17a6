"""E-mail over a real mail server on a loopback port."""

import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.mail.channel import AtTheMailbox, Mail
from adapters.mail.server import Server
from bot import links
from bot.dialogue import say
from bot.errors import Ambiguous, Down, Fault, Rejected
from bot.keys import Keys
from bot.linking import NO_MAILBOX
from bot.messages import Address, Card, Outbound
from tests.adapters.mail.post import HOST, Box, Certificate, a_certificate, mail_server
from tests.samples import sample_snapshot, wording

KEYS = Keys(b"the key of these tests")
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
SEED = links.seed_of(7, NOW)
TO = "desk@ministry.example"
FROM = "Forum <forum@host.example>"
WORDING = wording()


def a_letter(lang: str = "en", to: str = TO) -> Outbound:
    saying = say("mail/login", seed=SEED, page=True, channel="telegram", minutes=20, at=NOW, rehearsal=False)
    card = WORDING.card(saying, lang, "link.7", sample_snapshot())
    return Outbound(1, Address("mail", to), to, card)


def a_channel(port: int, way: str = "smtp", login: str = "", tls: ssl.SSLContext | None = None) -> Mail:
    server = Server.read(f"{way}://{login}{HOST}:{port}")
    return Mail(server, FROM, keys=KEYS, public_url="https://forum.example/", now=lambda: NOW, tls=tls)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
async def port(box: Box) -> AsyncIterator[int]:
    async with mail_server(box) as port:
        yield port


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    return a_certificate()


async def test_a_letter_has_the_link_and_the_digits_as_text_and_as_html(box: Box, port: int) -> None:
    identity = await a_channel(port).send(a_letter())
    ((to, message),) = box.taken
    token, digits = links.token_of(KEYS, SEED), links.digits_of(KEYS, SEED)
    assert (to, message["To"], message["From"]) == (TO, TO, FROM)
    assert message["Subject"] == "Your link to the assistant of the Asia-Pacific DG Forum"
    assert message["Message-ID"] == identity == "<link.7@host.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    address = f"https://forum.example/link/{token}"
    assert f"Digits: {digits[:3]} {digits[3:]}\nLink: {address}\n" in text.get_content().replace("\r\n", "\n")
    assert f'<a href="{address}">{address}</a>' in html.get_content()
    assert f"{digits[:3]} {digits[3:]}</strong>" in html.get_content()
    assert "{{" not in text.get_content() + html.get_content()


@pytest.mark.parametrize(
    ("lang", "subject"),
    [
        ("en", "Your link to the assistant of the Asia-Pacific DG Forum"),
        ("fr", "Votre lien vers l’assistant"),
        ("ru", "Ваша ссылка для помощника"),
        ("zh", "您的助手链接"),
    ],
)
async def test_it_is_in_the_language_of_the_person(box: Box, port: int, lang: str, subject: str) -> None:
    await a_channel(port).send(a_letter(lang))
    ((_, message),) = box.taken
    assert (message["Content-Language"], subject in message["Subject"]) == (lang, True)
    html = message.get_body(("html",))
    assert html is not None
    assert f'<html lang="{lang}">' in html.get_content()


async def test_nothing_in_it_can_become_a_header_or_markup(box: Box, port: int) -> None:
    hostile = 'x\r\nBcc: all@ministry.example\r\n\r\n<script>alert("1")</script>'
    card = replace(a_letter().card, heading=hostile.replace("<", "&lt;"), body=hostile.replace("<", "&lt;"))
    await a_channel(port).send(replace(a_letter(), card=card))
    ((_, message),) = box.taken
    assert message["Bcc"] is None
    assert message["Subject"].startswith("x Bcc: all@ministry.example <script>")
    html = message.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()


async def test_starttls_encrypts_before_anything_is_said(box: Box, certificate: Certificate) -> None:
    async with mail_server(box, starttls=certificate.server, password="p@ss/word") as port:
        channel = a_channel(port, "smtp+starttls", "u:p%40ss%2Fword@", certificate.client)
        await channel.send(a_letter())
    assert (len(box.taken), box.encrypted) == (1, [True])


async def test_tls_from_the_start(box: Box, certificate: Certificate) -> None:
    async with mail_server(box, tls=certificate.server) as port:
        await a_channel(port, "smtps", tls=certificate.client).send(a_letter())
    assert len(box.taken) == 1


@pytest.mark.parametrize("way", ["smtps", "smtp+starttls"])
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    box: Box, certificate: Certificate, way: str
) -> None:
    tls = {"tls" if way == "smtps" else "starttls": certificate.server}
    async with mail_server(box, **tls) as port:
        channel = a_channel(port, way)
        with pytest.raises(Down, match="certificate"):
            await channel.send(a_letter())
    assert (box.taken, "certificate is not trusted" in channel.status) == ([], True)


async def test_a_server_that_cannot_encrypt_gets_nothing(box: Box, port: int) -> None:
    with pytest.raises(Down):
        await a_channel(port, "smtp+starttls").send(a_letter())
    assert "RCPT" not in box.commands


async def test_a_wrong_password_is_said_plainly(box: Box, certificate: Certificate) -> None:
    async with mail_server(box, starttls=certificate.server, password="right") as port:
        channel = a_channel(port, "smtp+starttls", "u:wrong@", certificate.client)
        with pytest.raises(Down):
            await channel.send(a_letter())
    assert channel.status.endswith("the mail server refuses the log-in.")
    assert "wrong" not in repr(channel._server)


async def test_mail_that_is_down_is_tried_again(box: Box) -> None:
    with socket.create_server((HOST, 0)) as taken:
        closed = taken.getsockname()[1]
    channel = a_channel(closed)
    with pytest.raises(Down):
        await channel.send(a_letter())
    assert channel.status.endswith("the mail server cannot be reached.")


@pytest.mark.parametrize(
    ("command", "answer", "fault"),
    [
        ("MAIL", "421 too busy", Down),
        ("MAIL", "550 relaying denied", Down),
        ("RCPT", "550 no such mailbox desk@ministry.example", Rejected),
        ("RCPT", "450 try later", AtTheMailbox),
        ("DATA", "554 refused", Rejected),
        ("DATA", "451 busy", AtTheMailbox),
        ("DATA", "hang up", Ambiguous),
    ],
)
async def test_each_answer_of_the_server_is_one_of_our_faults(
    box: Box, port: int, command: str, answer: str, fault: type[Fault]
) -> None:
    box.answers[command] = answer
    with pytest.raises(fault) as raised:
        await a_channel(port).send(a_letter())
    assert type(raised.value) is fault
    assert "ministry" not in str(raised.value)


async def test_a_letter_to_nobody_takes_the_same_way_and_never_leaves(box: Box, port: int) -> None:
    await a_channel(port).send(a_letter(to=f"{NO_MAILBOX}7"))
    assert (box.taken, box.commands) == ([], ["EHLO", "MAIL"])
    with socket.create_server((HOST, 0)) as taken:
        closed = taken.getsockname()[1]
    with pytest.raises(Down):
        await a_channel(closed).send(a_letter(to=f"{NO_MAILBOX}7"))


@pytest.mark.parametrize("answer", ["421 too busy", "550 relaying denied"])
async def test_a_server_that_takes_nothing_says_nothing_of_an_address(
    box: Box, port: int, answer: str
) -> None:
    box.answers["MAIL"] = answer
    channel = a_channel(port)
    said = []
    for to in (TO, f"{NO_MAILBOX}7"):
        with pytest.raises(Down) as raised:
            await channel.send(a_letter(to=to))
        said.append((raised.value.cause, str(raised.value), channel.status))
    assert said[0] == said[1]
    assert said[0][0] == "down"


async def test_a_link_that_works_no_more_is_not_sent(box: Box, port: int) -> None:
    channel = Mail(
        Server.read(f"smtp://{HOST}:{port}"), FROM, keys=KEYS, now=lambda: NOW + timedelta(minutes=20)
    )
    with pytest.raises(Rejected, match="expired"):
        await channel.send(a_letter())
    assert box.commands == []


def test_no_secret_stands_in_the_card() -> None:
    card = a_letter().card
    kept = repr(Card.to_json(card))
    assert links.token_of(KEYS, SEED) not in kept
    assert links.digits_of(KEYS, SEED) not in kept


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 25, "smtp")),
        ("smtps://u:p%40ss@mail.example", Server("mail.example", 465, "smtps", "u", "p@ss")),
        ("smtp+starttls://u@mail.example:2525/", Server("mail.example", 2525, "smtp+starttls", "u")),
    ],
)
def test_a_mail_server_is_read_from_its_url(url: str, server: Server) -> None:
    assert Server.read(url) == server


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://x:port", "smtp://x/y"]
)
def test_what_names_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"write smtp\+starttls://"):
        Server.read(url)
