"""The terminal as a channel: what it prints, what it passes on, and how it behaves in a pipe and on a screen."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from io import StringIO

import pytest
from rich.console import Console

from adapters.terminal import Screen, Terminal, converse, harmless
from bot.errors import Down, Unreachable
from bot.messages import (
    Address,
    Attachment,
    Card,
    Choice,
    Field,
    Immediate,
    Inbound,
    Opened,
    Outbound,
    Tap,
    Text,
)
from tests import PATIENCE

PROGRAM = [sys.executable, "-m", "tests.adapters.terminal_program"]
NADIA = Address("terminal", "nadia")
ROOM_B = Card(
    ref="r1",
    lang="en",
    heading="Room B, first floor.",
    body="Session 2 starts in <b>3 minutes</b> &amp; ends at 12:00.\nFrom registration: up one floor.",
    fields=(Field("Step-free", "yes"), Field("Desk", "ground floor")),
    choices=(
        (Choice("plan", "Floor plan"), Choice("else", "I am somewhere else")),
        (Choice("/desk", "Call"),),
    ),
    note="Programme of 12 September.",
)
PRINTED = """\
Room B, first floor.
Session 2 starts in 3 minutes & ends at 12:00.
From registration: up one floor.
Step-free: yes
Desk: ground floor
Programme of 12 September.
  1  Floor plan
  2  I am somewhere else
  3  Call

