"""What somebody looks for, written as a command and read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.looking import SHOWN, Look, read
from knowledge.seeking import Sought
from tests.hostile import VALUES
from tests.samples import sample_snapshot

KNOW = sample_snapshot()
looks = st.builds(
    Look,
    st.builds(
        Sought,
        st.sampled_from(["provider", "practice"]),
        st.sampled_from(["", "nurses", "cold rooms, for vaccines"]),
        st.sampled_from(["", *KNOW.vocabulary.themes]),
        st.sampled_from(["", *KNOW.vocabulary.modalities]),
        st.sampled_from(["", "FJI", "LAO"]),
    ),
    st.sampled_from([0, SHOWN, 3 * SHOWN]),
    st.sampled_from(["", "theme", "form", "country"]),
)


@given(looks)
def test_a_look_that_is_written_out_reads_as_the_same(look: Look) -> None:
    words = look.command.partition(" ")[2]
    assert read(look.sought.kind, words, KNOW) == look


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_what_nobody_knows_is_a_word(value: str) -> None:
    look = read("provider", f"theme={value} from={value} by={value}", KNOW)
    assert (look.sought.theme, look.start, look.by) == ("", 0, "")


def test_another_value_of_a_filter_begins_at_the_first_hit() -> None:
    look = Look(Sought("provider", "nurses"), start=8, by="theme").where("theme", "energy")
    assert look == Look(Sought("provider", "nurses", theme="energy"))
