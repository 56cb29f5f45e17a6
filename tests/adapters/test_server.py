"""`saphan serve` as whoever runs it sees it: a real process, real HTTP, real signals."""

import re
import signal
import socket
from contextlib import ExitStack

import httpx
import pytest

from tests import forks
from tests.installation import environment


class Served:
    """A server that was started, and what it said so far."""

    def __init__(self, database, *words, **settings):
        self.process = forks.start(
            ("serve", "--port", "0", *words), database.parent, environment(database, **settings)
        )
        self.said = ""

    def until(self, words):
        """Read on until a line holds *words*; return that line."""
        for line in self.process.stdout:
            self.said += line.decode()
            if words in line.decode():
                return line.decode()
        raise AssertionError(f"it never said {words!r}:\n{self.said}")

    @property
    def url(self):
        line = re.search(r"http://[\d.:]+", self.said) or re.search(
            r"http://[\d.:]+", self.until("Browser chat:")
        )
        return line[0]

    def stop(self, with_signal=signal.SIGTERM):
        """Stop it and return its exit code; what it says at the end is kept."""
        self.process.send_signal(with_signal)
        return self.ended()

    def ended(self):
        """Return its exit code once it has ended by itself; what it says at the end is kept."""
        self.said += self.process.stdout.read().decode()
        return self.process.wait()


@pytest.fixture
def serve(database):
    with ExitStack() as started:

        def start(*words, **settings):
            served = Served(database, *words, **settings)
            started.enter_context(served.process)
            return served

        yield start


def test_it_says_what_is_on_where_and_what_to_do_next(serve):
    served = serve()
    served.until("Ctrl-C stops.")
    lines = served.said.splitlines()
    assert (
        lines[0]
        == "Saphan serves Asia-Pacific Directors-General Forum on South-South and Triangular Cooperation."
    )
    assert lines[1] == "Clock: 13 September 2022, 08:30, Bangkok time (rehearsal clock)."
    assert lines[2].startswith("Browser chat: http://127.0.0.1:")


def test_it_is_live_and_ready(serve):
    served = serve()
    served.until("Ctrl-C stops.")
    assert httpx.get(f"{served.url}/health/live").json() == {"status": "live"}
    assert httpx.get(f"{served.url}/health/ready").json()["status"] == "ready"


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly_even_with_an_open_page(serve, with_signal):
    served = serve()
    served.until("Ctrl-C stops.")
    with httpx.Client(base_url=served.url) as browser:
        browser.get("/")
        with browser.stream("GET", "/chat/events") as stream:
            assert stream.status_code == 200
            assert served.stop(with_signal) == 0
    assert served.said.splitlines()[-1] == "Stopped. Nothing was lost."
    assert "Traceback" not in served.said


def test_no_log_holds_the_token_of_a_link(serve):
    served = serve()
    served.until("Ctrl-C stops.")
    token = "a-token-that-opens-a-door" + "x" * 18
    for method in ("GET", "HEAD", "POST", "DELETE"):
        httpx.request(method, f"{served.url}/link/{token}")
    httpx.get(f"{served.url}/nowhere/{token}")
    assert served.stop() == 0
    assert token not in served.said


def test_a_second_one_for_the_same_data_is_refused_in_one_sentence(serve):
    serve().until("Ctrl-C stops.")
    second = serve()
    assert second.ended() == 1
    assert "another `saphan serve` already sends for" in second.said


def test_a_port_that_is_taken_is_refused_with_the_remedy(serve):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        served = serve("--port", str(port))
        assert served.ended() == 1
    assert f"port {port} of 127.0.0.1 is taken; choose another: --port {port + 1}" in served.said


def test_an_address_of_another_machine_is_refused_with_the_remedy(serve):
    served = serve("--host", "192.0.2.1")
    assert served.ended() == 1
    assert (
        "of 192.0.2.1 (Cannot assign requested address); choose others: --host 127.0.0.1 --port 8000"
        in served.said
    )


def test_a_dead_platform_is_one_clear_line_and_the_others_go_on(serve):
    served = serve(
        SAPHAN_TELEGRAM_TOKEN="1:made-up",
        SAPHAN_TELEGRAM_API_URL="http://127.0.0.1:9",
        SAPHAN_SLACK_BOT_TOKEN="xoxb-made-up",
        SAPHAN_SLACK_APP_TOKEN="xapp-made-up",
        SAPHAN_SLACK_API_URL="http://127.0.0.1:9/api/",
    )
    served.until("Ctrl-C stops.")
    assert httpx.get(f"{served.url}/").status_code == 200
    assert served.stop() == 0
    assert "Traceback" not in served.said
    assert "made-up" not in served.said


def test_the_clock_can_be_set(serve):
    served = serve("--as-of", "2022-09-13T14:00+07:00")
    assert served.until("Clock:") == "Clock: 13 September 2022, 14:00, Bangkok time (rehearsal clock).\n"


def test_the_command_line_goes_by_the_servers_clock(serve, saphan):
    """A half minute to undo is none when the two differ by more than that."""
    own = saphan("broadcast", "send", "--yes", "--text", "en=Hello", "--at", "2022-09-13T13:00")
    assert "leaves at 13 September, 13:00:00" in own.stdout
    serve("--as-of", "2022-09-13T14:00+07:00").until("Ctrl-C stops.")
    late = saphan("broadcast", "send", "--yes", "--text", "en=Bye", "--at", "2022-09-13T13:00")
    assert "13:00 on 13 September has passed" in late.stderr