"""


def screen(*, colours: bool = False, width: int = 80) -> Console:
    system = "standard" if colours else None
    return Console(file=StringIO(), force_terminal=colours, color_system=system, width=width, highlight=False)


def shown(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def outbound(card: Card, address: Address = NADIA) -> Outbound:
    return Outbound(1, address, address.user, card)


async def printed(card: Card, console: Console | None = None) -> str:
    console = console or screen()
    await Terminal("nadia", console).send(outbound(card))
    return shown(console)


async def test_a_card_is_printed_with_its_choices_numbered_from_one() -> None:
    assert await printed(ROOM_B) == PRINTED


async def test_on_a_screen_the_heading_is_bold_and_the_small_print_dim() -> None:
    text = await printed(ROOM_B, screen(colours=True))
    assert "\x1b[1mRoom B, first floor.\x1b[0m" in text
    assert "in \x1b[1m3 minutes\x1b[0m & ends" in text
    assert "\x1b[2mProgramme of 12 September.\x1b[0m" in text


async def test_a_card_is_known_by_its_ref() -> None:
    assert await Terminal("nadia", screen()).send(outbound(ROOM_B)) == "r1"


async def test_a_file_is_printed_as_its_name_and_description() -> None:
    plan = Attachment("plan.png", "image/png", b"", "Room B is above the desk.")
    assert await printed(Card("r1", "en", attachment=plan)) == "plan.png: Room B is above the desk.\n\n"


async def test_square_brackets_and_emoji_names_are_printed_as_they_are() -> None:
    card = Card(
        "r1", "en", body="[bold]not bold[/bold] :smile: [link=x]", choices=((Choice("a", "[red]A"),),)
    )
    assert await printed(card) == "[bold]not bold[/bold] :smile: [link=x]\n  1  [red]A\n\n"


@pytest.mark.parametrize(
    "text",
    ["\x1b[31mred", "\x1b]0;title\x07", "\x9b31m", "over\rwritten", "back\b\bspace", "\x00", "\u202egnp.exe"],
)
async def test_nothing_in_a_text_is_obeyed_by_the_terminal(text: str) -> None:
    card = Card("r1", "en", text, text, (Field(text, text),), ((Choice("a", text),),), text)
    output = await printed(card)
    assert set("\x00\x07\b\r\x1b\x9b\u202e") & set(output) == set()
    assert output.count(harmless(text)) == 6


def test_words_of_every_script_stay_as_they_are() -> None:
    text = "ห้อง B\tชั้น 1\nनमस्ते 👩🏽‍💻 مرحبا\u200f 房间"
    assert harmless(text) == text


async def test_wide_characters_count_as_two_columns() -> None:
    text = await printed(Card("r1", "zh", body="会议室在一楼请上楼"), screen(colours=True, width=10))
    assert text == "会议室在一\n楼请上楼\n\n"


async def test_a_card_for_somebody_else_waits() -> None:
    console = screen()
    with pytest.raises(Down):
        await Terminal("nadia", console).send(outbound(ROOM_B, Address("terminal", "tomas")))
    assert shown(console) == ""


async def test_a_closed_terminal_is_out_of_reach() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    broken = open(writing, "w")  # noqa: ASYNC230, PTH123, SIM115
    terminal = Terminal("nadia", Screen(file=broken, highlight=False))
    with pytest.raises(Unreachable):
        await terminal.send(outbound(ROOM_B))
    with pytest.raises(BrokenPipeError):
        broken.close()


async def test_lines_are_passed_on_one_by_one_each_after_the_answer_to_the_one_before() -> None:
    story: list[object] = []

    async def receive(inbound: Inbound) -> Immediate | None:
        story.append((inbound.heard, inbound.address, inbound.chat, inbound.locale))
        return Immediate(toast="Noted.")

    async def settled(address: Address) -> None:
        story.append(address)

    async def lines() -> AsyncIterator[str]:
        for line in ("where is room b\n", "  \n", "2\n", "/quit\n", "never heard\n"):
            yield line

    console = screen()
    await converse(Terminal("nadia", console), receive, settled, lines(), locale="fr")
    assert story == [
        (Opened(), NADIA, "nadia", "fr"),
        NADIA,
        (Text("where is room b"), NADIA, "nadia", "fr"),
        NADIA,
        (Text("2"), NADIA, "nadia", "fr"),
        NADIA,
    ]
    assert shown(console) == "Noted.\n\n" * 3


async def test_every_line_has_a_key_of_its_own() -> None:
    keys = []

    async def receive(inbound: Inbound) -> None:
        keys.append(inbound.key)

    async def settled(address: Address) -> None:
        return

    async def lines() -> AsyncIterator[str]:
        yield "again"
        yield "again"

    await converse(Terminal("nadia", screen()), receive, settled, lines(), greet=False)
    assert (len(keys), len(set(keys))) == (2, 2)


def test_in_a_pipe_the_answers_come_in_order_and_without_colours() -> None:
    said = "one\n\ntwo\nห้อง 房间\n\x1b[31mred\nlong\n"
    done = subprocess.run(PROGRAM, input=said.encode(), capture_output=True, timeout=PATIENCE)
    assert done.stdout.decode() == (
        "You said: one\n\nOne.\n\nTwo.\n\nYou said: ห้อง 房间\n\nYou said: \ufffd[31mred\n\n"
        + "word " * 60
        + "\n\n"
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_last_line_of_a_pipe_counts_without_its_end_and_broken_bytes_do_not_hurt() -> None:
    done = subprocess.run(PROGRAM, input=b"caf\xe9\nlast", capture_output=True, timeout=PATIENCE)
    assert done.stdout.decode() == "You said: caf\ufffd\n\nYou said: last\n\n"
    assert done.returncode == 0


def test_a_pipe_may_end_with_quit() -> None:
    done = subprocess.run(
        [*PROGRAM, "--greet"], input=b"/quit\nnever\n", capture_output=True, timeout=PATIENCE
    )
    assert done.stdout.decode() == "Welcome\n  1  Rooms\n  2  房间\n\n"
    assert (done.returncode, done.stderr) == (0, b"")


class Person:
    """Who sits at a real terminal: what they see, and their keyboard."""

    def __init__(self, fd: int, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.seen = ""
        self._fd = fd

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def wait_for(self, text: str) -> None:
        """Read on until *text* was seen; what came before it is forgotten."""
        while text not in self.seen:
            assert select.select([self._fd], [], [], 30)[0], f"{text!r} did not come: {self.seen!r}"
            self.seen += os.read(self._fd, 4096).decode()
        self.seen = self.seen.partition(text)[2]


@contextmanager
def in_terminal() -> Iterator[Person]:
    master, slave = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "60", "NO_COLOR": ""}
    with subprocess.Popen(
        [*PROGRAM, "--greet"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        start_new_session=True,
        # A suite that runs in the background is told to ignore it, and hands that on.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    ) as process:
        os.close(slave)
        try:
            yield Person(master, process)
        finally:
            process.kill()
            os.close(master)


def test_on_a_screen_the_person_is_welcomed_and_asked() -> None:
    with in_terminal() as terminal:
        terminal.wait_for("\x1b[1mWelcome\x1b[0m")
        terminal.wait_for("> ")
        terminal.type("房间\n")
        terminal.wait_for("You chose: 1")
        terminal.wait_for("> ")
        terminal.type("/quit\n")
        assert terminal.process.wait(30) == 0


def test_control_d_leaves() -> None:
    with in_terminal() as terminal:
        terminal.wait_for("> ")
        terminal.type("\x04")
        assert terminal.process.wait(30) == 0


def test_a_card_that_comes_by_itself_does_not_swallow_the_question_mark() -> None:
    with in_terminal() as terminal:
        terminal.wait_for("> ")
        terminal.type("later\n")
        terminal.wait_for("> ")
        terminal.wait_for("\r\nThe room has changed.")
        terminal.wait_for("> ")


def test_an_interrupt_ends_it_at_once_while_it_waits_for_the_keyboard() -> None:
    with in_terminal() as terminal:
        terminal.wait_for("> ")
        terminal.process.send_signal(signal.SIGINT)
        terminal.wait_for("KeyboardInterrupt")
        assert terminal.process.wait(30) in (130, -signal.SIGINT)
        assert "Fatal Python error" not in terminal.seen


async def test_a_number_or_a_label_chooses_from_what_was_offered_last_whoever_offered_it() -> None:
    terminal = Terminal("mele", Console(file=StringIO()))
    answer = Card("r1", "en", body="Which?", choices=((Choice("a", "Room A"), Choice("b", "Room B")),))
    news = Card("r2", "en", body="May I introduce you?", choices=((Choice("yes", "Yes, introduce us"),),))
    for card in (answer, news):
        await terminal.send(Outbound(1, terminal.address, "mele", card))
    assert terminal.meant("1") == Tap("r2", 0, "r2")
    assert terminal.meant("2") == Text("2")
    assert terminal.meant("Room B") == Tap("r1", 1, "r1")
    assert terminal.meant("room b") == Text("room b")
    terminal.heard()
    assert terminal.meant("Room B") == Text("Room B")
    assert terminal.meant("1") == Tap("r2", 0, "r2")
