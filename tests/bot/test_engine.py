import json
from datetime import timedelta
from typing import Any

import pytest

from bot.commands import ChooseLanguage, Command
from bot.conversation import Conversation
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, go, hand_over, perform, say
from bot.engine import (
    Advanced,
    Answer,
    Back,
    Cancel,
    Discard,
    Engine,
    Enter,
    Event,
    Perform,
    Remark,
    Repeat,
    Resume,
)
from bot.errors import NotAllowed, Refused
from tests.bot.factories import MORNING, a_turn


def ask_colour(_turn: Turn) -> Saying:
    return say("colour?")


def hear_colour(turn: Turn) -> Move:
    return go(turn, SIZE, colour=turn.text)


def ask_size(turn: Turn) -> Saying:
    return say("size?", colour=turn.slots["colour"])


def hear_size(turn: Turn) -> Move:
    if turn.text == "again":
        return go(turn, COLOUR)
    return finish(say("ordered", **turn.slots, size=turn.text))


COLOUR = Step("colour", ask_colour, hear_colour)
SIZE = Step("size", ask_size, hear_size)
HAT = Dialogue("hat", lambda turn: go(turn, COLOUR), (COLOUR, SIZE), kept=True)
NAME = Step("name", lambda _: say("name?"), lambda turn: finish(say("hello", name=turn.text)))
GREETING = Dialogue("greeting", lambda turn: go(turn, NAME), (NAME,))
TIME = Dialogue("time", lambda _: finish(say("noon")))
SWITCH = Dialogue(
    "switch",
    lambda _: perform(ChooseLanguage("ru"), lambda _turn, result: finish(say("done", result=result))),
)
DETOUR = Dialogue("detour", lambda _: hand_over("hat", say("this way"), shop="A"))
LOOP = Dialogue("loop", lambda _: hand_over("loop"))

ENGINE = Engine({one.name: one for one in (HAT, GREETING, TIME, SWITCH, DETOUR, LOOP)})


def no_command(command: Command) -> None:
    raise AssertionError(f"nobody expected {command}")


def after(*events: tuple[Event, str] | Event, conversation: Conversation | None = None) -> Advanced:
    """Return what the last of the events came to; a pair carries what was written."""
    advanced = Advanced(conversation or Conversation(), ())
    for one in events:
        event, text = one if isinstance(one, tuple) else (one, "")
        advanced = ENGINE.advance(advanced.conversation, event, a_turn(text), no_command)
    return advanced


def words(advanced: Advanced) -> list[str]:
    return [saying.template for saying in advanced.says]


def test_a_dialogue_runs_to_its_first_question() -> None:
    advanced = after(Enter("hat"))
    assert words(advanced) == ["colour?"]
    assert advanced.asking == 0


def test_an_answer_leads_to_the_next_question_with_what_was_gathered() -> None:
    advanced = after(Enter("hat"), (Answer(), "red"))
    assert advanced.says == (say("size?", colour="red"),)


def test_the_last_answer_ends_the_dialogue() -> None:
    advanced = after(Enter("hat"), (Answer(), "red"), (Answer(), "large"))
    assert advanced.says == (say("ordered", colour="red", size="large"),)
    assert advanced.conversation.frame is None


def test_an_answer_that_nobody_waits_for_is_said_so() -> None:
    assert words(after((Answer(), "red"))) == ["shared/nothing_waits"]


def test_a_dialogue_that_is_only_a_remark_leaves_the_waiting_one_open_and_says_so() -> None:
    advanced = after(Enter("hat"), Enter("time"))
    assert advanced.says == (
        say("noon"),
        say("shared/still_open", dialogue="hat", step="colour", another=False),
    )
    assert advanced.conversation.frame is not None


def test_a_dialogue_that_asks_puts_the_waiting_one_aside_as_a_draft() -> None:
    advanced = after(Enter("hat"), (Answer(), "red"), Enter("greeting"))
    assert advanced.conversation.draft("hat", MORNING) is not None
    assert words(after(Resume("hat"), conversation=advanced.conversation)) == ["size?"]


@pytest.mark.parametrize("end", [(Answer(), "Ann"), Cancel()])
def test_what_was_interrupted_is_offered_again_when_the_other_dialogue_ends(end: Event) -> None:
    advanced = after(Enter("hat"), (Answer(), "red"), Enter("greeting"), end)
    assert advanced.says[-1] == say("shared/still_open", dialogue="hat", step="size", another=False)


def test_what_was_cancelled_is_not_offered_again() -> None:
    advanced = after(Enter("hat"), (Answer(), "red"), Cancel(), Enter("greeting"), (Answer(), "Ann"))
    assert words(advanced) == ["hello"]


def test_a_dialogue_that_is_not_kept_leaves_no_draft() -> None:
    advanced = after(Enter("greeting"), Enter("hat"))
    assert advanced.conversation.drafts == ()


def test_cancelling_keeps_the_draft_for_a_day() -> None:
    advanced = after(Enter("hat"), (Answer(), "red"), Cancel())
    assert advanced.says == (say("shared/cancelled", edit=True, kept=True, dialogue="hat"),)
    conversation = advanced.conversation
    assert conversation.draft("hat", MORNING + timedelta(hours=23)) is not None
    assert conversation.draft("hat", MORNING + timedelta(hours=24)) is None


def test_cancelling_what_is_not_kept_leaves_nothing() -> None:
    advanced = after(Enter("greeting"), Cancel())
    assert advanced.says == (say("shared/cancelled", edit=True, kept=False, dialogue="greeting"),)
    assert advanced.conversation == Conversation()


