"""`saphan introductions` and `saphan profiles`: what the secretariat does for those who look for partners."""

from pathlib import Path

import pytest

from bot.commands import Statement, StateOffer
from bot.database import Store
from bot.profile_commands import KeepProfile, Profile
from tests.bot.ledgers import perform
from tests.bot.pairs import Pair, pair, registered

__all__ = ["pair"]

FIRM = {"name": "Pumps & Co", "email": "desk@pumps.example", "country": "THA"}


@pytest.fixture
def store(database: Path):
    store = Store(f"sqlite:///{database}")
    yield store
    store.close()


def test_both_sides_are_asked_once(store: Store, pair: Pair, saphan):
    perform(store, StateOffer(Statement("offer", "Training", "TLS", readers="all")), pair.ana)
    for _ in range(2):
        offered = saphan("introductions", "offer", "n-1", "O-0001")
        assert offered.stdout == "I-0001: both are asked as soon as `saphan serve` runs.\n", offered.stderr
    listed = saphan("introductions", "list")
    assert listed.stdout == "I-0001  N-0001 x O-0001  asked  by the secretariat\n1 shown.\n"
    counted = saphan("introductions", "counts")
    assert counted.stdout == "introductions  waits: 0  asked: 1  introduced: 0  over: 0\n"


def test_what_others_do_not_see_brings_nobody_together(saphan):
    refused = saphan("introductions", "offer", "N-0009", "O-0009")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "N-0009" in refused.stderr
    assert saphan("introductions", "list").stdout.startswith("0 shown.")


def test_a_profile_of_the_private_sector_is_shown_and_hidden(store: Store, saphan):
    firm = registered(store, FIRM, role="private_sector")
    perform(store, KeepProfile(Profile("We sell pumps.")), firm)
    listed = saphan("profiles", "list").stdout
    assert listed.startswith("D-0001  Pumps & Co, THA\n        We sell pumps.\n1 shown.")
    shown = saphan("profiles", "show", "d-1")
    assert shown.stdout.startswith("D-0001: others see it. "), shown.stderr
    assert saphan("profiles", "list").stdout == "0 shown.\n"
    assert saphan("profiles", "hide", "D-0001").stdout.startswith("D-0001: others do not see it. ")
    assert saphan("profiles", "list").stdout == listed


def test_a_profile_that_is_not_there_is_refused(saphan):
    refused = saphan("profiles", "show", "D-9")
    assert (refused.returncode, refused.stderr) == (1, "there is no D-9; see: saphan profiles list\n")
