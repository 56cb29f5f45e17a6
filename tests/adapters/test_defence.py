"""What holds for every request over HTTP."""

import asyncio
from contextlib import suppress

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters import defence
from adapters.defence import HEADERS, defended, hosts_of


async def echo(request: Request) -> Response:
    body = b""
    with suppress(ClientDisconnect):
        body = await request.body()
    return PlainTextResponse(body, headers={"Referrer-Policy": "same-origin"})


def client(public_url: str = "", hosts: tuple[str, ...] = ()) -> httpx.AsyncClient:
    app = defended(Starlette(routes=[Route("/", echo, methods=["GET", "POST"])]), public_url, hosts)
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="https://forum.example")


async def test_every_answer_has_the_headers_and_a_page_may_say_more():
    async with client() as forum:
        for path in ("/", "/nowhere"):
            headers = (await forum.get(path)).headers
            assert {name: headers[name] for name in HEADERS if name != "Referrer-Policy"} == {
                name: value for name, value in HEADERS.items() if name != "Referrer-Policy"
            }
        assert (await forum.get("/")).headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("public_url", "told"), [("https://forum.example", True), ("http://localhost", False), ("", False)]
)
async def test_a_browser_stays_with_https_where_it_is_served(public_url, told):
    async with client(public_url) as forum:
        assert ("strict-transport-security" in (await forum.get("/")).headers) is told


async def test_a_request_under_a_strangers_name_is_refused():
    async with client(hosts=("forum.example", "*.unit.example")) as forum:
        for host, status in (
            ("forum.example", 200),
            ("forum.example:8000", 200),
            ("desk.unit.example", 200),
            ("evil.example", 400),
            ("forum.example.evil.example", 400),
            ("", 400),
        ):
            assert (await forum.get("/", headers={"host": host})).status_code == status


@pytest.mark.parametrize(
    ("public_url", "named", "production", "hosts"),
    [
        ("https://forum.example", (), True, ("forum.example",)),
        ("https://forum.example", ("desk.example",), True, ("desk.example",)),
        ("https://forum.example", (), False, ()),
        ("", (), True, ()),
        ("", ("desk.example",), False, ("desk.example",)),
    ],
)
def test_the_hosts_are_those_named_else_in_production_the_public_one(public_url, named, production, hosts):
    found = hosts_of(public_url, named, production)
    assert found == ((*hosts, *defence.THIS_MACHINE) if hosts else ())


async def test_a_body_that_does_not_arrive_ends(monkeypatch):
    monkeypatch.setattr(defence, "PATIENCE", 0.05)

    async def slow():
        yield b"half"
        await asyncio.sleep(30)

    async with client() as forum:
        answer = await forum.post("/", content=slow())
    assert answer.status_code == 408


async def test_a_body_that_arrives_is_read_whole():
    async with client() as forum:
        assert (await forum.post("/", content=b"whole")).text == "whole"