def test_there_may_be_nothing_to_cancel() -> None:
    assert words(after(Cancel())) == ["shared/nothing_to_cancel"]


def test_a_draft_can_be_deleted() -> None:
    advanced = after(Enter("hat"), Cancel(), Discard("hat"), Resume("hat"))
    assert words(advanced) == ["shared/no_draft"]


def test_resuming_takes_up_the_newest_draft_when_none_is_named() -> None:
    assert words(after(Enter("hat"), (Answer(), "red"), Cancel(), Resume())) == ["size?"]


def test_continuing_what_already_waits_asks_its_question_again() -> None:
    assert words(after(Enter("hat"), Resume("hat"))) == ["colour?"]


def test_back_returns_to_the_question_before_with_what_was_known_then() -> None:
    advanced = after(Enter("hat"), (Answer(), "red"), Back())
    assert words(advanced) == ["colour?"]
    assert advanced.conversation.frame is not None
    assert advanced.conversation.frame.slots == {}


def test_back_at_the_first_question_asks_it_again() -> None:
    assert words(after(Enter("hat"), Back())) == ["colour?"]


def test_a_step_that_comes_a_second_time_does_not_lengthen_the_way_back() -> None:
    advanced = after(Enter("hat"), (Answer(), "red"), (Answer(), "again"), (Answer(), "blue"))
    assert advanced.conversation.frame is not None
    assert [step for step, _ in advanced.conversation.frame.trail] == ["colour"]


def test_a_question_is_repeated_after_a_remark_of_its_own() -> None:
    advanced = after(Enter("hat"), Repeat((say("once more"),)))
    assert words(advanced) == ["once more", "colour?"]
    assert advanced.asking == 1


def test_a_remark_leaves_the_conversation_where_it_is() -> None:
    before = after(Enter("hat"))
    advanced = after(Remark((say("by the way"),)), conversation=before.conversation)
    assert words(advanced) == ["by the way"]
    assert advanced.conversation == before.conversation


def test_a_commands_result_goes_to_what_follows() -> None:
    done: list[Command] = []

    def carry_out(command: Command) -> str:
        done.append(command)
        return "kept"

    advanced = ENGINE.advance(Conversation(), Enter("switch"), a_turn(), carry_out)
    assert advanced.says == (say("done", result="kept"),)
    assert done == [ChooseLanguage("ru")]


def test_another_dialogue_can_take_over_with_slots() -> None:
    advanced = after(Enter("detour"))
    assert words(advanced) == ["this way", "colour?"]
    assert advanced.conversation.frame is not None
    assert advanced.conversation.frame.dialogue == "hat"
    assert advanced.conversation.frame.slots == {"shop": "A"}


def test_dialogues_that_hand_over_for_ever_are_an_error() -> None:
    with pytest.raises(RuntimeError, match="does not come to a wait"):
        after(Enter("loop"))


def test_a_step_that_no_longer_exists_starts_the_dialogue_again_with_an_apology() -> None:
    conversation = after(Enter("hat"), (Answer(), "red")).conversation
    older = Engine({"hat": Dialogue("hat", HAT.open, (COLOUR,), kept=True)})
    advanced = older.advance(conversation, Answer(), a_turn("large"), no_command)
    assert words(advanced) == ["shared/began_again", "colour?"]
    assert advanced.asking == 1


def test_a_refusal_goes_to_the_step_that_can_tell_it_and_a_missing_right_does_not() -> None:
    def refusing(error: Refused) -> Perform:
        def refuse(_command: Command) -> Any:
            raise error

        return refuse

    told = Dialogue(
        "told",
        lambda _: perform(
            ChooseLanguage("ru"),
            lambda _turn, _: finish(say("done")),
            refused=lambda _turn, why: finish(say("no", why=str(why))),
        ),
    )
    engine = Engine({"told": told})
    advanced = engine.advance(Conversation(), Enter("told"), a_turn(), refusing(Refused("too late")))
    assert [(saying.template, saying.values) for saying in advanced.says] == [("no", {"why": "too late"})]
    with pytest.raises(NotAllowed):
        engine.advance(Conversation(), Enter("told"), a_turn(), refusing(NotAllowed("not you")))


def test_a_dialogue_that_no_longer_exists_is_left_with_an_apology() -> None:
    conversation = after(Enter("greeting")).conversation
    advanced = Engine({"hat": HAT}).advance(conversation, Answer(), a_turn("Ana"), no_command)
    assert words(advanced) == ["shared/began_again"]
    assert advanced.conversation.frame is None


def test_a_conversation_is_the_same_after_it_was_kept_as_json() -> None:
    conversation = after(Enter("hat"), (Answer(), "red"), Enter("greeting")).conversation
    assert Conversation.from_json(json.loads(json.dumps(conversation.to_json()))) == conversation


def test_a_second_one_of_a_kind_leaves_the_first_as_a_draft_and_offers_it_at_the_end() -> None:
    first = run(Conversation(), Enter("hat"), then="red")
    second = run(first.conversation, Enter("hat"), then="blue")
    done = ENGINE.advance(second.conversation, Answer(), a_turn(text="M"), no_command)
    assert words(done) == ["ordered", "shared/still_open"]
    assert done.says[-1].values["another"]
    draft = done.conversation.draft("hat", MORNING)
    assert draft is not None
    assert draft.frame.slots["colour"] == "red"


def run(conversation: Conversation, event: Event, then: str) -> Advanced:
    """Return where *event*, and then the word *then*, lead."""
    opened = ENGINE.advance(conversation, event, a_turn(), no_command)
    return ENGINE.advance(opened.conversation, Answer(), a_turn(text=then), no_command)
