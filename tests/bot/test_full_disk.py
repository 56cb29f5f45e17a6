"""A disk that is full: what cannot be kept is refused, what has left is settled once there is room again."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.database import Store
from bot.messages import Address
from tests.bot.ledgers import Platform, a_store, over, people, queue, rows, sending, settled

SMALL = "size=3m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on a disk of three megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", SMALL, "tmpfs", folder], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs root, and a machine that permits it")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Take all that is free in *folder* and return the file that has it."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return path


def queue_on(store: Store) -> None:
    """Queue more than three megabytes."""
    for number in range(1000):
        queue(store, "1", f"{number} {'x' * 4000}")


async def test_what_a_full_disk_cannot_keep_is_refused_and_what_left_is_settled_later(
    small_disk: Path,
) -> None:
    store = a_store(small_disk)
    people(store, "1", "2")
    platform, opened = Platform(), asyncio.Event()
    platform.answers["2"].append(opened.wait)
    async with sending(store, platform) as sender:
        await sender.settled(Address("telegram", "2"))
        sender.offer(queue(store, "2", "in flight"))
        await platform.wait_until(lambda: len(platform.calls) == 1)
        filler = fill(small_disk)
        with pytest.raises(OperationalError, match="full"):
            await asyncio.to_thread(queue_on, store)
        opened.set()
        await platform.wait_for("in flight")
        filler.unlink()
        await settled(store, over)
    assert platform.refs().count("in flight") == 1
    assert {row.state for row in rows(store)} == {"sent"}
    store.close()
