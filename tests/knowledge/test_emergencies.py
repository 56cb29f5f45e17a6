"""Words of somebody who needs help this minute are told from those that only speak of it."""

import pytest

from knowledge.answers import Answer, Answers
from knowledge.emergencies import emergency_in
from knowledge.snapshot import Snapshot

HELP = """
I need an ambulance|need ambulence|somebody collapsed|someone fainted|heart attack|call a doctor|I need a doctor
my colleague is having a heart attack|he is not breathing|he can't breathe|a woman has chest pains
a man collapsed near the cafeteria, call an ambulance please|a delegate has passed out in the lobby
appelez une ambulance|crise cardiaque|quelqu'un s'est effondré|il ne respire plus|une personne s’est évanouie
вызовите скорую|человек упал и не дышит|у человека сердечный приступ в зале B|мне нужен врач, болит сердце
快叫救护车|我同事心脏病发作了|有人晕倒了|B会议室有人晕倒了|มีคนเป็นลม|เรียกรถพยาบาล|panggil ambulans|ada orang pingsan
"""
DANGER = """
fire!|there is a fire in the building|there is smoke on the second floor|someone has a gun|stuck in the lift
il y a le feu|пожар на втором этаже|着火了|B会议室着火了|ไฟไหม้|kebakaran
"""
NEITHER = """
offer: emergency medical training|we need ambulances for our islands|who trains doctors|we need doctors|doctors
heart attack prevention programme|training for heart attack care|fire brigade training|fire engines for Fiji|fire safety
we need help against forest fires|earthquake early warning|earthquake|first aid|where is the medical room|the gun law
bomb disposal training for police|is there a doctor on site|help|need|room b|I need a visa|my flight is delayed
crise climatique|нам нужны врачи|подготовка врачей|пожарная безопасность|培训医生|我们需要救护车设备|消防培训|地震预警
...
"""


def cases(written: str) -> list[str]:
    return [text for line in written.strip().splitlines() for text in line.split("|")]


@pytest.mark.parametrize(
    ("text", "key"),
    [(text, "first_aid") for text in cases(HELP)] + [(one, "emergency") for one in cases(DANGER)],
)
def test_a_cry_for_help_is_one_in_any_language(text: str, key: str) -> None:
    assert emergency_in(text) == key


@pytest.mark.parametrize("text", cases(NEITHER))
def test_what_a_country_needs_gives_or_asks_is_none(text: str) -> None:
    assert emergency_in(text) is None


def test_it_is_answered_with_certainty_and_marked(snapshot: Snapshot) -> None:
    found = snapshot.answers.ask("somebody collapsed in room B")
    assert isinstance(found, Answer)
    assert (
        found.key,
        found.urgent,
        snapshot.answers.hits("somebody collapsed in room B", limit=2)[0].score,
    ) == (
        *("first_aid", True),
        100,
    )


def test_entries_without_one_for_it_are_asked_as_always(snapshot: Snapshot) -> None:
    others = {key: entry for key, entry in list(snapshot.entries.items())[:3] if key != "first_aid"}
    found = Answers(others).ask("somebody collapsed")
    assert not (isinstance(found, Answer) and found.urgent)
