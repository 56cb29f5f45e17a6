"""Who gets a conversation in the browser chat: nobody by a made-up cookie, and not a whole flood of people."""

import httpx
import pytest
from starlette.requests import Request

from adapters.webchat.visitor import network
from bot.limits import HOUR, Limit
from tests import PATIENCE
from tests.adapters.webchat.serving import Served
from tests.adapters.webchat.standin import WORDS, StandIn


def test_a_cookie_that_was_never_given_makes_nobody(server: Served, core: StandIn) -> None:
    for number in range(3):
        made_up = {"saphan": f"{number:043}"}
        answer = httpx.post(
            f"{server.url}/chat/messages", json={"key": "0123456789abcdef", "text": "hi"}, cookies=made_up
        )
        assert answer.status_code == 401
    assert core.received == []


def test_a_network_has_so_many_newcomers_an_hour(
    server: Served, core: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.webchat.visitor.Newcomers.__init__.__defaults__", (Limit("v", 3, HOUR),))
    server.stop()
    server.start()
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as known:
        assert [httpx.get(server.url).status_code for _ in range(2)] == [200, 200]
        assert known.get("/").status_code == 200
        refused = httpx.get(server.url, headers={"accept-language": "fr"})
        assert (refused.status_code, refused.text) == (429, WORDS["fr"]["crowded"])
        assert 0 < int(refused.headers["retry-after"]) <= 3600
        assert "set-cookie" not in refused.headers
        assert known.get("/").status_code == 200
    assert len(core.received) == 3


@pytest.mark.parametrize(
    ("host", "kept_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
        (None, ""),
    ],
)
def test_an_ipv6_house_is_one_network(host: str | None, kept_as: str) -> None:
    request = Request({"type": "http", "client": (host, 1) if host else None, "headers": []})
    assert network(request) == kept_as
