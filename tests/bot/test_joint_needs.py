"""What several countries need is found among the open needs, for the secretariat's joint projects."""

from bot.commands import Statement
from bot.joint_needs import joint_needs
from bot.live import Live
from tests.samples import sample_snapshot


def needs(*countries: str) -> list[Live]:
    text = "training of technicians for desalination plants"
    return [
        Live(Statement("need", text, country, themes=("water_sanitation",), number=f"N-{n:04d}"), False, True)
        for n, country in enumerate(countries, 1)
    ]


def test_a_need_of_three_countries_makes_a_joint_project() -> None:
    (found,) = joint_needs(needs("KIR", "TON", "KIR", "MHL"), sample_snapshot())
    assert found.countries == ("KIR", "TON", "MHL")
    assert [one.number for one in found.statements] == ["N-0001", "N-0002", "N-0003", "N-0004"]


def test_the_need_of_two_makes_none() -> None:
    assert joint_needs(needs("KIR", "TON", "KIR"), sample_snapshot()) == ()
