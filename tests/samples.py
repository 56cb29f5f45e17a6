"""What the pack that ships knows, as the assistant has it, learnt once for all processes of a run; and its words."""

import atexit
import fcntl
import os
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from adapters import wiring
from adapters.settings import Settings
from bot.dialogues import DIALOGUES
from bot.routing import Router
from bot.snapshots import ready, snapshot_of
from bot.wording import Wording
from bot.words import Words
from knowledge.forum import Coordinates
from knowledge.loaders.pack import read_pack
from knowledge.sample import sample_pack
from knowledge.snapshot import Snapshot

FOLDER = "TESTS_LEARNT"
"""The variable of the environment that names the folder which the processes of a run share."""


def share_what_is_learnt() -> None:
    """Have this process, and those that it starts, keep in one folder what takes time to learn."""
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="saphan-learnt-")
        atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)


@cache
def learnt_database() -> Path:
    """Return a database that holds the sample pack and what was learnt from it; take a copy to write into."""
    share_what_is_learnt()
    folder = Path(os.environ[FOLDER])
    database, unfinished = folder / "saphan.db", folder / "unfinished.db"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not database.exists():
            settings = Settings(_env_file=None, database_url=f"sqlite:///{unfinished}")
            with wiring.open_store(settings) as store:
                ready(wiring.open_snapshot(settings, store), store)
            unfinished.rename(database)
    return database


@cache
def sample_snapshot() -> Snapshot:
    """Return the snapshot of the sample pack, everything built that a turn asks for."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(learnt_database(), folder)
        with wiring.open_store(Settings(_env_file=None, database_url=f"sqlite:///{copy}")) as store:
            return snapshot_of(read_pack(sample_pack()), store).prepared()


def snapshot_at(place: Coordinates) -> Snapshot:
    """Return the same where the pack says that the venue stands at *place*."""
    know = sample_snapshot()
    return know._sharing(replace(know, forum=replace(know.forum, coordinates=place)))


@cache
def words_only_snapshot() -> Snapshot:
    """Return the same where the sentence encoder is not installed."""
    return Snapshot.of(read_pack(sample_pack())).prepared()


@cache
def wording() -> Wording:
    """Return the words of the assistant, read once."""
    return Wording()


@cache
def router() -> Router:
    """Return what finds the conversation that words ask for, its words read once."""
    return Router(Words.read(), DIALOGUES)
