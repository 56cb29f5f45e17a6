"""Every reason for which an officer may be refused something has a sentence in the officer's language."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from bot.dialogue import say
from bot.errors import Refused
from bot.reasons import Name, because
from knowledge.vocabulary import LANGUAGES, Localised
from tests.samples import wording, words_only_snapshot

AT = datetime(2022, 9, 13, 7, 15, tzinfo=UTC)
STANDING = {"number": "B-0003", "state": "paused"}
SESSION = {"session": Localised(en="Session 3", fr="Séance 3", ru="Заседание 3", zh="第三场会议")}
VALUES: dict[Name, dict[str, Any]] = {
    "unknown": {"number": "B-0003"},
    "not_running": STANDING,
    "not_paused": STANDING,
    "undo_instead": STANDING,
    "nothing_to_stop": STANDING,
    "announce_anew": STANDING,
    "nothing_to_correct": STANDING,
    "past_use_by": {"number": "B-0003"},
    "not_out": {"number": "B-0003"},
    "not_confirmable": {"number": "B-0003"},
    "own_approval": {"number": "B-0003"},
    "awaits_approval": {"number": "B-0003"},
    "audience_unknown": {"heard": "s9"},
    "no_safety_message": {"template": "lunch"},
    "time_passed": {"at": AT},
    "use_by_too_early": {"use_by": AT, "starts": AT},
    "attachment_undescribed": {"file": "map.png"},
    "attachment_empty": {"file": "map.png"},
    "attachment_too_big": {"file": "map.png", "size": "10.1", "most": "10"},
    "no_chat": {},
    "session_gone": {},
    "room_gone": {},
    "cancelled_already": SESSION,
    "ends_before_it_begins": SESSION,
    "unchanged": SESSION,
    "english_missing": {"lang": "en"},
    "empty": {"lang": "fr"},
    "too_long": {"length": 3001, "most": 3000},
    "unshown_sign": {},
    "unreadable": {"possible": "name"},
    "not_possible": {"what": "loop", "possible": "name", "lang": "fr", "line": 3},
    "not_of_everyone": {"field": "name", "right": '{{ name|default("…") }}'},
    "unknown_mark": {"mark": "<u>"},
    "misplaced_mark": {"mark": "</b>"},
    "open_mark": {"mark": "<b>", "close": "</b>"},
    "too_many_ifs": {"most": 8},
    "too_many_conditions": {"most": 40},
    "needs_session": {"field": "session.title"},
    "no_role": {"heard": "chef", "roles": "delegate, media"},
    "no_country": {"heard": "Fidji", "meant": "Fiji"},
    "nothing_left": {},
    "missing": {"slot": "place"},
    "wrong": {"heard": "room-z", "slot": "room"},
    "same_room": {"slot": "before"},
    "ends_too_early": {"slot": "until"},
}
STATES = (
    "awaiting",
    "held",
    "running",
    "left",
    "paused",
    "undone",
    "cancelled",
    "withdrawn",
    "merged",
    "late",
)


def told(refused: Refused, lang: str) -> str:
    saying = say("announcement/refused", number="B-0003", reasons=refused.reasons)
    return wording().card(saying, lang, "1.0", words_only_snapshot()).body


def test_each_reason_is_looked_at_here() -> None:
    assert list(VALUES) == list(get_args(Name))


@pytest.mark.parametrize("name", VALUES)
def test_an_officer_reads_a_reason_in_their_language(name: Name) -> None:
    refused = Refused(because(name, "see: saphan broadcast", **VALUES[name]))
    sentences = [told(refused, lang) for lang in LANGUAGES]
    assert len(set(sentences)) == len(LANGUAGES)
    assert all(len(sentence.split(": ")[-1]) > 3 and "\n" not in sentence for sentence in sentences)


@pytest.mark.parametrize("state", STATES)
def test_where_an_announcement_stands_is_said_first(state: str) -> None:
    reason = because("nothing_to_correct", "", number="B-0003", state=state)
    for lang in LANGUAGES:
        assert told(Refused(reason), lang).count("B-0003") == 1


def test_all_that_is_wrong_is_said_with_its_place() -> None:
    wrong = because("not_possible", "no loop", what="{% for %}", possible="if, else")
    refused = Refused(wrong.at("fr, line 3: ", lang="fr", line=3), because("missing", "none", slot="place"))
    assert told(refused, "en").splitlines() == [
        "Français, line 3: “{% for %}” is not possible here. Possible are only: if, else",
        "Place: This is missing.",
    ]
    assert str(refused) == "fr, line 3: no loop\nnone"


def test_what_only_the_command_line_can_be_refused_is_said_in_general() -> None:
    assert told(Refused("give --slot"), "en") == "This cannot be done as it stands."
